package rnn

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// gru is the gated recurrent unit (Cho and others 2014) as PyTorch has it, with the reset gate after the product:
//
//	z_t = W x_t + b    u_t = U h_(t-1), in blocks r, z, n
//	r, z = sigmoid(z_t + u_t + b')
//	n    = tanh(z_t + r (u_t + b'))
//	h_t  = (1-z) n + z h_(t-1)
//
// Both biases are trained: b' of n is one that r can switch off, and PyTorch trains those of r and z twice too. backward has
// the equations of f32.GRUGrad; carry is the part of dL/dh_(t-1) that does not pass through u_t.
var gru = CellInfo{
	Name: "gru", Doc: "gated recurrent unit, Cho and others 2014", RateFactor: 0.6,
	gates:      []Quantity{{"r", "sigmoid"}, {"z", "sigmoid"}, {"n", "tanh"}},
	splitGates: 1,
	build:      func(string) cell { return gruCell{} },
	formula: func(s cellStep) cellState {
		H := len(s.h)
		h, r, z, n := make([]float64, H), make([]float64, H), make([]float64, H), make([]float64, H)
		for j := range h {
			r[j] = sigmoid64(s.in[j] + s.rec[j])
			z[j] = sigmoid64(s.in[H+j] + s.rec[H+j])
			n[j] = math.Tanh(s.in[2*H+j] + r[j]*s.rec[2*H+j])
			h[j] = (1-z[j])*n[j] + z[j]*s.h[j]
		}
		return cellState{h: h, gates: [][]float64{r, z, n}}
	},
}

type gruCell struct{}

func (gruCell) forward(s *span, t int) {
	f32.GRU(s.z(t), s.u(t), s.fwd.splitBias, s.before, s.flat(s.fwd.y, t+1, s.H), s.H)
}

func (gruCell) backward(s *span, t int) {
	f32.GRUGrad(s.flat(s.grad.dz, t, 3*s.H), s.flat(s.fwd.u, t, 3*s.H), s.carry(), s.flat(s.grad.dy, t, s.H), s.flat(s.fwd.prev, t, s.H), s.H)
}
