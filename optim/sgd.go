package optim

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// SGD is plain gradient descent: w = w - lr g.
type SGD struct {
	LearningRate float32
}

// Momentum is gradient descent with a heavy ball as PyTorch writes it (Polyak 1964): v = mu v + g, w = w - lr v.
type Momentum struct {
	LearningRate float32
	Momentum     float32 // mu
}

func newSGD(s Settings) (Rule, error) {
	if !(s.Momentum >= 0 && s.Momentum < 1) {
		return nil, fmt.Errorf("momentum %v: must be at least 0 and below 1", s.Momentum)
	}
	if s.Momentum == 0 {
		return SGD{float32(s.LearningRate)}, nil
	}
	return Momentum{float32(s.LearningRate), float32(s.Momentum)}, nil
}

// State is empty.
func (SGD) State() []string { return nil }

// Sparse is true.
func (SGD) Sparse() bool { return true }

// Update is one step.
func (r SGD) Update(w, g []float32, _ [][]float32, clip float32) (finite bool) {
	return f32.SGD(w, g, r.LearningRate, 1, clip)
}

// UpdateOuter is Update for an outer product.
func (r SGD) UpdateOuter(w, x, dz []float32, clip float32) (finite bool) {
	return f32.SGDOuter(w, x, dz, r.LearningRate, 1, clip)
}

// State names v.
func (Momentum) State() []string { return []string{"momentum"} }

// Sparse is false: an old push moves a weight that has no gradient now.
func (Momentum) Sparse() bool { return false }

// Update is one step.
func (r Momentum) Update(w, g []float32, state [][]float32, clip float32) (finite bool) {
	return f32.Momentum(w, state[0], g, r.LearningRate, r.Momentum, 1, clip)
}
