// Package optim holds optimizers: update rules, which compute new weights from gradients, and schedules of the learning
// rate. It knows nothing of networks.
//
// A rule updates any part of a weight vector at a time, so workers can share a training step, and treats all elements alike,
// so the way they share it never changes a bit.
//
// A new rule is a file with its RuleInfo, and its name in Rules; a new schedule a file with its ScheduleInfo, and its name in
// Schedules. Help texts and the tests of this package take both up from there. A rule's tests need its formula.
//
// All settings are complete: 0 means 0. Start from Defaults and DefaultSchedule.
package optim

// A Rule updates weights from gradients. It holds hyperparameters only; its state belongs to the caller and starts at zero.
type Rule interface {
	// State returns the names of the rule's state vectors, each as long as the weights.
	State() []string
	// Sparse reports whether a gradient of zero changes neither weight nor state. Then elements with a gradient of zero may be
	// left out.
	Sparse() bool
	// Step returns the values that all updates of training step n, counted from 1, share at the given learning rate.
	Step(n int64, rate float64) Step
	// Update updates the weights w by their gradient g, which it does not change. state holds the vectors of State. It reports
	// whether all of the gradient was finite; if not, w is worthless.
	Update(s Step, w, g []float32, state [][]float32) (finite bool)
}

// A Step holds the values shared by the updates of one training step. Rule.Step makes it; the caller may set Scale, Clip and
// Bias.
type Step struct {
	Scale float32 // multiplies the gradient before anything else; ClipByNorm returns one. Rule.Step sets 1
	Clip  float32 // then limits each element of the gradient to ±Clip; 0 means no limit
	Bias  bool    // the weights are a bias: no weight decay

	rate float32 // learning rate, with the factor of the rule
	root float32 // Adam's correction of the root
	keep float32 // the share of a weight left by weight decay
}

// newStep returns a step at a rate, without scaling, clipping or decay.
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
	r, err := findRule(s.Optimizer)
	if err != nil {
		return nil, err
	}
	return r.build(s), nil
}
