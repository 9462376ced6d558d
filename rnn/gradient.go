package rnn

import (
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
	dz := p.dz.rows(len(w.x))
	switch p.kind {
	case inputPart:
		w.back.touched.sum(g.values, dz, g.symbol)
	case biasPart:
		clear(g.values)
		f32.AddRows(g.values, dz)
	default:
		x := p.x.rows(len(w.x))
		x.Data, x.Cols = x.Data[p.lo:], p.hi-p.lo
		f32.MulTransA(f32.Mat(g.values, x.Cols, dz.Cols), x, dz, false, g.pack)
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
	next atomic.Int32 // the first that nobody has taken
	made bool         // the gradient lies in Param.Grad already
}

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

// take returns the number of a part that is the caller's then, or -1.
func (p *parts) take() int {
	if i := int(p.next.Add(1)) - 1; i < len(p.list) {
		return i
	}
	return -1
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
	slices.SortStableFunc(list, func(a, b part) int { return b.work() - a.work() })
	return list
}

// work estimates how long a part takes: the multiply-adds for each row of a window.
func (p *part) work() int {
	if p.kind == matrixPart {
		return (p.hi - p.lo) * p.param.Cols
	}
	return p.param.Cols
}

// cutMatrix cuts a matrix into parts of equal size. With few rows in a window, a part and the weights it updates should
// stay in the first-level cache together; with many, a part should be worth packing the rows for; and an outer product
// takes no room.
func (w *Window) cutMatrix(list []part, p *Param, x, dz activations) []part {
	size := 4096
	if rows := w.T * w.B; rows == 1 || rows > 256 {
		size = 16384
	}
	const tile = 8 // rows that kernels compute together
	step := p.Rows / max(1, p.Rows*p.Cols/size)
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

// share lets the workers take parts until none is left.
func (w *Window) share() {
	w.back.parts.next.Store(0)
	w.pool.Run(w.back.weights)
}

// weightShare is one worker's.
func (w *Window) weightShare(worker int) {
	b := w.back
	for i := b.parts.take(); i >= 0; i = b.parts.take() {
		p := &b.parts.list[i]
		cols := p.param.Cols
		switch p.kind {
		case inputPart:
			for _, symbol := range b.touched.group(p.lo, p.hi) {
				w.handOut(worker, Piece{Index: i, Lo: int(symbol) * cols, Hi: int(symbol+1) * cols, part: p, symbol: symbol})
			}
		case biasPart:
			w.handOut(worker, Piece{Index: i, Hi: cols, part: p})
		default:
			w.handOut(worker, Piece{Index: i, Lo: p.lo * cols, Hi: p.hi * cols, part: p})
		}
	}
}

// handOut gives a piece to Use, or if there is none leaves it in Param.Grad.
func (w *Window) handOut(worker int, g Piece) {
	b := w.back
	own := &b.scratch[worker]
	g.window, g.Param, g.pack, g.made = w, g.part.param, own.pack, b.parts.made
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
