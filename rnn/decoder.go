package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// An output is the weights of the linear layer that makes logits: [V x H], a row for each symbol, or [E x H] for the bits of
// codes.
type output struct {
	linear
	codes *Param // nil where symbols are predicted
}

func newOutput(c Config) output {
	return output{linear: linear{
		&Param{Name: "decoder.weight", Rows: c.Outputs(), Cols: c.Hidden, bound: perRoot(c.Hidden)},
		&Param{Name: "decoder.bias", Cols: c.Outputs(), bound: perRoot(c.Hidden)},
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
	cols   int       // of the logits
	logits []float32 // [T*B x cols], after Gradient its gradient
	losses []float32 // [T*B]

	answers, apart []float32 // [T*B x cols] and, for one row aside, [cols]; of codes alone
}

func (o output) stage(w *Window, in *signal) (stage, *signal) {
	rows := w.T * w.B
	s := &decoder{output: o, w: w, from: in, forth: w.right(o.weight, true, &w.copies), cols: w.net.cfg.Outputs()}
	s.logits, s.losses = f32.Aligned(rows*s.cols), f32.Aligned(rows)
	if o.codes != nil {
		s.answers, s.apart = f32.Aligned(rows*s.cols), f32.Aligned(s.cols)
	}
	return s, nil
}

func (s *decoder) forward(first, rows int) {
	if s.w.late() {
		fastpath.Took(fastpath.PackOnDemand)
		s.w.copies.refresh(s.w.net.version, nil)
	}
	apply(s.logits, s.from.y, s.from.cols, &s.forth, s.bias.Value, first, rows)
	if s.codes != nil {
		s.answer(first, rows)
	}
}

func (s *decoder) prepare() { s.back = s.w.right(s.weight, false, &s.w.back.copies) }

// row returns the logits of a row.
func (s *decoder) row(r int) []float32 { return s.logits[r*s.cols:][:s.cols] }

// measure returns the loss of a row.
func (s *decoder) measure(r int, target int32) float32 {
	if s.codes != nil {
		return s.squaredError(s.apart, r, target)
	}
	return f32.CrossEntropy(s.row(r), int(target))
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
		target := b.y[r-b.first]
		if s.codes != nil {
			s.losses[r] = s.squaredLoss(r, target, b.scale)
		} else {
			s.losses[r] = f32.SoftmaxCrossEntropy(s.row(r), int(target), b.scale)
		}
	}
}

func (s *decoder) backward(first, rows int) {
	applyTransposed(s.from.dy, s.from.cols, s.logits, s.cols, &s.back, first, rows)
	if s.w.late() { // this is the one worker that has the stream
		s.w.back.copies.refresh(s.w.net.version, nil)
	}
}

func (s *decoder) wholes(add func(part)) {
	dlogits := activations{s.logits, s.cols}
	matrix := part{kind: matrixPart, param: s.weight, x: dlogits, dz: activations{s.from.y, s.from.cols}}
	if s.w.net.cfg.Tie {
		matrix.embedded = activations{s.w.embedded.dy, s.w.embedded.cols}
	}
	add(matrix)
	add(part{kind: biasPart, param: s.bias, dz: dlogits})
}
