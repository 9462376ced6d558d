// Package optim holds update rules: how weights follow their gradient. It knows nothing of networks.
//
// A rule works on any part of a weight vector at a time, so that workers can share a training step, and treats every
// element alike, so that how they share it changes nothing.
package optim

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Rule updates weights from gradients. It holds settings only; state belongs to the caller and starts at zero.
type Rule interface {
	// State names the vectors, each as long as the weights, that the rule keeps from one training step to the next.
	State() []string
	// Sparse says that a gradient of zero changes neither weight nor state, so that elements known to have none may be
	// left out.
	Sparse() bool
	// Update moves w against its gradient g, with each element of g clipped to ±clip first (0 means no limit). state
	// holds the vectors that State names. It reports whether all of g was finite; if not, w is worthless.
	Update(w, g []float32, state [][]float32, clip float32) (finite bool)
}

// An Outer is a rule without state that has a short cut for a gradient which is the outer product of x and dz, element
// i*len(dz)+j being FMA(x[i], dz[j], +0): half the work of computing it first, and the same bits.
type Outer interface {
	Rule
	UpdateOuter(w, x, dz []float32, clip float32) (finite bool)
}

// Settings choose a rule. Zero values stand for defaults.
type Settings struct {
	Optimizer    string  `json:"optimizer"`          // a name from Names; "" means adagrad
	LearningRate float64 `json:"lr"`                 // 0 means the rule's own default
	Momentum     float64 `json:"momentum,omitempty"` // of sgd, 0 to below 1; 0 means none
	Epsilon      float64 `json:"epsilon,omitempty"`  // of adagrad, under the root; 0 means 1e-8
}

// A registration makes a rule known by name.
type registration struct {
	name, doc string
	rate      float64 // default learning rate
	build     func(Settings) (Rule, error)
}

// registry lists every rule. The first is the default. Adagrad's rate suits the gradient of a mean loss: with the
// notebook's 0.1, which is for the sum over 15 characters of one stream, its first steps saturate a network of 256 units
// and it hardly learns (3.2 nats after 10 epochs of play, instead of 0.8).
var registry = []registration{
	{"adagrad", "each gradient divided by the root of the sum of its squares so far", 0.02, newAdagrad},
	{"sgd", "plain gradient descent, with momentum if asked for", 0.1, newSGD},
}

// maxRate is far beyond any learning rate that trains a network.
const maxRate = 1000

// Names returns the names of all rules.
func Names() []string {
	var names []string
	for _, r := range registry {
		names = append(names, r.name)
	}
	return names
}

// WithDefaults returns s with its defaults filled in, or an error that names the setting which is out of range.
func (s Settings) WithDefaults() (Settings, error) {
	if s.Optimizer == "" {
		s.Optimizer = registry[0].name
	}
	i := slices.IndexFunc(registry, func(r registration) bool { return r.name == s.Optimizer })
	if i < 0 {
		return s, fmt.Errorf("optimizer %q: there are %s", s.Optimizer, strings.Join(Names(), ", "))
	}
	if s.LearningRate == 0 {
		s.LearningRate = registry[i].rate
	}
	if !(s.LearningRate > 0 && s.LearningRate <= maxRate) {
		return s, fmt.Errorf("learning rate %v: must be above 0 and at most %v", s.LearningRate, maxRate)
	}
	_, err := registry[i].build(s)
	return s, err
}

// New returns the rule that s chooses.
func New(s Settings) (Rule, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(registry, func(r registration) bool { return r.name == s.Optimizer })
	return registry[i].build(s)
}

// NormScale returns the factor that brings a gradient of the given L2 norm down to limit: 1 where it is no longer than
// that, or the limit is 0 (Pascanu, Mikolov, Bengio 2013, algorithm 1).
func NormScale(norm, limit float32) float32 {
	if limit == 0 || !(norm > limit) {
		return 1
	}
	return limit / norm
}

// ClipNorm scales g to an L2 norm of at most limit and returns the norm it had. A limit of 0 only measures, and a norm
// that is not finite leaves g as it is, for the caller to stop on.
func ClipNorm(g []float32, limit float32) float32 {
	norm := float32(math.Sqrt(float64(f32.SumSquares(g))))
	if s := NormScale(norm, limit); s != 1 && !math.IsInf(float64(norm), 0) {
		f32.Scale(g, s)
	}
	return norm
}
