package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// backward is what a window needs for gradients.
type backward struct {
	scale   float32
	y       []int32
	use     Use
	parts   parts
	copies  copies
	in      []right // [layer] transposes of the inputs' weights, but for the first layer
	out     right   // the output layer's weights
	plan    plan    // nil where windows are short
	touched touched
	scratch []scratch // one for each worker

	through, sum, weights func(worker int) // method values, made once
}

// A scratch is one worker's own memory.
type scratch struct {
	values []float32   // a piece of the gradient on its way to Use
	pack   *f32.Packed // panels of a long product
	piece  Piece       // the one at hand
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
	if use == nil || b.plan != nil {
		w.makeRoom()
	}
	w.pool.Run(b.through)
	if b.parts.made = b.plan != nil; b.parts.made {
		w.pool.Run(b.sum)
	} else {
		w.share()
	}
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

// prepareBackward allocates what only gradients need.
func (w *Window) prepareBackward() {
	b := &backward{touched: newTouched(w.net.cfg.Symbols, w.T*w.B)}
	w.back = b
	b.copies.pack = b.copies.packShare
	H, GH := w.net.cfg.Hidden, w.net.cell.Shape().Gates*w.net.cfg.Hidden
	for l := range w.tracks {
		tr := &w.tracks[l]
		tr.dy = f32.Aligned(w.T * w.B * H)
		if tr.dz = tr.dy; GH != H {
			tr.dz = tr.z // where it is read once more, and written while it is near
		}
		if tr.du = tr.dz; tr.u != nil {
			tr.du = tr.u
		}
		tr.ds = f32.Aligned(w.B * H)
		var in, rec right
		if l > 0 {
			in = w.right(w.net.layers[l].in.weight, true, &b.copies)
		}
		if weight := w.net.layers[l].rec.weight; weight != nil && w.T > 1 { // a single time step passes nothing back
			rec = w.right(weight, true, &b.copies)
		}
		b.in = append(b.in, in)
		for i := range w.spans {
			s := &w.spans[i][l]
			s.DY, s.DZ, s.DU, s.DS, s.Transpose = tr.dy, tr.dz, tr.du, tr.ds, rec
		}
	}
	b.out = w.right(w.net.decoder.weight, false, &b.copies)
	if b.parts.list = w.newParts(); w.long() {
		b.plan = newPlan(b.parts.list, w.wholes(), w.pool.Workers())
	}
	for range w.pool.Workers() {
		b.scratch = append(b.scratch, scratch{values: f32.Aligned(b.parts.longest()), pack: f32.NewPacked(128, 48)})
	}
	b.through, b.sum, b.weights = w.throughShare, w.sumShare, w.weightShare
}

// throughShare takes one worker's streams forward, and back to the gradient of all pre-activations.
func (w *Window) throughShare(worker int) {
	top := w.layersShare(worker)
	V := w.net.cfg.Symbols
	for first, rows := range w.blocks(top) {
		w.decode(top, first, rows)
		for r := first; r < first+rows; r++ {
			w.losses[r] = f32.SoftmaxCrossEntropy(w.logits[r*V:][:V], int(w.back.y[r]), w.back.scale)
		}
		w.applyTransposed(top, top.DY, w.logits, &w.back.out, V, first, rows)
	}
	if w.late() && top.T > 0 { // the others have no stream
		w.back.copies.refresh(w.net.version, nil)
	}
	spans := w.spans[worker]
	for l := len(spans) - 1; l >= 0; l-- {
		s := &spans[l]
		w.net.cell.Backward(s)
		if l > 0 {
			for first, rows := range w.blocks(s) {
				w.applyTransposed(s, w.tracks[l-1].dy, s.DZ, &w.back.in[l], s.G*s.H, first, rows)
			}
		}
	}
}

// applyTransposed sets rows of dx = dy*weight^T, where dy has the given columns.
func (w *Window) applyTransposed(s *Span, dx, dy []float32, weight *right, cols, first, rows int) {
	weight.mul(f32.Mat(dx[first*s.H:], rows, s.H), f32.Mat(dy[first*cols:], rows, cols), false)
}
