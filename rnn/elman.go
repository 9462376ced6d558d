package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// An elman is the simple recurrent network (Elman 1990, "Finding structure in time"), with gradients through time as in
// Rumelhart, Hinton and Williams 1986:
//
//	z_t  = W x_t + b + U h_(t-1)      h_t  = f(z_t)
//	dh_t = dy_t + U^T dz_(t+1)        dz_t = dh_t * f'(z_t)
//
// The derivative of each f is a function of h itself, so h is all that the way back needs.
type elman struct {
	f    func(dst, x []float32)
	grad func(dz, dy, y []float32)
}

func newElman(c Config) (Cell, error) {
	switch c.Activation {
	case "sigmoid":
		return elman{f32.Sigmoid, f32.SigmoidGrad}, nil
	case "tanh":
		return elman{f32.Tanh, f32.TanhGrad}, nil
	case "relu":
		return elman{f32.Relu, f32.ReluGrad}, nil
	}
	return nil, fmt.Errorf("activation %.40q: there are sigmoid, tanh, relu", c.Activation)
}

func (elman) Shape() Shape { return Shape{Gates: 1} }

func (c elman) Forward(s *Span) {
	for t := range s.T {
		s.input(t)
		s.recur(t)
		c.f(s.flat(s.Y, t+1, s.H), s.flat(s.Z, t, s.H))
	}
}

func (c elman) Backward(s *Span) {
	for t := s.T - 1; t >= 0; t-- {
		s.slope(t, nil, nil)
		c.grad(s.flat(s.DZ, t, s.H), s.flat(s.DY, t, s.H), s.flat(s.Y, t+1, s.H))
		s.passBack(t)
	}
}
