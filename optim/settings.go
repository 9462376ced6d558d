package optim

import (
	"fmt"
	"strings"
)

// Settings choose a rule. Zero values stand for defaults, which are the rule's own and PyTorch's. What a rule does not take
// must be zero.
type Settings struct {
	Optimizer    string  `json:"optimizer"`              // a name from Names; "" means adam
	LearningRate float64 `json:"lr"`                     // 0 means the rule's own default
	Momentum     float64 `json:"momentum,omitempty"`     // what is kept of the velocity
	Alpha        float64 `json:"alpha,omitempty"`        // rmsprop: what is kept of the mean square
	Beta1        float64 `json:"beta1,omitempty"`        // adam: what is kept of the mean gradient
	Beta2        float64 `json:"beta2,omitempty"`        // adam: what is kept of the mean square
	Epsilon      float64 `json:"epsilon,omitempty"`      // keeps divisors above zero
	WeightDecay  float64 `json:"weight_decay,omitempty"` // what a matrix loses in a training step, times the learning rate
}

// A Hyperparameter is a number that only some rules take, described for those who offer it to users.
type Hyperparameter struct {
	Name  string // as a flag
	doc   string
	of    func(*Settings) *float64
	check func(x float64) string // what it must be, or ""
}

var hyperparameters = []Hyperparameter{
	{"momentum", "share of the velocity that is kept", func(s *Settings) *float64 { return &s.Momentum }, share},
	{"alpha", "share of the mean square that is kept", func(s *Settings) *float64 { return &s.Alpha }, share},
	{"beta1", "share of the mean gradient that is kept", func(s *Settings) *float64 { return &s.Beta1 }, share},
	{"beta2", "share of the mean square that is kept", func(s *Settings) *float64 { return &s.Beta2 }, share},
	{"epsilon", "keeps divisors above zero", func(s *Settings) *float64 { return &s.Epsilon }, divisor},
	{"weight-decay", "what matrices, but not biases, lose in a training step, times the learning rate",
		func(s *Settings) *float64 { return &s.WeightDecay }, decay},
}

// share accepts what stays below 1 as a float32.
func share(x float64) string {
	if x >= 0 && float32(x) < 1 {
		return ""
	}
	return "must be at least 0 and below 1"
}

// divisor accepts what as a float32 is no denormal and leaves 0/x at 0.
func divisor(x float64) string {
	if x > 1e-37 && x < 1e30 {
		return ""
	}
	return "must be between 1e-37 and 1e30"
}

func decay(x float64) string {
	if x >= 0 && x <= maxRate {
		return ""
	}
	return fmt.Sprintf("must be 0 to %v", maxRate)
}

// Hyperparameters returns all of them.
func Hyperparameters() []Hyperparameter { return hyperparameters }

// Doc returns a line for users: what the hyperparameter does, and for which rules, with the defaults.
func (k Hyperparameter) Doc() string {
	var defaults []float64 // in the order of their first rule
	rules := map[float64][]string{}
	for _, r := range registry {
		if def, ok := r.takes[k.Name]; ok {
			if rules[def] == nil {
				defaults = append(defaults, def)
			}
			rules[def] = append(rules[def], r.name)
		}
	}
	var of []string
	for _, def := range defaults {
		of = append(of, fmt.Sprintf("%v for %s", def, strings.Join(rules[def], ", ")))
	}
	return k.doc + " (default " + strings.Join(of, "; ") + ")"
}

// In returns a pointer to the hyperparameter in s.
func (k Hyperparameter) In(s *Settings) *float64 { return k.of(s) }

// Default returns what a value of 0 stands for in a rule; ok says whether the rule is known and has the hyperparameter.
func (k Hyperparameter) Default(optimizer string) (value float64, ok bool) {
	if optimizer == "" {
		optimizer = registry[0].name
	}
	if r := find(optimizer); r != nil {
		value, ok = r.takes[k.Name]
	}
	return value, ok
}

// maxRate is far beyond any learning rate that trains a network.
const maxRate = 1000

// WithDefaults returns s with its defaults filled in, or an error that names the setting which is out of range.
func (s Settings) WithDefaults() (Settings, error) {
	if s.Optimizer == "" {
		s.Optimizer = registry[0].name
	}
	r := find(s.Optimizer)
	if r == nil {
		return s, fmt.Errorf("optimizer %q: there are %s", s.Optimizer, strings.Join(Names(), ", "))
	}
	if s.LearningRate == 0 {
		s.LearningRate = r.rate
	}
	if !(s.LearningRate > 0 && s.LearningRate <= maxRate) {
		return s, fmt.Errorf("learning rate %v: must be above 0 and at most %v", s.LearningRate, maxRate)
	}
	for _, k := range hyperparameters {
		if err := k.fill(&s, r); err != nil {
			return s, err
		}
	}
	if s.LearningRate*s.WeightDecay >= 1 {
		return s, fmt.Errorf("weight-decay %v: must be below 1/lr, which is %v, or nothing is left of a weight", s.WeightDecay, 1/s.LearningRate)
	}
	return s, nil
}

// fill checks a hyperparameter, or sets it to its default.
func (k Hyperparameter) fill(s *Settings, r *registration) error {
	value := k.of(s)
	def, takes := r.takes[k.Name]
	switch {
	case !takes && *value != 0:
		return fmt.Errorf("%s %v: %s has none; choose --optimizer %s", k.Name, *value, r.name, k.takers())
	case *value == 0:
		*value = def
	}
	if !takes {
		return nil
	}
	if must := k.check(*value); must != "" {
		return fmt.Errorf("%s %v: %s", k.Name, *value, must)
	}
	return nil
}

// takers lists the rules that have the hyperparameter.
func (k Hyperparameter) takers() string {
	var names []string
	for _, r := range registry {
		if _, ok := r.takes[k.Name]; ok {
			names = append(names, r.name)
		}
	}
	return alternatives(names)
}

// alternatives joins words: a, b or c.
func alternatives(words []string) string {
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
	return strings.Join(words, "")
}
