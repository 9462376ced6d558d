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
	// gradient sets dz to columns left to left+len(dz)-1 of the gradient of a row's pre-activations, given its gates, the
	// gradient of its outputs and the outputs before.
	gradient(dz []float32, left int, z, dh, hPrev []float32)
}

// symbolGates are those of a layer.
type symbolGates struct {
	stage  *recurrentStage
	gates  []float32       // [V x G*H], computed when the weights have changed
	blocks []gradientBlock // [worker], nil before the first gradient
}

// A gradientBlock is some columns of some rows of the gradient of pre-activations: one worker's.
type gradientBlock struct {
	dz []float32
	of blockKey
}

type blockKey struct{ call, lo, hi, left, right int }

// newSymbolGates returns those of a layer; or nil if its gates depend on more, the window is short, or symbols repeat too
// seldom.
func (w *Window) newSymbolGates(s *recurrentStage) *symbolGates {
	V := w.net.cfg.Symbols
	if _, ok := s.cell.(inputCell); !ok || s.from != nil || !w.sumsInBlocks() || w.T*w.B < 4*V || w.packOnDemand() {
		return nil
	}
	g := &symbolGates{stage: s, gates: w.buffers.floats(V * s.GH)}
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

func (g *symbolGates) prepare(w *Window) {
	g.blocks = make([]gradientBlock, w.workers)
	for i := range g.blocks {
		g.blocks[i].dz = w.buffers.floats(blockRows * g.stage.GH)
	}
}

// block returns columns left to right-1 of rows lo to hi-1 of the gradient of pre-activations, at most blockRows. They are
// valid until the worker's next call.
func (g *symbolGates) block(worker, lo, hi, left, right int) f32.Matrix {
	s, b := g.stage, &g.blocks[worker]
	m := f32.Mat(b.dz, hi-lo, right-left)
	key := blockKey{s.w.back.calls, lo, hi, left, right}
	if b.of == key {
		return m
	}
	b.of = key
	cell := s.cell.(inputCell)
	for r := lo; r < hi; r++ {
		cell.gradient(m.Row(r-lo), left, g.of(r), s.buffers.grad.dy[r*s.H:][:s.H], s.buffers.fwd.prev[r*s.H:][:s.H])
	}
	return m
}
