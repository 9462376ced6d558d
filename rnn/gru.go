package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A gru is the gated recurrent unit (Cho and others 2014) as PyTorch has it, with the reset gate after the product:
//
//	z_t = W x_t + b    u_t = U h_(t-1), in blocks r, z, n
//	r, z = sigmoid(z_t + u_t + b')
//	n    = tanh(z_t + r (u_t + b'))
//	h_t  = (1-z) n + z h_(t-1)
//
// Both biases are trained: b' of n is one that r can switch off, and PyTorch trains those of r and z twice too. Backward
// has the equations of f32.GRUGrad. What of the gradient of h_(t-1) does not pass through u_t waits in DS.
type gru struct{}

func newGRU(Config) (Cell, error) { return gru{}, nil }

func (gru) Shape() Shape { return Shape{Gates: 3, Apart: 1} }

func (gru) Forward(s *Span) {
	for t := range s.T {
		s.input(t)
		s.recur(t)
		f32.GRU(s.flat(s.Z, t, 3*s.H), s.flat(s.U, t, 3*s.H), s.Bias, s.flat(s.P, t, s.H), s.flat(s.Y, t+1, s.H), s.H)
	}
}

func (gru) Backward(s *Span) {
	dh := s.flat(s.DS, 0, s.H)
	clear(dh)
	for t := s.T - 1; t >= 0; t-- {
		s.slope(t, dh, nil)
		f32.GRUGrad(s.flat(s.DZ, t, 3*s.H), s.flat(s.U, t, 3*s.H), dh, s.flat(s.DY, t, s.H), s.flat(s.P, t, s.H), s.H)
		s.passBack(t)
	}
}
