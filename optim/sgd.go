package optim

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// SGD is gradient descent, with momentum as PyTorch writes it (Polyak 1964): v = mu v + g, w = w - lr v.
type SGD struct {
	LearningRate float32
	Momentum     float32 // mu; 0 means none, and then there is no v
}

func newSGD(s Settings) (Rule, error) {
	if !(s.Momentum >= 0 && s.Momentum < 1) {
		return nil, fmt.Errorf("momentum %v: must be at least 0 and below 1", s.Momentum)
	}
	return SGD{float32(s.LearningRate), float32(s.Momentum)}, nil
}

// State names v, if there is momentum.
func (r SGD) State() []string {
	if r.Momentum == 0 {
		return nil
	}
	return []string{"momentum"}
}

// Sparse is false with momentum: an old push moves a weight that has no gradient now.
func (r SGD) Sparse() bool { return r.Momentum == 0 }

// Update is one step.
func (r SGD) Update(w, g []float32, state [][]float32, clip float32) (finite bool) {
	if r.Momentum == 0 {
		return f32.SGD(w, g, r.LearningRate, clip)
	}
	return f32.Momentum(w, state[0], g, r.LearningRate, r.Momentum, clip)
}
