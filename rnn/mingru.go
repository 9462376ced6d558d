package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A minGRU is the minimal gated recurrent unit (Feng and others 2024, "Were RNNs all we needed?", arXiv 2410.01201, algorithm
// 1): its gates see the inputs alone, so that there is no product from one time step to the next.
//
//	z_t = W x_t + b, in blocks z, n
//	h_t = (1 - sigmoid z) h_(t-1) + sigmoid(z) n
//
// n is linear, as in the paper. Backward has the equations of f32.MinGRUGrad; the gradient of h_(t-1) waits in DS.
type minGRU struct{}

func newMinGRU(Config) (Cell, error) { return minGRU{}, nil }

func (minGRU) Shape() Shape { return Shape{Gates: 2, InputsOnly: true} }

func (minGRU) Forward(s *Span) {
	for t := range s.T {
		s.input(t)
		s.recur(t)
		f32.MinGRU(s.flat(s.Z, t, 2*s.H), s.flat(s.P, t, s.H), s.flat(s.Y, t+1, s.H), s.H)
	}
}

func (minGRU) Backward(s *Span) {
	dh := s.flat(s.DS, 0, s.H)
	clear(dh)
	for t := s.T - 1; t >= 0; t-- {
		s.slope(t, dh, nil)
		f32.MinGRUGrad(s.flat(s.DZ, t, 2*s.H), dh, s.flat(s.DY, t, s.H), s.flat(s.P, t, s.H), s.H)
		s.passBack(t)
	}
}
