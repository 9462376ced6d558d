package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// minGRU is the minimal gated recurrent unit (Feng and others 2024, "Were RNNs all we needed?", arXiv 2410.01201, algorithm
// 1): its gates see the inputs alone, so that there is no product from one time step to the next.
//
//	z_t = W x_t + b, in blocks z, n
//	h_t = (1 - sigmoid z) h_(t-1) + sigmoid(z) n
//
// n is linear, as in the paper. backward has the equations of f32.MinGRUGrad; carry is dL/dh_(t-1).
var minGRU = CellInfo{
	Name: "mingru", Doc: "minimal gated recurrent unit, Feng and others 2024", NoRecurrence: true, RateFactor: 1,
	gates: []Quantity{{"z", "sigmoid"}, {"n", ""}},
	build: func(string) cell { return minGRUCell{} },
	formula: func(s cellStep) cellState {
		H := len(s.h)
		h, z, n := make([]float64, H), make([]float64, H), s.in[H:]
		for j := range h {
			z[j] = sigmoid64(s.in[j])
			h[j] = (1-z[j])*s.h[j] + z[j]*n[j]
		}
		return cellState{h: h, gates: [][]float64{z, n}}
	},
}

type minGRUCell struct{}

func (minGRUCell) forward(s *span, t int) {
	g := s.fwd.symbols
	if g == nil {
		f32.MinGRU(s.z(t), s.before, s.flat(s.fwd.y, t+1, s.H), s.H)
		return
	}
	for b := s.lo; b < s.hi; b++ {
		r := t*s.B + b
		z := g.of(r)
		f32.Interpolate(s.fwd.y[(r+s.B)*s.H:][:s.H], s.before[(b-s.lo)*s.H:][:s.H], z[s.H:], z[:s.H])
	}
}

// backward leaves dL/dh in dy where the gradient of pre-activations is computed later.
func (minGRUCell) backward(s *span, t int) {
	g := s.fwd.symbols
	if g == nil {
		f32.MinGRUGrad(s.flat(s.grad.dz, t, 2*s.H), s.carry(), s.flat(s.grad.dy, t, s.H), s.flat(s.fwd.prev, t, s.H), s.H)
		return
	}
	for b := s.lo; b < s.hi; b++ {
		r := t*s.B + b
		f32.InterpolateCarry(s.grad.dy[r*s.H:][:s.H], s.grad.carry[b*s.H:][:s.H], g.of(r)[:s.H])
	}
}

func (minGRUCell) activate(z []float32, H int) { f32.Sigmoid(z[:H], z[:H]) }

func (minGRUCell) sumGradient(bias, row []float32, left, right int, z, dh, hPrev []float32) {
	H := len(dh)
	f32.InterpolateSums(bias[left:right], row[left:right], bias[H+left:H+right], row[H+left:H+right],
		dh[left:right], hPrev[left:right], z[H+left:H+right], z[left:right])
}
