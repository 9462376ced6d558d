package train

import (
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Recipe is a set of settings with a name.
type Recipe struct {
	Name, Doc string
	Change    func(*Settings) // sets its fields, for Defaults
}

// Recipes returns every recipe: the default networks by length of training, and the notebook's two, which draw all weights
// from a normal distribution of standard deviation 0.01, read one stream, and sum the loss of a window.
func Recipes() []Recipe {
	var recipes []Recipe
	for _, s := range sizes {
		recipes = append(recipes, Recipe{s.name, s.doc, s.change})
	}
	return append(recipes,
		Recipe{"notebook-srn", "the notebook's simple recurrent network: one time step, plain gradient descent", func(s *Settings) {
			changeNotebook(s, "sgd")
			s.Window, s.ReportEvery, s.Budget.Epochs = 1, 10000, 3
		}},
		Recipe{"notebook-rnn", "the notebook's recurrent network: 15 time steps, clipped gradient, Adagrad", func(s *Settings) {
			changeNotebook(s, "adagrad")
			s.Window, s.ClipValue, s.ReportEvery, s.Budget.Epochs = 15, 1, 1000, 5
		}},
	)
}

func changeNotebook(s *Settings, optimizer string) {
	s.Network.Cell, s.Network.Activation, s.Network.Hidden, s.Network.Embedding = "elman", "sigmoid", 128, 0
	s.Init.Normal, s.Sum, s.Batch, s.ReportEpochs = 0.01, true, 1, true
	s.Optimizer.Optimizer, s.Optimizer.LearningRate = optimizer, 0.1
}

// change sets the network of a size.
func (z size) change(s *Settings) {
	s.TeacherShare = z.share
	n := &s.Network
	n.Cell, n.Hidden, n.Layers = z.network.Cell, z.network.Hidden, z.network.Layers
	if z.network.Block {
		n.Block, n.Tie, n.Conv = true, z.network.Tie, z.network.Conv
	}
}

// FindRecipe returns the recipe with this name, or an error that lists all names.
func FindRecipe(name string) (Recipe, error) {
	var names []string
	for _, r := range Recipes() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, setting.Errorf("%v is %q, must be %s", setting.Name("recipe"), name, setting.Alternatives(names))
}

// NetworkRecipe returns the name of the recipe that makes network n, or "" if none does.
func NetworkRecipe(n rnn.Config) string {
	for _, s := range sizes {
		network := s.network
		network.Symbols = n.Symbols
		if full, err := network.WithDefaults(); err == nil && full == n {
			return s.name
		}
	}
	return ""
}
