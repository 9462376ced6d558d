package train

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Recipe is a set of settings with a name.
type Recipe struct {
	Name, Doc string
	Settings  Settings
}

// Recipes lists every recipe: the networks that are defaults for some length of training, and the notebook's two, which draw
// all weights from a normal distribution of standard deviation 0.01, read the text as one stream and follow the gradient of
// a window's summed loss.
func Recipes() []Recipe {
	var recipes []Recipe
	for _, s := range sizes {
		recipes = append(recipes, Recipe{s.name, s.doc, Settings{Network: s.network}})
	}
	return append(recipes,
		Recipe{"notebook-srn", "the notebook's simple recurrent network: one time step, plain gradient descent", Settings{
			Network: rnn.Config{Cell: "elman", Activation: "sigmoid", Hidden: 128}, Init: rnn.Init{Normal: 0.01}, Sum: true, Batch: 1, Window: 1,
			Optimizer:   optim.Settings{Optimizer: "sgd", LearningRate: 0.1},
			ReportEvery: 10000, ReportEpochs: true, Budget: Budget{Epochs: 3},
		}},
		Recipe{"notebook-rnn", "the notebook's recurrent network: 15 time steps, clipped gradient, Adagrad", Settings{
			Network: rnn.Config{Cell: "elman", Activation: "sigmoid", Hidden: 128}, Init: rnn.Init{Normal: 0.01}, Sum: true, Batch: 1, Window: 15,
			Optimizer: optim.Settings{Optimizer: "adagrad", LearningRate: 0.1}, ClipValue: 1,
			ReportEvery: 1000, ReportEpochs: true, Budget: Budget{Epochs: 5},
		}},
	)
}

// FindRecipe returns the recipe with a name.
func FindRecipe(name string) (Recipe, error) {
	var names []string
	for _, r := range Recipes() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, fmt.Errorf("recipe %q: there are %s", name, strings.Join(names, ", "))
}

// RecipeOf returns the name of the recipe that is a default network, if n is one, or "".
func RecipeOf(n rnn.Config) string {
	for _, s := range sizes {
		network := s.network
		network.Symbols = n.Symbols
		if full, err := network.WithDefaults(); err == nil && full == n {
			return s.name
		}
	}
	return ""
}

// DescribeSizes lists the default networks, a line each, for users.
func DescribeSizes() string {
	var lines []string
	for _, s := range sizes {
		most := "longer"
		if s.most > 0 {
			most = fmt.Sprintf("up to %v", s.most)
		}
		lines = append(lines, fmt.Sprintf("  %-9s %-13s %s", s.name, most, s.doc))
	}
	return strings.Join(lines, "\n")
}
