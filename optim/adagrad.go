package optim

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// adagrad divides each gradient by the root of the sum of its squares so far (Duchi, Hazan, Singer 2011):
//
//	s = s + g^2    w = w - lr g / sqrt(s + epsilon)
//
// Epsilon stands inside the root, where the notebook has it; PyTorch adds it outside.
//
// The learning rate suits the gradient of a mean loss. With the notebook's 0.1, which is for the sum over 15 characters of one
// stream, the first training steps saturate a network of 256 units and it hardly learns: 3.2 nats after 10 epochs of play,
// instead of 0.8.
var adagrad = RuleInfo{
	Name: "adagrad", Doc: "each gradient divided by the root of the sum of its squares so far",
	rate: 0.02, defaults: map[string]float64{"epsilon": 1e-8},
	formula: func(s Settings) func(w, g float64, n int64) float64 {
		sum := 0.0
		return func(w, g float64, _ int64) float64 {
			sum += g * g
			return w - s.LearningRate*g/math.Sqrt(sum+s.Epsilon)
		}
	},
	build: func(s Settings) Rule { return adagradRule{float32(s.Epsilon)} },
}

// An adagradRule is sparse: a g of 0 adds nothing to the sum and moves nothing.
type adagradRule struct{ epsilon float32 }

func (adagradRule) State() []string                 { return []string{"sum"} }
func (adagradRule) Sparse() bool                    { return true }
func (adagradRule) Step(_ int64, rate float64) Step { return newStep(rate) }

func (r adagradRule) Update(s Step, w, g []float32, state [][]float32) (finite bool) {
	return f32.Adagrad(w, state[0], g, s.rate, r.epsilon, s.Scale, s.Clip)
}
