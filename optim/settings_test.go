package optim

import (
	"math"
	"strings"
	"testing"
)

func TestSettingsErrors(t *testing.T) {
	for _, tt := range []struct {
		settings Settings
		want     string
	}{
		{Settings{Optimizer: "adam2"}, `optimizer "adam2": there are adam, adamw, rmsprop, adagrad, sgd, nesterov`},
		{Settings{LearningRate: -1}, "learning rate -1: must be above 0 and at most 1000"},
		{Settings{LearningRate: math.NaN()}, "learning rate NaN: must be above 0 and at most 1000"},
		{Settings{LearningRate: 1e9}, "learning rate 1e+09: must be above 0 and at most 1000"},
		{Settings{Optimizer: "sgd", Momentum: 1}, "momentum 1: must be at least 0 and below 1"},
		{Settings{Optimizer: "nesterov", Momentum: -0.5}, "momentum -0.5: must be at least 0 and below 1"},
		{Settings{Momentum: 0.5}, "momentum 0.5: adam has none; choose --optimizer rmsprop, sgd or nesterov"},
		{Settings{Optimizer: "adam", WeightDecay: 0.1}, "weight-decay 0.1: adam has none; choose --optimizer adamw"},
		{Settings{Optimizer: "adamw", WeightDecay: -1}, "weight-decay -1: must be 0 to 1000"},
		{Settings{Optimizer: "adamw", LearningRate: 0.5, WeightDecay: 2}, "weight-decay 2: must be below 1/lr, which is 2, or nothing is left of a weight"},
		{Settings{Optimizer: "adam", Beta2: 1 - 1e-9}, "beta2 0.999999999: must be at least 0 and below 1"}, // it is 1 as a float32
		{Settings{Optimizer: "adam", Beta1: math.NaN()}, "beta1 NaN: must be at least 0 and below 1"},
		{Settings{Optimizer: "sgd", Alpha: 0.9}, "alpha 0.9: sgd has none; choose --optimizer rmsprop"},
		{Settings{Epsilon: -1}, "epsilon -1: must be between 1e-37 and 1e30"},
		{Settings{Epsilon: math.Inf(1)}, "epsilon +Inf: must be between 1e-37 and 1e30"},
	} {
		if _, err := New(tt.settings); err == nil || err.Error() != tt.want {
			t.Errorf("New(%+v): %v, want %s", tt.settings, err, tt.want)
		}
	}
}

// TestDefaultsStay: settings that are complete are not changed again, and are PyTorch's.
func TestDefaultsStay(t *testing.T) {
	for name, s := range variants(t) {
		again, err := s.WithDefaults()
		if err != nil || again != s {
			t.Errorf("%s: %+v becomes %+v, %v", name, s, again, err)
		}
	}
	got, err := Settings{Optimizer: "adamw", LearningRate: 0.5}.WithDefaults()
	if want := (Settings{Optimizer: "adamw", LearningRate: 0.5, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}); got != want || err != nil {
		t.Errorf("adamw's defaults are %+v, %v; want %+v", got, err, want)
	}
}

// TestHyperparametersAreKnown: each hyperparameter belongs to a rule, and each that a rule takes is listed.
func TestHyperparametersAreKnown(t *testing.T) {
	known := map[string]bool{}
	for _, k := range Hyperparameters() {
		known[k.Name] = true
		if k.takers() == "" {
			t.Errorf("no rule takes %s", k.Name)
		}
		if doc := k.Doc(); !strings.Contains(doc, "adam") && !strings.Contains(doc, "sgd") && !strings.Contains(doc, "rmsprop") {
			t.Errorf("%s: %q names no rule", k.Name, doc)
		}
	}
	for _, r := range registry {
		for name := range r.takes {
			if !known[name] {
				t.Errorf("%s takes %s, which is not listed", r.name, name)
			}
		}
	}
}
