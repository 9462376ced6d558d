package optim

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

func TestSettingsErrors(t *testing.T) {
	rulesWith := func(hyperparameter string) string {
		var names []string
		for _, r := range Rules() {
			if hyperparameter == "" || r.has(hyperparameter) {
				names = append(names, r.Name)
			}
		}
		return setting.Alternatives(names)
	}
	names := rulesWith("")
	with := func(optimizer string, change func(s *Settings)) Settings {
		s := defaults(t, optimizer)
		change(&s)
		return s
	}
	for _, tt := range []struct {
		settings Settings
		want     string
	}{
		{Settings{}, `optimizer is "", must be ` + names},
		{Settings{Optimizer: "adam2"}, `optimizer is "adam2", must be ` + names},
		{Settings{Optimizer: "sgd"}, "lr is 0, must be above 0 and at most 1000"},
		{with("adam", func(s *Settings) { s.LearningRate = -1 }), "lr is -1, must be above 0 and at most 1000"},
		{with("adam", func(s *Settings) { s.LearningRate = math.NaN() }), "lr is NaN, must be above 0 and at most 1000"},
		{with("adam", func(s *Settings) { s.LearningRate = 1e9 }), "lr is 1e+09, must be above 0 and at most 1000"},
		{with("sgd", func(s *Settings) { s.Momentum = 1 }), "momentum is 1, must be at least 0 and below 1"},
		{with("nesterov", func(s *Settings) { s.Momentum = -0.5 }), "momentum is -0.5, must be at least 0 and below 1"},
		{with("adam", func(s *Settings) { s.Momentum = 0.5 }), "momentum is 0.5, but adam has none; choose optimizer " + rulesWith("momentum")},
		{with("adam", func(s *Settings) { s.WeightDecay = 0.1 }), "weight_decay is 0.1, but adam has none; choose optimizer " + rulesWith("weight_decay")},
		{with("adamw", func(s *Settings) { s.WeightDecay = -1 }), "weight_decay is -1, must be 0 to 1000"},
		{with("adamw", func(s *Settings) { s.LearningRate, s.WeightDecay = 0.5, 2 }), "weight_decay is 2, must be below 1/lr, which is 2, or nothing is left of a weight"},
		{with("adam", func(s *Settings) { s.Beta2 = 1 - 1e-9 }), "beta2 is 0.999999999, must be at least 0 and below 1"}, // it is 1 as a float32
		{with("adam", func(s *Settings) { s.Beta1 = math.NaN() }), "beta1 is NaN, must be at least 0 and below 1"},
		{with("sgd", func(s *Settings) { s.Alpha = 0.9 }), "alpha is 0.9, but sgd has none; choose optimizer " + rulesWith("alpha")},
		{with("adam", func(s *Settings) { s.Epsilon = -1 }), "epsilon is -1, must be between 1e-37 and 1e30"},
		{with("adam", func(s *Settings) { s.Epsilon = 0 }), "epsilon is 0, must be between 1e-37 and 1e30"},
		{with("adam", func(s *Settings) { s.Epsilon = math.Inf(1) }), "epsilon is +Inf, must be between 1e-37 and 1e30"},
	} {
		if _, err := New(tt.settings); err == nil || err.Error() != tt.want {
			t.Errorf("New(%+v): %v, want %s", tt.settings, err, tt.want)
		}
	}
}

// TestZeroIsZero: what is set to 0 stays 0, where a rule may have it so.
func TestZeroIsZero(t *testing.T) {
	s := defaults(t, "adam")
	s.Beta1 = 0
	r, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.(adamRule).beta1; got != 0 {
		t.Errorf("beta1 of 0 became %v", got)
	}
}

// TestDefaults: they pass Check, and those of adamw are PyTorch's but for the learning rate.
func TestDefaults(t *testing.T) {
	for name, s := range variants(t) {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := Settings{Optimizer: "adamw", LearningRate: 0.002, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}
	if got := defaults(t, "adamw"); got != want {
		t.Errorf("adamw's defaults are %+v, want %+v", got, want)
	}
}

// TestHyperparametersAreKnown: each belongs to a rule, which its Usage names, and each that a rule takes is listed.
func TestHyperparametersAreKnown(t *testing.T) {
	known := map[string]bool{}
	for _, h := range Hyperparameters() {
		known[h.Name] = true
		if !slices.ContainsFunc(Rules(), func(r RuleInfo) bool { return r.has(h.Name) && strings.Contains(h.Usage(), r.Name) }) {
			t.Errorf("%s: %q names no rule that takes it", h.Name, h.Usage())
		}
	}
	for _, r := range Rules() {
		for name := range r.defaults {
			if !known[name] {
				t.Errorf("%s takes %s, which is not listed", r.Name, name)
			}
		}
	}
}
