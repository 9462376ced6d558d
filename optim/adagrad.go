package optim

import "github.com/seed-f4dd853e/elman/internal/f32"

// Adagrad divides each gradient by the root of the sum of its squares so far (Duchi, Hazan, Singer 2011):
//
//	s = s + g^2    w = w - lr g / sqrt(s + epsilon)
//
// Epsilon stands inside the root, where the notebook has it; PyTorch adds it outside.
type Adagrad struct {
	Epsilon float32
}

// The rate suits the gradient of a mean loss: with the notebook's 0.1, which is for the sum over 15 characters of one
// stream, the first steps saturate a network of 256 units and it hardly learns (3.2 nats after 10 epochs of play, instead
// of 0.8).
var adagrad = registration{
	name: "adagrad", doc: "each gradient divided by the root of the sum of its squares so far",
	rate: 0.02, takes: map[string]float64{"epsilon": 1e-8},
	build: func(s Settings) Rule { return Adagrad{float32(s.Epsilon)} },
}

// State names s.
func (Adagrad) State() []string { return []string{"sum"} }

// Sparse is true: g = 0 adds nothing to s and moves nothing.
func (Adagrad) Sparse() bool { return true }

// Step is the same for all.
func (Adagrad) Step(_ int64, rate float64) Step { return newStep(rate) }

// Update is one step.
func (r Adagrad) Update(s Step, w, g []float32, state [][]float32) (finite bool) {
	return f32.Adagrad(w, state[0], g, s.rate, r.Epsilon, s.Scale, s.Clip)
}
