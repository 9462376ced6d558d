package optim

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// Adagrad divides each gradient by the root of the sum of its squares so far (Duchi, Hazan, Singer 2011):
//
//	s = s + g^2    w = w - lr g / sqrt(s + epsilon)
//
// Epsilon stands inside the root, where the notebook has it; PyTorch adds it outside.
type Adagrad struct {
	LearningRate float32
	Epsilon      float32
}

func newAdagrad(s Settings) (Rule, error) {
	if s.Epsilon == 0 {
		s.Epsilon = 1e-8
	}
	if !(s.Epsilon > 1e-37 && s.Epsilon < 1e30) { // below, it would be no float32, or 0/0 where g is 0
		return nil, fmt.Errorf("epsilon %v: must be between 1e-37 and 1e30", s.Epsilon)
	}
	if s.Momentum != 0 {
		return nil, fmt.Errorf("momentum %v: adagrad has none; choose --optimizer sgd", s.Momentum)
	}
	return Adagrad{float32(s.LearningRate), float32(s.Epsilon)}, nil
}

// State names s.
func (Adagrad) State() []string { return []string{"sum"} }

// Sparse is true: g = 0 adds nothing to s and moves nothing.
func (Adagrad) Sparse() bool { return true }

// Update is one step.
func (r Adagrad) Update(w, g []float32, state [][]float32, clip float32) (finite bool) {
	return f32.Adagrad(w, state[0], g, r.LearningRate, r.Epsilon, 1, clip)
}
