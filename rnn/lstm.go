package rnn

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// lstm is long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000, and without
// peepholes), as PyTorch has it:
//
//	z_t = W x_t + b + U h_(t-1), in blocks i, f, g, o
//	i, f, o = sigmoid z    g = tanh z
//	c_t = f c_(t-1) + i g
//	h_t = o tanh c_t
//
// backward has the equations of f32.LSTMGrad; carry is the part of dL/dc_t that comes from c_(t+1).
var lstm = CellInfo{
	Name: "lstm", Doc: "long short-term memory, Hochreiter and Schmidhuber 1997", ForgetGate: "f", RateFactor: 1,
	gates:  []Quantity{{"i", "sigmoid"}, {"f", "sigmoid"}, {"g", "tanh"}, {"o", "sigmoid"}},
	memory: true,
	build:  func(string) cell { return lstmCell{} },
	formula: func(s cellStep) cellState {
		H := len(s.h)
		h, c := make([]float64, H), make([]float64, H)
		i, f, g, o := make([]float64, H), make([]float64, H), make([]float64, H), make([]float64, H)
		for j := range h {
			z := func(block int) float64 { return s.in[block*H+j] + s.rec[block*H+j] }
			i[j], f[j], g[j], o[j] = sigmoid64(z(0)), sigmoid64(z(1)), math.Tanh(z(2)), sigmoid64(z(3))
			c[j] = f[j]*s.c[j] + i[j]*g[j]
		}
		for j, c := range s.memoryOut(c) {
			h[j] = o[j] * math.Tanh(c)
		}
		return cellState{h: h, c: c, gates: [][]float64{i, f, g, o}}
	},
}

type lstmCell struct{}

func (lstmCell) forward(s *span, t int) {
	c, cPrev, tanhC := s.flat(s.fwd.c, s.kept(t+1), s.H), s.flat(s.fwd.c, s.kept(t), s.H), s.flat(s.fwd.tanhC, s.kept(t), s.H)
	f32.LSTM(s.z(t), c, cPrev, tanhC, s.flat(s.fwd.y, t+1, s.H), s.H)
	if s.norm.memory != nil {
		s.lstmNormalized(t)
	}
}

func (lstmCell) backward(s *span, t int) {
	dh := s.flat(s.grad.dy, t, s.H)
	if s.norm.memory != nil {
		dh = s.lstmNormalizedBackward(t)
	}
	f32.LSTMGrad(s.flat(s.grad.dz, t, 4*s.H), s.carry(), dh, s.flat(s.fwd.c, t, s.H), s.flat(s.fwd.tanhC, t, s.H), s.H)
	if s.norm.memory != nil {
		s.setOutputGateGrad(t)
	}
}
