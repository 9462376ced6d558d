package rnn

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// elman is the simple recurrent network (Elman 1990, "Finding structure in time"), with gradients through time as in
// Rumelhart, Hinton and Williams 1986:
//
//	z_t  = W x_t + b + U h_(t-1)      h_t  = f(z_t)
//	dh_t = dy_t + U^T dz_(t+1)        dz_t = dh_t * f'(z_t)
//
// The derivative of each f is a function of h itself, so h is all that backward needs.
var elman = CellInfo{
	Name: "elman", Doc: "h = f(W x + U h' + b), Elman 1990",
	Activations: []string{"tanh", "sigmoid", "relu"}, RateFactor: 0.6,
	build: func(activation string) cell {
		switch activation {
		case "sigmoid":
			return elmanCell{f32.Sigmoid, f32.SigmoidGrad}
		case "relu":
			return elmanCell{f32.Relu, f32.ReluGrad}
		}
		return elmanCell{f32.Tanh, f32.TanhGrad}
	},
	formula: func(s cellStep) cellState {
		h := make([]float64, len(s.h))
		for i := range h {
			switch z := s.in[i] + s.rec[i]; s.activation {
			case "sigmoid":
				h[i] = sigmoid64(z)
			case "relu":
				h[i] = max(0, z)
			default:
				h[i] = math.Tanh(z)
			}
		}
		return cellState{h: h}
	},
}

type elmanCell struct {
	f    func(dst, x []float32)
	grad func(dz, dy, y []float32)
}

func (c elmanCell) forward(s *span, t int) {
	c.f(s.flat(s.fwd.y, t+1, s.H), s.z(t))
}

func (c elmanCell) backward(s *span, t int) {
	c.grad(s.flat(s.grad.dz, t, s.H), s.flat(s.grad.dy, t, s.H), s.flat(s.fwd.y, t+1, s.H))
}

// sigmoid64 is for formulas.
func sigmoid64(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
