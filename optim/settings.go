package optim

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// Settings choose a rule and its hyperparameters. They are complete: 0 means 0, and fields that a rule does not take must be
// 0. The Defaults of a rule are PyTorch's, except for the learning rate.
type Settings struct {
	Optimizer    string  `json:"optimizer"`              // a name from Rules
	LearningRate float64 `json:"lr"`                     // above 0
	Momentum     float64 `json:"momentum,omitempty"`     // share of the velocity kept
	Alpha        float64 `json:"alpha,omitempty"`        // rmsprop: share of the mean square that is kept
	Beta1        float64 `json:"beta1,omitempty"`        // adam, adamw: share of the mean gradient that is kept
	Beta2        float64 `json:"beta2,omitempty"`        // adam, adamw: share of the mean square that is kept
	Epsilon      float64 `json:"epsilon,omitempty"`      // added to divisors
	WeightDecay  float64 `json:"weight_decay,omitempty"` // adamw: what a matrix loses in a training step, times the learning rate
}

// Defaults returns the settings of the rule with this name, or an error that lists all names.
func Defaults(optimizer string) (Settings, error) {
	s := Settings{Optimizer: optimizer}
	r, err := findRule(optimizer)
	if err != nil {
		return s, err
	}
	s.LearningRate = r.rate
	for _, h := range hyperparameters {
		*h.In(&s) = r.defaults[h.Name]
	}
	return s, nil
}

// maxRate is far beyond any learning rate that trains a network.
const maxRate = 1000

// Check returns a *setting.Error that names the setting out of range, or nil.
func (s Settings) Check() error {
	r, err := findRule(s.Optimizer)
	if err != nil {
		return err
	}
	if !(s.LearningRate > 0 && s.LearningRate <= maxRate) {
		return setting.Errorf("%v is %v, must be above 0 and at most %v", lr, s.LearningRate, maxRate)
	}
	for _, h := range hyperparameters {
		if err := h.checkFor(r, *h.In(&s)); err != nil {
			return err
		}
	}
	if s.LearningRate*s.WeightDecay >= 1 {
		return setting.Errorf("%v is %v, must be below 1/%v, which is %v, or nothing is left of a weight",
			setting.Name("weight_decay"), s.WeightDecay, lr, 1/s.LearningRate)
	}
	return nil
}

const lr setting.Name = "lr"

// A Hyperparameter is a number that only some rules take, described for help texts.
type Hyperparameter struct {
	Name, Doc string // the name is that of its field in JSON

	in   func(*Settings) *float64
	must func(x float64) string // says what x must be, or "" if it is in range
}

var hyperparameters = []Hyperparameter{
	{"momentum", "share of velocity kept", func(s *Settings) *float64 { return &s.Momentum }, mustBeShare},
	{"alpha", "share of the mean square that is kept", func(s *Settings) *float64 { return &s.Alpha }, mustBeShare},
	{"beta1", "share of the mean gradient that is kept", func(s *Settings) *float64 { return &s.Beta1 }, mustBeShare},
	{"beta2", "share of the mean square that is kept", func(s *Settings) *float64 { return &s.Beta2 }, mustBeShare},
	{"epsilon", "added to divisors", func(s *Settings) *float64 { return &s.Epsilon }, mustBeDivisor},
	{"weight_decay", "a step takes this times the rate off matrices",
		func(s *Settings) *float64 { return &s.WeightDecay }, mustBeDecay},
}

// mustBeShare accepts numbers that are below 1 as a float32.
func mustBeShare(x float64) string {
	if x >= 0 && float32(x) < 1 {
		return ""
	}
	return "at least 0 and below 1"
}

// mustBeDivisor accepts numbers that are not denormal as a float32, so that 0/x is 0.
func mustBeDivisor(x float64) string {
	if x > 1e-37 && x < 1e30 {
		return ""
	}
	return "between 1e-37 and 1e30"
}

func mustBeDecay(x float64) string {
	if x >= 0 && x <= maxRate {
		return ""
	}
	return fmt.Sprintf("0 to %v", maxRate)
}

// Hyperparameters returns every hyperparameter.
func Hyperparameters() []Hyperparameter { return hyperparameters }

// In returns a pointer to the field of s.
func (h Hyperparameter) In(s *Settings) *float64 { return h.in(s) }

// Usage returns a line of help: what the hyperparameter does, and its default for each rule that takes it.
func (h Hyperparameter) Usage() string {
	var defaults []float64 // in the order of their first rule
	takers := map[float64][]string{}
	for _, r := range rules {
		if def, ok := r.defaults[h.Name]; ok {
			if takers[def] == nil {
				defaults = append(defaults, def)
			}
			takers[def] = append(takers[def], r.Name)
		}
	}
	var of []string
	for _, def := range defaults {
		of = append(of, fmt.Sprintf("%v for %s", def, strings.Join(takers[def], ", ")))
	}
	return h.Doc + " (default " + strings.Join(of, "; ") + ")"
}

// checkFor returns what is wrong with a value of h for a rule.
func (h Hyperparameter) checkFor(r RuleInfo, value float64) error {
	name := setting.Name(h.Name)
	if !r.has(h.Name) {
		if value == 0 {
			return nil
		}
		var takers []string
		for _, r := range rules {
			if r.has(h.Name) {
				takers = append(takers, r.Name)
			}
		}
		return setting.Errorf("%v is %v, but %s has none; choose %v %s",
			name, value, r.Name, setting.Name("optimizer"), setting.Alternatives(takers))
	}
	if must := h.must(value); must != "" {
		return setting.Errorf("%v is %v, must be %s", name, value, must)
	}
	return nil
}
