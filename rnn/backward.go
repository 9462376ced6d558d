package rnn

import (
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Use receives one finished piece of the gradient: g holds dL/dp.Value[lo:lo+len(g)]. Pieces of one number come from one
// worker in a fixed order; which worker does which piece is left to chance. What g holds is lost after the call.
//
// Input rows of symbols that do not occur in a window have a gradient of zero. They are left out, unless Window.Dense is
// set.
type Use func(worker, piece int, p *Param, lo int, g []float32)

// backward is what a window needs for gradients.
type backward struct {
	scale   float32
	y       []int32
	use     Use
	pieces  []piece
	next    atomic.Int32
	touched touched
	scratch []scratch // one for each worker

	through, weights, visit func(worker int) // method values, made once
}

// A scratch is one worker's own memory.
type scratch struct {
	pack *f32.Packed // panels of a long product
	grad []float32   // a piece of the gradient on its way to Use
}

// A piece is a part of the gradient that one worker computes: rows lo to hi-1 of a matrix, or a whole bias.
type piece struct {
	param  *Param
	lo, hi int
	a, b   func() f32.Matrix // the gradient is a^T b over the rows of a window; for a bias, the sum of the rows of b
	gather bool              // rows are those of the touched symbols, in the order they are listed
}

// Gradient runs the window forward as Loss does and then back: use receives the gradient of scale times the summed loss,
// so 1 is the notebook's and 1/len(x) that of the mean. With use nil the gradient is left in Param.Grad, from where Visit
// can hand it out afterwards. It returns the summed loss in nats.
//
// Truncated BPTT: the gradient stops at the window's edge, the state does not.
func (w *Window) Gradient(x, y []int32, scale float32, use Use) float64 {
	w.checkSymbols(y, len(x))
	if w.back == nil {
		w.prepareBackward()
	}
	b := w.back
	b.y, b.scale, b.use = y, scale, use
	w.begin(x)
	b.touched.list(x, w.Dense)
	if use == nil {
		w.makeRoom()
	}
	w.pool.Run(b.through)
	b.next.Store(0)
	w.pool.Run(b.weights)
	return w.sumLosses()
}

// makeRoom gives every trained weight room for its gradient, the first time it is asked for.
func (w *Window) makeRoom() {
	for _, p := range w.net.params {
		if p.Grad == nil && !p.Frozen {
			p.Grad = f32.Aligned(len(p.Value))
		}
	}
}

// Visit hands the gradient that the last Gradient left in Param.Grad to use, piece by piece.
func (w *Window) Visit(use Use) {
	w.back.use = use
	w.back.next.Store(0)
	w.pool.Run(w.back.visit)
}

// Pieces returns the number of pieces of a gradient; a piece may be handed out in several parts, or in none.
func (w *Window) Pieces() int {
	if w.back == nil {
		w.prepareBackward()
	}
	return len(w.back.pieces)
}

// prepareBackward allocates what only gradients need.
func (w *Window) prepareBackward() {
	b := &backward{touched: newTouched(w.net.cfg.Symbols, w.T*w.B)}
	w.back = b
	H, GH := w.net.cfg.Hidden, w.net.cell.Gates()*w.net.cfg.Hidden
	for l := range w.tracks {
		tr := &w.tracks[l]
		tr.dy = f32.Aligned(w.T * w.B * H)
		if tr.dz = tr.dy; GH != H {
			tr.dz = f32.Aligned(w.T * w.B * GH)
		}
		if l > 0 {
			w.transposed(&tr.in)
		}
		if w.T > 1 { // a single time step passes nothing back
			w.transposed(&tr.rec)
		}
		for i := range w.spans {
			s := &w.spans[i][l]
			s.DY, s.DZ, s.Transpose = tr.dy, tr.dz, tr.rec.transpose
		}
	}
	w.transposed(&w.out)
	longest := w.addPieces()
	for range w.pool.Workers() {
		b.scratch = append(b.scratch, scratch{f32.NewPacked(256, 64), f32.Aligned(longest)})
	}
	b.through, b.weights, b.visit = w.throughShare, w.weightShare, w.visitShare
}

// throughShare takes one worker's streams forward, and back to the gradient of all pre-activations.
func (w *Window) throughShare(worker int) {
	w.forwardShare(worker)
	spans := w.spans[worker]
	top := &spans[len(spans)-1]
	if top.Lo == top.Hi {
		return
	}
	V := w.net.cfg.Symbols
	for first, rows := range w.blocks(top) {
		for r := first; r < first+rows; r++ {
			w.losses[r] = f32.SoftmaxCrossEntropy(w.logits[r*V:][:V], int(w.back.y[r]), w.back.scale)
		}
	}
	w.applyTransposed(top, top.DY, w.logits, &w.out.transpose, V)
	for l := len(spans) - 1; l >= 0; l-- {
		s := &spans[l]
		w.net.cell.Backward(s)
		if l > 0 {
			w.applyTransposed(s, w.tracks[l-1].dy, s.DZ, &w.tracks[l].in.transpose, s.G*s.H)
		}
	}
}

// applyTransposed sets dx = dy*weight^T, where dy has the given columns.
func (w *Window) applyTransposed(s *Span, dx, dy []float32, weight *right, cols int) {
	for first, rows := range w.blocks(s) {
		weight.mul(f32.Mat(dx[first*s.H:], rows, s.H), f32.Mat(dy[first*cols:], rows, cols), false)
	}
}

// addPieces cuts the gradient into pieces and returns the length of the longest. How it is cut follows from the shapes
// alone, never from the number of workers, because a norm is summed piece by piece.
func (w *Window) addPieces() (longest int) {
	b, n := w.back, w.net
	rows := func(x []float32, skip, cols int) func() f32.Matrix { // skip: rows of state in front
		return func() f32.Matrix { return f32.Mat(x[skip*cols:], len(w.x), cols) }
	}
	matrix := func(p *Param, x, dz func() f32.Matrix) {
		step := pieceRows(p.Cols, w.T*w.B)
		for lo := 0; lo < p.Rows; lo += step {
			hi := min(lo+step, p.Rows)
			b.pieces = append(b.pieces, piece{param: p, lo: lo, hi: hi, a: x, b: dz})
			longest = max(longest, (hi-lo)*p.Cols)
		}
	}
	vector := func(p *Param, dz func() f32.Matrix) {
		if !p.Frozen {
			b.pieces = append(b.pieces, piece{param: p, hi: 1, b: dz})
			longest = max(longest, p.Cols)
		}
	}
	H := n.cfg.Hidden
	for l, layer := range n.layers {
		dz := rows(w.tracks[l].dz, 0, layer.rec.weight.Cols)
		if l > 0 {
			matrix(layer.in.weight, rows(w.tracks[l-1].y, w.B, H), dz)
		} else {
			most := min(n.cfg.Symbols, w.T*w.B)
			if w.Dense {
				most = n.cfg.Symbols
			}
			for lo := 0; lo < most; lo += gatherGroup {
				b.pieces = append(b.pieces, piece{param: layer.in.weight, lo: lo, hi: lo + gatherGroup, b: dz, gather: true})
				longest = max(longest, layer.in.weight.Cols)
			}
		}
		matrix(layer.rec.weight, rows(w.tracks[l].y, 0, H), dz)
		vector(layer.in.bias, dz)
		vector(layer.rec.bias, dz)
	}
	dlogits := rows(w.logits, 0, n.cfg.Symbols)
	matrix(n.decoder.weight, rows(w.tracks[len(w.tracks)-1].y, w.B, H), dlogits)
	vector(n.decoder.bias, dlogits)
	return longest
}

// gatherGroup is the input rows that make one piece.
const gatherGroup = 64

// pieceRows returns the rows of a matrix with the given columns that make one piece: with few rows in a window a piece
// and the weights it updates should stay in the first-level cache together, with many it should be worth packing for.
func pieceRows(cols, windowRows int) int {
	floats := 4096
	if windowRows > 256 {
		floats = 16384
	}
	const tile = 6 // rows that kernels compute together
	return max(tile, floats/cols/tile*tile)
}

// weightShare computes pieces until none is left.
func (w *Window) weightShare(worker int) {
	b := w.back
	for {
		i := int(b.next.Add(1)) - 1
		if i >= len(b.pieces) {
			return
		}
		w.computePiece(worker, i)
	}
}

func (w *Window) computePiece(worker, i int) {
	b, p := w.back, &w.back.pieces[i]
	dz := p.b()
	if p.gather {
		for _, symbol := range b.group(p) {
			lo := int(symbol) * p.param.Cols
			g := b.room(worker, p.param, lo, p.param.Cols)
			b.touched.sum(g, dz, symbol)
			b.handOut(worker, i, p.param, lo, g)
		}
		return
	}
	lo, n := p.lo*p.param.Cols, (p.hi-p.lo)*p.param.Cols
	g := b.room(worker, p.param, lo, n)
	if p.a == nil {
		clear(g)
		f32.AddRows(g, dz)
	} else {
		x := p.a()
		x.Data, x.Cols = x.Data[p.lo:], p.hi-p.lo
		f32.MulTransA(f32.Mat(g, p.hi-p.lo, p.param.Cols), x, dz, false, b.scratch[worker].pack)
	}
	b.handOut(worker, i, p.param, lo, g)
}

// room returns where a piece of the gradient goes: to scratch memory if somebody waits for it, else to Param.Grad.
func (b *backward) room(worker int, p *Param, lo, n int) []float32 {
	if b.use != nil {
		return b.scratch[worker].grad[:n]
	}
	return p.Grad[lo : lo+n]
}

// group returns the symbols whose rows make up a piece of the input matrix.
func (b *backward) group(p *piece) []int32 {
	n := len(b.touched.symbols)
	return b.touched.symbols[min(p.lo, n):min(p.hi, n)]
}

func (b *backward) handOut(worker, piece int, p *Param, lo int, g []float32) {
	if b.use != nil {
		b.use(worker, piece, p, lo, g)
	}
}

// visitShare hands out pieces that lie in Param.Grad until none is left.
func (w *Window) visitShare(worker int) {
	b := w.back
	for {
		i := int(b.next.Add(1)) - 1
		if i >= len(b.pieces) {
			return
		}
		p := &b.pieces[i]
		cols := p.param.Cols
		if !p.gather {
			b.use(worker, i, p.param, p.lo*cols, p.param.Grad[p.lo*cols:p.hi*cols])
			continue
		}
		for _, symbol := range b.group(p) {
			lo := int(symbol) * cols
			b.use(worker, i, p.param, lo, p.param.Grad[lo:lo+cols])
		}
	}
}
