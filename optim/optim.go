// Package optim holds update rules, how weights follow their gradient, and schedules, how fast. It knows nothing of
// networks.
//
// A rule works on any part of a weight vector at a time, so that workers can share a training step, and treats every
// element alike, so that how they share it changes nothing.
package optim

import (
	"fmt"
	"slices"
	"strings"
)

// A Rule updates weights from gradients. It holds settings only; state belongs to the caller and starts at zero.
type Rule interface {
	// State names the vectors, each as long as the weights, that the rule keeps from one training step to the next.
	State() []string
	// Sparse says that a gradient of zero changes neither weight nor state, so that elements known to have none may be
	// left out.
	Sparse() bool
	// Step returns what all updates of training step n, counted from 1, have in common, at the given learning rate.
	Step(n int64, rate float64) Step
	// Update moves w against its gradient g, which stays as it is. state holds the vectors that State names. It reports
	// whether all of the gradient was finite; if not, w is worthless.
	Update(s Step, w, g []float32, state [][]float32) (finite bool)
}

// A Step is the numbers of one training step. Rule.Step makes it; the caller may set Scale, Clip and Bias.
type Step struct {
	Scale float32 // of the gradient, first of all; NormScale tells what clips the norm. Rule.Step sets 1
	Clip  float32 // then each element of the gradient to ±this; 0 means no limit
	Bias  bool    // the weights are a bias, which does not decay

	rate float32 // learning rate, times what the rule makes of it
	root float32 // adam's correction of the root
	keep float32 // what weight decay leaves
}

// newStep returns a step for rules to which all training steps are alike.
func newStep(rate float64) Step { return Step{Scale: 1, rate: float32(rate)} }

// An OuterProductRule is a rule without state that has a short cut for a gradient which is the outer product of x and dz, element
// i*len(dz)+j being FMA(x[i], dz[j], +0): half the work of computing it first, and the same bits. It is for steps with a
// Scale of 1.
type OuterProductRule interface {
	Rule
	UpdateOuter(s Step, w, x, dz []float32) (finite bool)
}

// A registration makes a rule known by name.
type registration struct {
	name, doc string
	rate      float64            // default learning rate
	takes     map[string]float64 // the hyperparameters it has, by name, with their defaults
	build     func(Settings) Rule
}

// registry lists every rule. The first is the default.
var registry = []registration{
	adam,
	adamw,
	rmsprop,
	adagrad,
	sgd,
	nesterov,
}

// find returns the rule of a name, or nil.
func find(name string) *registration {
	i := slices.IndexFunc(registry, func(r registration) bool { return r.name == name })
	if i < 0 {
		return nil
	}
	return &registry[i]
}

// Names returns the names of all rules.
func Names() []string {
	var names []string
	for _, r := range registry {
		names = append(names, r.name)
	}
	return names
}

// Describe lists all rules, a line each, for users.
func Describe() string {
	var lines []string
	for _, r := range registry {
		lines = append(lines, fmt.Sprintf("  %-9s %s (--lr %v)", r.name, r.doc, r.rate))
	}
	return strings.Join(lines, "\n")
}

// New returns the rule that s chooses.
func New(s Settings) (Rule, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return nil, err
	}
	return find(s.Optimizer).build(s), nil
}
