// Package optim holds update rules, which say how weights follow their gradient, and schedules, which say how fast. It knows
// nothing of networks.
//
// A rule works on any part of a weight vector at a time, so that workers can share a training step, and treats all elements
// alike, so that how they share it changes no bit.
//
// A new rule is a file with its RuleInfo, and its name in Rules; a new schedule a file with its ScheduleInfo, and its name in
// Schedules. Help texts and the tests of this package take both up from there. A rule's tests need its formula.
//
// All settings are complete: 0 means 0. Defaults and DefaultSchedule return what to begin with.
package optim

// A Rule updates weights from gradients. It holds hyperparameters only; its state belongs to the caller and starts at zero.
type Rule interface {
	// State names the vectors, each as long as the weights, that the rule keeps from one training step to the next.
	State() []string
	// Sparse reports whether a gradient of zero changes neither weight nor state, so that elements whose gradient is known to
	// be zero may be left out.
	Sparse() bool
	// Step returns what all updates of training step n, counted from 1, have in common at the given learning rate.
	Step(n int64, rate float64) Step
	// Update moves the weights w against their gradient g, which it leaves as it is. state holds the vectors that State names.
	// It reports whether all of the gradient was finite; if not, w is worthless.
	Update(s Step, w, g []float32, state [][]float32) (finite bool)
}

// A Step is what the updates of one training step have in common. Rule.Step makes it; the caller may set Scale, Clip and Bias.
type Step struct {
	Scale float32 // multiplies the gradient before anything else; ClipByNorm returns one. Rule.Step sets 1
	Clip  float32 // then limits each element of the gradient to ±Clip; 0 means no limit
	Bias  bool    // the weights are a bias, which does not decay

	rate float32 // learning rate, times what the rule makes of it
	root float32 // Adam's correction of the root
	keep float32 // what weight decay leaves of a weight
}

// newStep returns the step of a rule whose training steps are all alike.
func newStep(rate float64) Step { return Step{Scale: 1, rate: float32(rate)} }

// An OuterProductRule is a rule without state that has a fast path for a gradient which is the outer product of x and dz:
// element i*len(dz)+j of it is FMA(x[i], dz[j], +0). UpdateOuter does what Update does with such a gradient, to the same bits,
// in half the time it takes to compute the gradient first. The Scale of its step must be 1.
type OuterProductRule interface {
	Rule
	UpdateOuter(s Step, w, x, dz []float32) (finite bool)
}

// New returns the rule that s chooses, or the error of s.Check.
func New(s Settings) (Rule, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r, err := FindRule(s.Optimizer)
	if err != nil {
		return nil, err
	}
	return r.build(s), nil
}
