package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// Where gates depend on inputs alone, a layer that reads symbols has no more different rows of gates than there are symbols,
// however long the window. In a long window they are computed once for each symbol; and the gradient of pre-activations,
// several times as much as that of outputs, is computed when it is summed, and kept nowhere.

// An inputCell is a cell whose gates depend on its inputs alone.
type inputCell interface {
	cell
	// activate turns the pre-activations of a row, [G*H], into its gates.
	activate(z []float32, H int)
	// sumGradient adds to bias and to row, both [G*H], the gradient of pre-activations of units left to right-1, given the
	// gates of a row, the gradient of its outputs and the outputs before.
	sumGradient(bias, row []float32, left, right int, z, dh, hPrev []float32)
}

// symbolGates are those of a layer.
type symbolGates struct {
	stage *recurrentStage
	gates []float32 // [V x G*H], computed when the weights have changed
}

// newSymbolGates returns those of a layer; or nil if its gates depend on more, the window is short, or symbols repeat too
// seldom.
func (w *Window) newSymbolGates(s *recurrentStage) *symbolGates {
	V := w.net.cfg.Symbols
	if _, ok := s.cell.(inputCell); !ok || s.from != nil || !w.long() || w.T*w.B < 4*V {
		return nil
	}
	g := &symbolGates{s, w.buffers.floats(V * s.GH)}
	for lo := 0; lo < V; lo += gateRows {
		w.copies.jobs = append(w.copies.jobs, &gateJob{g, lo, min(lo+gateRows, V)})
	}
	return g
}

// of returns the gates of a row of the window.
func (g *symbolGates) of(row int) []float32 { return g.symbol(int(g.stage.w.x[row])) }

func (g *symbolGates) symbol(i int) []float32 { return g.gates[i*g.stage.GH:][:g.stage.GH] }

// A gateJob makes the gates of symbols lo to hi-1.
type gateJob struct {
	*symbolGates
	lo, hi int
}

// gateRows is how many symbols make a job.
const gateRows = 16

func (j *gateJob) run() {
	fastpath.Took(fastpath.SymbolGates)
	s := j.stage
	for i := j.lo; i < j.hi; i++ {
		z := j.symbol(i)
		f32.Add(z, s.in.weight.Value[i*s.GH:][:s.GH], s.buffers.fwd.bias)
		s.cell.(inputCell).activate(z, s.H)
	}
}

// sum adds rows lo to hi-1 of a shard to the gradient of bias and weights, in units left to right-1.
func (g *symbolGates) sum(left, right int, in shard, lo, hi int) {
	s, cell := g.stage, g.stage.cell.(inputCell)
	bias, weight := s.in.bias.Grad, s.in.weight.Grad
	if lo == 0 {
		for at := left; at < s.GH; at += s.H {
			clear(bias[at:][:right-left])
			for _, symbol := range s.w.back.occurrences.symbols {
				clear(weight[int(symbol)*s.GH+at:][:right-left])
			}
		}
	}
	for k := lo; k < hi; k++ {
		r := in.row(k)
		row := weight[int(s.w.x[r])*s.GH:][:s.GH]
		cell.sumGradient(bias, row, left, right, g.of(r), s.buffers.grad.dy[r*s.H:][:s.H], s.buffers.fwd.prev[r*s.H:][:s.H])
	}
}
