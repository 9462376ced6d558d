package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// An mlp is two linear layers with max(0, x) between them, of M units:
//
//	f = max(0, x W1 + b1)    h = f W2 + b2
type mlp struct{ up, down linear }

func newMLP(c Config, block int) *mlp {
	name := func(layer int, kind string) string { return fmt.Sprintf("blocks.%d.mlp.%d.%s", block, layer, kind) }
	return &mlp{
		newLinear(name(0, "weight"), name(0, "bias"), c.Hidden, c.MLP, c.Hidden),
		newLinear(name(2, "weight"), name(2, "bias"), c.MLP, c.Hidden, c.MLP),
	}
}

func (m *mlp) params() []*Param {
	return []*Param{m.up.weight, m.up.bias, m.down.weight, m.down.bias}
}

// An mlpStage is an mlp in a window.
type mlpStage struct {
	*mlp
	w                              *Window
	from, mid, out                 *signal // mid is f; its gradient becomes that of x W1 + b1
	upRHS, downRHS                 rhs
	upBackwardRHS, downBackwardRHS rhs
}

func (m *mlp) stage(w *Window, in *signal) (stage, *signal) {
	s := &mlpStage{mlp: m, w: w, from: in, mid: w.newSignal(m.up.bias.Cols), out: w.newSignal(m.down.bias.Cols)}
	s.upRHS = w.newRHS(m.up.weight, false, &w.copies)
	s.downRHS = w.newRHS(m.down.weight, false, &w.copies)
	return s, s.out
}

func (s *mlpStage) forward(first, rows int) {
	apply(s.mid.y, s.from.y, s.from.cols, &s.upRHS, s.mlp.up.bias.Value, first, rows)
	f := s.mid.y[first*s.mid.cols : (first+rows)*s.mid.cols]
	f32.Relu(f, f)
	apply(s.out.y, s.mid.y, s.mid.cols, &s.downRHS, s.mlp.down.bias.Value, first, rows)
}

func (s *mlpStage) prepare() {
	s.mid.prepare(s.w)
	s.out.prepare(s.w)
	s.upBackwardRHS = s.w.newRHS(s.mlp.up.weight, true, &s.w.back.copies)
	s.downBackwardRHS = s.w.newRHS(s.mlp.down.weight, true, &s.w.back.copies)
}

func (s *mlpStage) backward(first, rows int) {
	applyTransposed(s.mid.dy, s.mid.cols, s.out.dy, s.out.cols, &s.downBackwardRHS, first, rows)
	lo, hi := first*s.mid.cols, (first+rows)*s.mid.cols
	f32.ReluGrad(s.mid.dy[lo:hi], s.mid.dy[lo:hi], s.mid.y[lo:hi])
	applyTransposed(s.from.dy, s.from.cols, s.mid.dy, s.mid.cols, &s.upBackwardRHS, first, rows)
}

func (s *mlpStage) gradients(add func(part)) {
	up, down := activations{s.mid.dy, s.mid.cols}, activations{s.out.dy, s.out.cols}
	add(part{kind: matrixPart, param: s.mlp.up.weight, x: activations{s.from.y, s.from.cols}, dz: up})
	add(part{kind: matrixPart, param: s.mlp.down.weight, x: activations{s.mid.y, s.mid.cols}, dz: down})
	add(part{kind: biasPart, param: s.mlp.up.bias, dz: up})
	add(part{kind: biasPart, param: s.mlp.down.bias, dz: down})
}
