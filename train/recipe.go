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

// Recipes lists every recipe. The notebook's draw all weights from a normal distribution of standard deviation 0.01, read
// the text as one stream and follow the gradient of a window's summed loss.
func Recipes() []Recipe {
	return []Recipe{
		{"notebook-srn", "the notebook's simple recurrent network: one time step, plain gradient descent", Settings{
			Network: rnn.Config{Cell: "elman", Activation: "sigmoid", Hidden: 128}, Init: rnn.Init{Normal: 0.01}, Sum: true, Batch: 1, Window: 1,
			Optimizer:   optim.Settings{Optimizer: "sgd", LearningRate: 0.1},
			ReportEvery: 10000, ReportEpochs: true, HowLong: HowLong{Epochs: 3},
		}},
		{"notebook-rnn", "the notebook's recurrent network: 15 time steps, clipped gradient, Adagrad", Settings{
			Network: rnn.Config{Cell: "elman", Activation: "sigmoid", Hidden: 128}, Init: rnn.Init{Normal: 0.01}, Sum: true, Batch: 1, Window: 15,
			Optimizer: optim.Settings{Optimizer: "adagrad", LearningRate: 0.1}, ClipValue: 1,
			ReportEvery: 1000, ReportEpochs: true, HowLong: HowLong{Epochs: 5},
		}},
	}
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
