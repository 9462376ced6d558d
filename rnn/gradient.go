package rnn

import (
	"slices"
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A GradientSink receives one piece of the gradient, which is valid during the call alone. Pieces with the same Index come
// from one worker in a fixed order; any worker may be the one.
//
// Input rows of symbols that do not occur in a window have a gradient of zero. They are left out, unless
// Window.DenseGradient is set.
type GradientSink func(worker int, g *GradientPiece)

// A GradientPiece is a part of the gradient.
type GradientPiece struct {
	Index  int // below Window.GradientPieces
	Param  *Param
	Lo, Hi int // it belongs to Param.Value[Lo:Hi]

	// X and DZ, where they are not nil, have the gradient as their outer product: element i*len(DZ)+j is FMA(X[i], DZ[j],
	// +0). That is so in a window of one row. A caller that can use the factors need not call Values.
	X, DZ []float32

	values   []float32
	computed bool // values are there
	window   *Window
	part     *part
	symbol   int32       // of an input row
	pack     *f32.Packed // panels of a long product
}

// Values returns dL/dParam.Value[Lo:Hi]. The first call computes it.
func (g *GradientPiece) Values() []float32 {
	if g.computed {
		return g.values
	}
	g.computed = true
	w, p := g.window, g.part
	switch p.kind {
	case inputPart:
		w.back.occurrences.sum(g.values, p.dz.rows(len(w.x)), g.symbol)
	case biasPart:
		clear(g.values)
		f32.AddRows(g.values, p.dz.rows(len(w.x)))
	case accumulatedPart:
		p.accumulator.sum(g.values, w.whole(), 0, len(w.x))
	default:
		p.sum(g.values, 0, len(w.x), len(w.x), g.pack)
		w.addEmbedded(p, f32.Mat(g.values, p.hi-p.lo, p.param.Cols), 0, w.whole())
	}
	return g.values
}

// oneRow makes an outer product of a single row.
var oneRow = []float32{1}

// outer sets X and DZ, if the window has one row.
func (g *GradientPiece) outer() {
	w, p := g.window, g.part
	if len(w.x) != 1 || p.kind == accumulatedPart || p.embedded.data != nil || p.kind == inputPart && g.symbol != w.x[0] {
		return
	}
	g.X, g.DZ = oneRow, p.dz.data[:p.dz.cols]
	if p.kind == matrixPart {
		g.X = p.x.data[p.lo:p.hi]
	}
}

// GradientPieces returns the bound of GradientPiece.Index. Several pieces may share an index, or none have it.
func (w *Window) GradientPieces() int {
	if w.back == nil {
		w.prepareBackward()
	}
	return len(w.back.parts.list)
}

// VisitGradient passes the gradient in Param.Grad, left by the last Gradient, to use piece by piece.
func (w *Window) VisitGradient(use GradientSink) {
	w.back.use, w.back.parts.inParamGrad = use, true
	w.deliverAll()
}

// parts shares the gradient out among workers.
type parts struct {
	list        []part
	next        atomic.Int32 // the first that nobody has taken
	inParamGrad bool         // the gradient lies in Param.Grad already
}

// A part is rows lo to hi-1 of a matrix, or a whole bias.
type part struct {
	param  *Param
	lo, hi int
	x, dz  activations // the gradient is x^T dz over the rows of a window; of a bias, the sum of the rows of dz
	kind   partKind
	later  *symbolGates // sums what has no dz: the input rows, and with them the bias

	embedded    activations // of tied weights: their gradient as an embedding, in the order of rows, comes on top
	accumulator accumulator
}

// An accumulator sums a gradient that is neither a product nor a sum of rows.
type accumulator interface {
	// sum sets g to the gradient over rows lo to hi-1 of a shard, or adds it if these are not the first.
	sum(g []float32, in shard, lo, hi int)
}

type partKind int

const (
	matrixPart partKind = iota
	biasPart
	accumulatedPart // a weight whose stage sums its gradient itself
	inputPart       // lo and hi count the symbols that occur, in the order they are listed; each makes a piece
)

// Activations are a matrix of which a window fills the first rows.
type activations struct {
	data []float32
	cols int
}

func (a activations) rows(n int) f32.Matrix { return f32.Mat(a.data, n, a.cols) }

// longest returns the length of the longest piece.
func (p *parts) longest() int {
	n := 0
	for _, t := range p.list {
		rows := t.hi - t.lo
		if t.kind == inputPart {
			rows = 1
		}
		n = max(n, rows*t.param.Cols)
	}
	return n
}

// gradients returns the gradient of every trained weight as one part.
func (w *Window) gradients() []part {
	var list []part
	for _, s := range w.stages {
		s.gradients(func(p part) {
			if !p.param.Frozen {
				p.hi = max(1, p.param.Rows) // a vector is one row
				list = append(list, p)
			}
		})
	}
	return list
}

// newParts cuts the gradient into parts, the longest work first, so that no worker waits for another's long last one. A
// window of one row has work for one: its weights of the recurrence come last, because the next window begins with them.
// How it is cut follows from the shapes alone, never from the number of workers, because a norm is summed part by part.
func (w *Window) newParts() []part {
	var list []part
	for _, p := range w.gradients() {
		switch p.kind {
		case matrixPart:
			list = w.cutMatrix(list, p)
		case inputPart:
			list = w.cutInputs(list, p)
		default:
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b part) int {
		switch {
		case w.single():
			return a.work() - b.work()
		case w.sumsInBlocks():
			return int(a.kind) - int(b.kind) // a gradientPlan takes neighbours together
		}
		return b.work() - a.work()
	})
	return list
}

// single reports whether a window has one row, and is no part of a larger one.
func (w *Window) single() bool { return w.T*w.B == 1 && w.Shards == 0 }

// work estimates how long a part takes: the multiply-adds for each row of a window.
func (p *part) work() int {
	if p.kind == matrixPart || p.kind == accumulatedPart {
		return (p.hi - p.lo) * p.param.Cols
	}
	return p.param.Cols
}

// tile is the rows of a matrix that kernels compute together.
const tile = 8

// cutMatrix cuts a matrix into parts of equal size. In a short window, a part and the weights it updates should stay in
// the first-level cache together, except that an outer product takes no room.
func (w *Window) cutMatrix(list []part, p part) []part {
	rows := p.param.Rows
	step := partRows(rows, p.param.Cols, w.single())
	for p.lo = 0; p.lo < rows; p.lo += step {
		p.hi = min(p.lo+step, rows)
		list = append(list, p)
	}
	return list
}

// partRows returns how many rows of a matrix make a part, in a window of a single row or of more.
func partRows(rows, cols int, single bool) int {
	size := 4096
	if single {
		size = 16384
	}
	step := max(1, rows/max(1, rows*cols/size)) // a row may be longer than a part should be
	return (step + tile - 1) / tile * tile
}

// inputGroup is the input rows that make one part.
const inputGroup = 32

func (w *Window) cutInputs(list []part, p part) []part {
	most := p.param.Rows
	if !w.DenseGradient {
		most = min(most, w.T*w.B)
	}
	for p.lo = 0; p.lo < most; p.lo += inputGroup {
		p.hi = p.lo + inputGroup
		list = append(list, p)
	}
	return list
}

// deliverAll lets the workers take part after part until none is left.
func (w *Window) deliverAll() {
	p := &w.back.parts
	if w.pool.Workers() == 1 { // without locked operations, as in refresh
		fastpath.Took(fastpath.ShareAlone)
		for i := range p.list {
			w.deliverPart(0, i)
		}
		return
	}
	p.next.Store(0)
	w.pool.Run(w.back.deliver)
}

// deliverShare is one worker's share.
func (w *Window) deliverShare(worker int) {
	p := &w.back.parts
	for i := int(p.next.Add(1)) - 1; i < len(p.list); i = int(p.next.Add(1)) - 1 {
		w.deliverPart(worker, i)
	}
}

// sum sets g to the gradient of a part of a matrix over rows lo to hi-1 of a window of n, or adds it if these are not the
// first.
func (p *part) sum(g []float32, lo, hi, n int, pack *f32.Packed) {
	p.sumColumns(f32.Mat(g, p.hi-p.lo, p.dz.cols), 0, lo, hi, n, pack)
}

// sumColumns is sum for as many columns as c has, from left on.
func (p *part) sumColumns(c f32.Matrix, left, lo, hi, n int, pack *f32.Packed) {
	x, dz := p.x.rows(n), p.dz.rows(n)
	x.Data, x.Cols = x.Data[p.lo:], c.Rows
	dz.Data, dz.Cols = dz.Data[left:], c.Cols
	f32.MulTransA(c, x, dz, lo, hi, lo > 0, pack)
}

// addEmbedded adds to g, columns from left on of the gradient of tied weights as a decoder, that as an embedding.
func (w *Window) addEmbedded(p *part, g f32.Matrix, left int, in shard) {
	if p.embedded.data != nil {
		dz := p.embedded.rows(len(w.x))
		dz.Data, dz.Cols = tail(dz.Data, left), g.Cols
		w.back.occurrences.add(g, dz, p.lo, in)
	}
}

// deliverPart delivers the pieces of part i.
func (w *Window) deliverPart(worker, i int) {
	p := &w.back.parts.list[i]
	cols := p.param.Cols
	switch p.kind {
	case inputPart:
		for _, symbol := range w.back.occurrences.group(p.lo, p.hi) {
			w.deliver(worker, GradientPiece{Index: i, Lo: int(symbol) * cols, Hi: int(symbol+1) * cols, part: p, symbol: symbol})
		}
	default:
		w.deliver(worker, GradientPiece{Index: i, Lo: p.lo * cols, Hi: p.hi * cols, part: p})
	}
}

// deliver gives a piece to the GradientSink, and leaves it in Param.Grad if there is none or the gradient is kept.
func (w *Window) deliver(worker int, g GradientPiece) {
	b := w.back
	own := &b.scratch[worker]
	g.window, g.Param, g.pack = w, g.part.param, own.pack
	g.computed = b.parts.inParamGrad
	own.piece = g
	if b.use == nil || w.KeepGradient || g.computed {
		own.piece.values = g.Param.Grad[g.Lo:g.Hi]
		own.piece.Values()
	} else {
		own.piece.values = own.values[:g.Hi-g.Lo]
		own.piece.outer()
	}
	if b.use != nil {
		b.use(worker, &own.piece)
	}
}
