package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Window runs a network over up to T time steps of B streams and carries the state on to the next call. It holds all
// memory that takes, for good, so that no call allocates. Results do not depend on the workers of the pool, and those of
// a stream not on its neighbours.
type Window struct {
	net    *Network
	pool   *f32.Pool
	T, B   int
	Dense  bool    // gradients cover the input rows of absent symbols too; to be set before the first Gradient
	steps  int     // time steps of the last call
	x      []int32 // its symbols, [steps*B]
	tracks []track
	out    right     // the output layer's weights
	logits []float32 // [T*B x V], after Gradient its gradient
	losses []float32 // [T*B]
	starts []bool    // [T*B], or nil
	spans  [][]Span  // [worker][layer]

	copies  copies
	forward func(worker int) // kept, because a method value made anew would allocate
	back    *backward        // nil until the first Gradient
}

// A track is one layer's memory.
type track struct {
	y       []float32 // [(T+1)*B x H], B rows of state in front
	p       []float32 // [T*B x H] outputs of the time step before, zero where a stream starts anew; y where none ever does
	z       []float32 // [T*B x G*H]; the same memory as y where a cell has one pre-activation per output
	u       []float32 // [T*B x G*H], or nil
	c       []float32 // [(T+1)*B x H], B rows of state in front, or nil
	tanhC   []float32 // [T*B x H], or nil
	dy      []float32 // [T*B x H]
	dz, du  []float32 // [T*B x G*H]; the memory of z and u, or of dy where that of z is y's; du is dz where there is no u
	ds      []float32 // [B x H]
	bias    []float32 // [G*H] what every pre-activation starts from
	in, rec right     // weights of the inputs, but for the first layer, and of the recurrence
}

// NewWindow returns a window of T time steps and B streams that starts from a state of zero. The pool, which may be nil,
// is shared with the caller and stays open. It panics if T or B is below 1.
func (n *Network) NewWindow(T, B int, pool *f32.Pool) *Window {
	if T < 1 || B < 1 {
		panic(fmt.Sprintf("rnn: a window of %d time steps and %d streams", T, B))
	}
	w := &Window{net: n, pool: pool, T: T, B: B, tracks: make([]track, n.cfg.Layers)}
	shape := n.cell.Shape()
	H, GH, V := n.cfg.Hidden, shape.Gates*n.cfg.Hidden, n.cfg.Symbols
	for l := range w.tracks {
		tr := &w.tracks[l]
		tr.y = f32.Aligned((T + 1) * B * H)
		tr.p = tr.y
		if tr.z = tr.y[B*H:]; GH != H {
			tr.z = f32.Aligned(T * B * GH)
		}
		if shape.Apart > 0 {
			tr.u = f32.Aligned(T * B * GH)
		}
		if shape.Memory {
			tr.c, tr.tanhC = f32.Aligned((T+1)*B*H), f32.Aligned(T*B*H)
		}
		if l > 0 {
			tr.in = w.right(n.layers[l].in.weight, false, &w.copies)
		}
		if rec := n.layers[l].rec.weight; rec != nil {
			tr.rec = w.right(rec, false, &w.copies)
		}
		tr.bias = f32.Aligned(GH)
	}
	w.out = w.right(n.decoder.weight, true, &w.copies)
	w.logits, w.losses = f32.Aligned(T*B*V), f32.Aligned(T*B)
	w.newSpans()
	w.forward = w.forwardShare
	w.copies.pack = w.copies.packShare
	return w
}

// newSpans divides the streams among the workers; a worker too many gets none.
func (w *Window) newSpans() {
	workers, shape := w.pool.Workers(), w.net.cell.Shape()
	w.spans = make([][]Span, workers)
	for i := range w.spans {
		w.spans[i] = make([]Span, len(w.tracks))
		for l := range w.spans[i] {
			tr := &w.tracks[l]
			s := Span{
				B: w.B, H: w.net.cfg.Hidden, G: shape.Gates, Lo: i * w.B / workers, Hi: (i + 1) * w.B / workers,
				Y: tr.y, P: tr.p, Z: tr.z, U: tr.u, C: tr.c, TanhC: tr.tanhC, Recurrence: tr.rec,
			}
			if shape.Apart > 0 {
				s.Bias = w.net.layers[l].rec.bias.Value[(shape.Gates-shape.Apart)*s.H:]
			}
			if l == 0 {
				s.Input = w.gather
			}
			w.spans[i][l] = s
		}
	}
}

// Starts returns a mark for each row of the window, [T*B] and at first false, for the caller to set before each call: at a
// marked row the stream starts anew, from a state of zero, and no gradient passes back through it. It panics after the
// first Gradient.
func (w *Window) Starts() []bool {
	if w.back != nil && w.starts == nil {
		panic("rnn: Starts of a window after Gradient")
	}
	if w.starts == nil {
		w.starts = make([]bool, w.T*w.B)
		for l := range w.tracks {
			w.tracks[l].p = f32.Aligned(w.T * w.B * w.net.cfg.Hidden)
			for i := range w.spans {
				w.spans[i][l].P, w.spans[i][l].Starts = w.tracks[l].p, w.starts
			}
		}
	}
	return w.starts
}

// Forward reads the symbols x, time-major [steps x B] with at most T steps, and computes their logits. It panics if x
// has another shape or holds a symbol out of range.
func (w *Window) Forward(x []int32) {
	w.begin(x)
	w.pool.Run(w.forward)
}

// Logits returns those of the last Forward or Loss, [steps*B x V]. They are overwritten by the next call.
func (w *Window) Logits() []float32 { return w.logits[:len(w.x)*w.net.cfg.Symbols] }

// Loss is Forward followed by a comparison with the targets y, a symbol for each of x: it returns the sum over all of
// -ln p(target), in nats.
func (w *Window) Loss(x, y []int32) float64 {
	w.checkSymbols(y, len(x))
	w.Forward(x)
	V := w.net.cfg.Symbols
	for r, target := range y {
		w.losses[r] = f32.CrossEntropy(w.logits[r*V:][:V], int(target))
	}
	return w.sumLosses()
}

// Losses returns those of the last Loss or Gradient row by row, [steps*B] in nats. They are overwritten by the next call.
func (w *Window) Losses() []float32 { return w.losses[:len(w.x)] }

// sumLosses adds in float64, row after row: a figure to report, that nothing learns from.
func (w *Window) sumLosses() float64 {
	sum := 0.0
	for _, l := range w.losses[:len(w.x)] {
		sum += float64(l)
	}
	return sum
}

// begin takes in the symbols of a new window: the state after the last one becomes the state before this one.
func (w *Window) begin(x []int32) {
	w.checkSymbols(x, len(x))
	if len(x)%w.B != 0 || len(x) > w.T*w.B {
		panic(fmt.Sprintf("rnn: %d symbols for a window of up to %d time steps of %d streams", len(x), w.T, w.B))
	}
	w.settle()
	w.x, w.steps = x, len(x)/w.B
	w.refresh()
}

func (w *Window) checkSymbols(x []int32, want int) {
	if len(x) != want {
		panic(fmt.Sprintf("rnn: %d targets for %d symbols", len(x), want))
	}
	for _, s := range x {
		if uint(s) >= uint(w.net.cfg.Symbols) {
			panic(fmt.Sprintf("rnn: symbol %d of an alphabet of %d", s, w.net.cfg.Symbols))
		}
	}
}

// forwardShare takes one worker's streams from symbols to logits.
func (w *Window) forwardShare(worker int) {
	top := w.layersShare(worker)
	for first, rows := range w.blocks(top) {
		w.decode(top, first, rows)
	}
}

// layersShare takes one worker's streams through the layers and returns the last one's span.
func (w *Window) layersShare(worker int) (top *Span) {
	spans := w.spans[worker]
	for l := range spans {
		s := &spans[l]
		if s.T = w.steps; s.Lo == s.Hi {
			s.T = 0
		}
		if l > 0 {
			for first, rows := range w.blocks(s) {
				w.apply(s, s.Z, w.tracks[l-1].y, &w.tracks[l].in, w.tracks[l].bias, first, rows)
			}
		}
		w.net.cell.Forward(s)
	}
	return &spans[len(spans)-1]
}

// decode computes rows of logits.
func (w *Window) decode(top *Span, first, rows int) {
	if w.late() {
		w.copies.refresh(w.net.version, nil)
	}
	w.apply(top, w.logits, top.Y, &w.out, w.net.decoder.bias.Value, first, rows)
}

// gather adds the inputs of layer 1: the row of each symbol, and the bias.
func (w *Window) gather(t, lo, hi int) {
	weight, z, bias := w.net.layers[0].in.weight.Value, w.tracks[0].z, w.tracks[0].bias
	cols := len(bias)
	for r := t*w.B + lo; r < t*w.B+hi; r++ {
		f32.Add(z[r*cols:][:cols], weight[int(w.x[r])*cols:][:cols], bias)
	}
}

// apply sets rows of c = y*weight + bias, where y has its B rows of state in front.
func (w *Window) apply(s *Span, c, y []float32, weight *right, bias []float32, first, rows int) {
	cols := len(bias)
	m := f32.Mat(c[first*cols:], rows, cols)
	for i := range rows {
		copy(m.Row(i), bias)
	}
	weight.mul(m, f32.Mat(y[(first+w.B)*s.H:], rows, s.H), true)
}

// blockRows is the most rows of a block: what is computed of them one after the other stays in the second-level cache.
const blockRows = 128

// blocks yields the rows of a span's streams in contiguous blocks: as few as possible if it has all streams, else one for
// each time step.
func (w *Window) blocks(s *Span) func(yield func(first, rows int) bool) {
	return func(yield func(first, rows int) bool) {
		if s.Lo == 0 && s.Hi == w.B {
			for first := 0; first < s.T*w.B; first += blockRows {
				if !yield(first, min(blockRows, s.T*w.B-first)) {
					return
				}
			}
			return
		}
		for t := range s.T {
			if !yield(t*w.B+s.Lo, s.Hi-s.Lo) {
				return
			}
		}
	}
}
