package rnn

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Use receives one piece of the gradient, which is lost after the call. Pieces with one Index come from one worker in a
// fixed order; which worker that is is left to chance.
//
// Input rows of symbols that do not occur in a window have a gradient of zero. They are left out, unless Window.Dense is
// set.
type Use func(worker int, g *Piece)

// A Piece is a part of the gradient.
type Piece struct {
	Index  int // below Window.Pieces
	Param  *Param
	Lo, Hi int // it belongs to Param.Value[Lo:Hi]

	// X and DZ, where they are not nil, have the gradient as their outer product: element i*len(DZ)+j is
	// FMA(X[i], DZ[j], +0). That is so in a window of one row. Who can work with them need not ask for Values.
	X, DZ []float32

	values []float32
	made   bool // values are there
	window *Window
	part   *part
	symbol int32       // of an input row
	pack   *f32.Packed // panels of a long product
}

// Values returns dL/dParam.Value[Lo:Hi]. The first call computes it.
func (g *Piece) Values() []float32 {
	if g.made {
		return g.values
	}
	g.made = true
	w, p := g.window, g.part
	switch p.kind {
	case inputPart:
		w.back.touched.sum(g.values, p.dz.rows(len(w.x)), g.symbol)
	case biasPart:
		clear(g.values)
		f32.AddRows(g.values, p.dz.rows(len(w.x)))
	default:
		p.sum(g.values, len(w.x), g.pack)
	}
	return g.values
}

// one makes an outer product of a single row.
var one = []float32{1}

// outer sets X and DZ, if the window has one row.
func (g *Piece) outer() {
	w, p := g.window, g.part
	if len(w.x) != 1 || p.kind == inputPart && g.symbol != w.x[0] {
		return
	}
	g.X, g.DZ = one, p.dz.data[:p.dz.cols]
	if p.kind == matrixPart {
		g.X = p.x.data[p.lo:p.hi]
	}
}

// Pieces returns the bound of Piece.Index. There may be several pieces of one number, or none.
func (w *Window) Pieces() int {
	if w.back == nil {
		w.prepareBackward()
	}
	return len(w.back.parts.list)
}

// Visit hands the gradient that the last Gradient left in Param.Grad to use, piece by piece.
func (w *Window) Visit(use Use) {
	w.back.use, w.back.parts.made = use, true
	w.share()
}

// parts shares the gradient out among workers.
type parts struct {
	list []part
	runs [][]run      // [worker] parts that are its own, and sums at once; there are none if windows are short
	free int          // those before this are in runs
	next atomic.Int32 // the first that nobody has taken
	made bool         // the gradient lies in Param.Grad already
}

// A run is the parts first to last of one matrix, neighbours.
type run struct{ first, last int }

// A part is what a worker takes at a time: rows lo to hi-1 of a matrix, or a whole bias.
type part struct {
	param  *Param
	lo, hi int
	x, dz  activations // the gradient is x^T dz over the rows of a window; of a bias, the sum of the rows of dz
	kind   partKind
}

type partKind int

const (
	matrixPart partKind = iota
	biasPart
	inputPart // lo and hi count the touched symbols, in the order they are listed; each makes a piece
)

// Activations are a matrix of which a window fills the first rows.
type activations struct {
	data []float32
	cols int
}

func (a activations) rows(n int) f32.Matrix { return f32.Mat(a.data, n, a.cols) }

// take returns the number of a free part that is the caller's then, or -1.
func (p *parts) take() int {
	if i := int(p.next.Add(1)) - 1; i < len(p.list) {
		return i
	}
	return -1
}

// divide gives each worker an equal share of the matrices in runs. Rows that are summed at once read the activations of a
// window once, and in a long window those lie far away.
func (p *parts) divide(workers int) {
	total := 0
	for p.free < len(p.list) && p.list[p.free].kind == matrixPart {
		total += p.list[p.free].work()
		p.free++
	}
	p.runs = make([][]run, workers)
	done, before := 0, -1
	for i := range p.free {
		part := &p.list[i]
		worker := done * workers / total
		if runs := p.runs[worker]; worker == before && p.list[i-1].param == part.param {
			runs[len(runs)-1].last = i
		} else {
			p.runs[worker] = append(runs, run{i, i})
		}
		done, before = done+part.work(), worker
	}
}

// longest returns the length of the longest piece.
func (p *parts) longest() int {
	n := 0
	for _, t := range p.list {
		switch t.kind {
		case matrixPart:
			n = max(n, (t.hi-t.lo)*t.param.Cols)
		default:
			n = max(n, t.param.Cols)
		}
	}
	return n
}

// newParts cuts the gradient into parts, the longest work first, so that no worker waits for another's long last one. How
// it is cut follows from the shapes alone, never from the number of workers, because a norm is summed part by part.
func (w *Window) newParts() []part {
	n, H := w.net, w.net.cfg.Hidden
	var list []part
	for l, layer := range n.layers {
		tr := &w.tracks[l]
		dz := activations{tr.dz, layer.rec.weight.Cols}
		if l > 0 {
			below := activations{w.tracks[l-1].y[w.B*H:], H}
			list = w.cutMatrix(list, layer.in.weight, below, dz)
		} else {
			list = w.cutInputs(list, layer.in.weight, dz)
		}
		list = w.cutMatrix(list, layer.rec.weight, activations{tr.y, H}, dz)
		list = append(list, part{param: layer.in.bias, dz: dz, kind: biasPart})
		list = append(list, part{param: layer.rec.bias, dz: dz, kind: biasPart})
	}
	dlogits := activations{w.logits, n.cfg.Symbols}
	list = w.cutMatrix(list, n.decoder.weight, activations{w.tracks[len(w.tracks)-1].y[w.B*H:], H}, dlogits)
	list = append(list, part{param: n.decoder.bias, dz: dlogits, kind: biasPart})
	list = slices.DeleteFunc(list, func(p part) bool { return p.param.Frozen })
	slices.SortStableFunc(list, func(a, b part) int {
		if w.long() && (a.kind == matrixPart || b.kind == matrixPart) {
			return cmp.Compare(a.kind, b.kind) // keeps neighbours together
		}
		return b.work() - a.work()
	})
	return list
}

// long says whether the activations of a window are too many for the caches near a processor.
func (w *Window) long() bool { return w.T*w.B > 256 }

// work estimates how long a part takes: the multiply-adds for each row of a window.
func (p *part) work() int {
	if p.kind == matrixPart {
		return (p.hi - p.lo) * p.param.Cols
	}
	return p.param.Cols
}

// cutMatrix cuts a matrix into parts of equal size. In a short window, a part and the weights it updates should stay in
// the first-level cache together, except that an outer product takes no room. In a long one, parts are made many at once.
func (w *Window) cutMatrix(list []part, p *Param, x, dz activations) []part {
	size := 4096
	if w.T*w.B == 1 {
		size = 16384
	}
	const tile = 8                                    // rows that kernels compute together
	step := max(1, p.Rows/max(1, p.Rows*p.Cols/size)) // a row may be longer than a part should be
	step = (step + tile - 1) / tile * tile
	for lo := 0; lo < p.Rows; lo += step {
		list = append(list, part{param: p, lo: lo, hi: min(lo+step, p.Rows), x: x, dz: dz})
	}
	return list
}

// inputGroup is the input rows that make one part.
const inputGroup = 32

func (w *Window) cutInputs(list []part, p *Param, dz activations) []part {
	most := p.Rows
	if !w.Dense {
		most = min(most, w.T*w.B)
	}
	for lo := 0; lo < most; lo += inputGroup {
		list = append(list, part{param: p, lo: lo, hi: lo + inputGroup, dz: dz, kind: inputPart})
	}
	return list
}

// share lets the workers do their own parts, and then take others until none is left.
func (w *Window) share() {
	w.back.parts.next.Store(int32(w.back.parts.free))
	w.pool.Run(w.back.weights)
}

// weightShare is one worker's.
func (w *Window) weightShare(worker int) {
	p := &w.back.parts
	if p.runs != nil {
		for _, r := range p.runs[worker] {
			if !p.made {
				w.sum(worker, r)
			}
			for i := r.first; i <= r.last; i++ {
				w.handOutPart(worker, i)
			}
		}
	}
	for i := p.take(); i >= 0; i = p.take() {
		w.handOutPart(worker, i)
	}
}

// sum computes the gradient of a run into Param.Grad.
func (w *Window) sum(worker int, r run) {
	p := w.back.parts.list[r.first]
	p.hi = w.back.parts.list[r.last].hi
	p.sum(p.param.Grad[p.lo*p.param.Cols:p.hi*p.param.Cols], len(w.x), w.back.scratch[worker].pack)
}

// sum sets g to the gradient of a part of a matrix over so many rows of activations.
func (p *part) sum(g []float32, rows int, pack *f32.Packed) {
	x, dz := p.x.rows(rows), p.dz.rows(rows)
	x.Data, x.Cols = x.Data[p.lo:], p.hi-p.lo
	f32.MulTransA(f32.Mat(g, x.Cols, dz.Cols), x, dz, false, pack)
}

// handOutPart hands out the pieces of part i.
func (w *Window) handOutPart(worker, i int) {
	p := &w.back.parts.list[i]
	cols := p.param.Cols
	switch p.kind {
	case inputPart:
		for _, symbol := range w.back.touched.group(p.lo, p.hi) {
			w.handOut(worker, Piece{Index: i, Lo: int(symbol) * cols, Hi: int(symbol+1) * cols, part: p, symbol: symbol})
		}
	case biasPart:
		w.handOut(worker, Piece{Index: i, Hi: cols, part: p})
	default:
		w.handOut(worker, Piece{Index: i, Lo: p.lo * cols, Hi: p.hi * cols, part: p})
	}
}

// handOut gives a piece to Use, or if there is none leaves it in Param.Grad.
func (w *Window) handOut(worker int, g Piece) {
	b := w.back
	own := &b.scratch[worker]
	g.window, g.Param, g.pack = w, g.part.param, own.pack
	g.made = b.parts.made || b.parts.runs != nil && g.Index < b.parts.free
	if b.use == nil || g.made {
		g.values = g.Param.Grad[g.Lo:g.Hi]
	} else {
		g.values = own.values[:g.Hi-g.Lo]
		g.outer()
	}
	if own.piece = g; b.use == nil {
		own.piece.Values()
		return
	}
	b.use(worker, &own.piece)
}
