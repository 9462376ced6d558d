package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// An output is the weights of the linear layer that makes logits: [V x H], a row for each symbol.
type output struct{ linear }

func newOutput(c Config) output {
	return output{linear{
		&Param{Name: "decoder.weight", Rows: c.Symbols, Cols: c.Hidden, bound: perRoot(c.Hidden)},
		&Param{Name: "decoder.bias", Cols: c.Symbols, bound: perRoot(c.Hidden)},
	}}
}

func (o output) params() []*Param { return []*Param{o.weight, o.bias} }

// A decoder is the output in a window. It makes logits, and on the way back the loss.
type decoder struct {
	output
	w      *Window
	from   *signal
	forth  right
	back   right
	logits []float32 // [T*B x V], after Gradient its gradient
	losses []float32 // [T*B]
}

func (o output) stage(w *Window, in *signal) (stage, *signal) {
	rows := w.T * w.B
	s := &decoder{output: o, w: w, from: in, forth: w.right(o.weight, true, &w.copies)}
	s.logits, s.losses = f32.Aligned(rows*w.net.cfg.Symbols), f32.Aligned(rows)
	return s, nil
}

func (s *decoder) forward(first, rows int) {
	if s.w.late() {
		s.w.copies.refresh(s.w.net.version, nil)
	}
	apply(s.logits, s.from.y, s.from.cols, &s.forth, s.bias.Value, first, rows)
}

func (s *decoder) prepare() { s.back = s.w.right(s.weight, false, &s.w.back.copies) }

// row returns the logits of a row.
func (s *decoder) row(r int) []float32 {
	V := s.w.net.cfg.Symbols
	return s.logits[r*V:][:V]
}

// loss turns logits into their gradient.
func (s *decoder) loss(first, rows int) {
	b := s.w.back
	for r := first; r < first+rows; r++ {
		if r < b.first {
			clear(s.row(r))
			s.losses[r] = 0
			continue
		}
		s.losses[r] = f32.SoftmaxCrossEntropy(s.row(r), int(b.y[r-b.first]), b.scale)
	}
}

func (s *decoder) backward(first, rows int) {
	applyTransposed(s.from.dy, s.from.cols, s.logits, s.w.net.cfg.Symbols, &s.back, first, rows)
	if s.w.late() { // this is the one worker that has the stream
		s.w.back.copies.refresh(s.w.net.version, nil)
	}
}

func (s *decoder) wholes(add func(part)) {
	dlogits := activations{s.logits, s.w.net.cfg.Symbols}
	matrix := part{kind: matrixPart, param: s.weight, x: dlogits, dz: activations{s.from.y, s.from.cols}}
	if s.w.net.cfg.Tie {
		matrix.embedded = activations{s.w.embedded.dy, s.w.embedded.cols}
	}
	add(matrix)
	add(part{kind: biasPart, param: s.bias, dz: dlogits})
}
