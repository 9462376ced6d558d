package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// An lstm is long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000, and
// without peepholes), as PyTorch has it:
//
//	z_t = W x_t + b + U h_(t-1), in blocks i, f, g, o
//	i, f, o = sigmoid z    g = tanh z
//	c_t = f c_(t-1) + i g
//	h_t = o tanh c_t
//
// Backward has the equations of f32.LSTMGrad. What of the gradient of c_t comes from c_(t+1) waits in DS.
type lstm struct{}

func newLSTM(Config) (Cell, error) { return lstm{}, nil }

func (lstm) Shape() Shape { return Shape{Gates: 4, Memory: true} }

func (lstm) Forward(s *Span) {
	for t := range s.T {
		s.input(t)
		s.recur(t)
		s.restart(s.C, t, t, s.C0) // once and for all: nobody else reads the memory that a stream leaves
		if s.ScaledC != nil {
			s.lstmNormalized(t)
		} else {
			s.lstm(t)
		}
	}
}

func (lstm) Backward(s *Span) {
	dc := s.flat(s.DS, 0, s.H)
	clear(dc)
	for t := s.T - 1; t >= 0; t-- {
		s.slope(t, nil, dc)
		if s.ScaledC != nil {
			s.lstmGradNormalized(t, dc)
		} else {
			s.lstmGrad(t, dc, s.flat(s.DY, t, s.H))
		}
		s.passBack(t)
	}
}

func (s *Span) lstm(t int) {
	f32.LSTM(s.flat(s.Z, t, 4*s.H), s.flat(s.C, t+1, s.H), s.flat(s.C, t, s.H), s.flat(s.TanhC, t, s.H), s.flat(s.Y, t+1, s.H), s.H)
}

func (s *Span) lstmGrad(t int, dc, dh []float32) {
	f32.LSTMGrad(s.flat(s.DZ, t, 4*s.H), dc, dh, s.flat(s.C, t, s.H), s.flat(s.TanhC, t, s.H), s.H)
}
