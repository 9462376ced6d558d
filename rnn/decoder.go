package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A decoder is the weights of the linear layer that makes logits: [V x H], a row for each symbol, or [E x H] for the bits of
// codes.
type decoder struct {
	linear
	codes *Param // nil where symbols are predicted
}

func newDecoder(c Config) decoder {
	return decoder{linear: linear{
		&Param{Name: "decoder.weight", Rows: c.outputs(), Cols: c.Hidden, bound: perRoot(c.Hidden)},
		&Param{Name: "decoder.bias", Cols: c.outputs(), bound: perRoot(c.Hidden)},
	}}
}

func (o decoder) params() []*Param { return []*Param{o.weight, o.bias} }

// A decoderStage is the decoder in a window. It makes logits, and in the backward pass the loss.
type decoderStage struct {
	decoder
	w           *Window
	from        *signal
	forwardRHS  rhs
	backwardRHS rhs
	cols        int       // of the logits
	logits      []float32 // [T*B x cols], after Gradient its gradient
	losses      []float32 // [T*B]

	outputs, errorRow []float32 // [T*B x cols] and, for one row aside, [cols]; of codes alone
}

func (o decoder) stage(w *Window, in *signal) (stage, *signal) {
	rows := w.T * w.B
	s := &decoderStage{decoder: o, w: w, from: in, forwardRHS: w.newRHS(o.weight, true, &w.copies), cols: w.net.cfg.outputs()}
	s.logits, s.losses = w.buffers.floats(rows*s.cols), w.buffers.floats(rows)
	if o.codes != nil {
		s.outputs, s.errorRow = w.buffers.floats(rows*s.cols), w.buffers.floats(s.cols)
	}
	return s, nil
}

func (s *decoderStage) forward(first, rows int) {
	if s.w.packOnDemand() {
		fastpath.Took(fastpath.PackOnDemand)
		s.w.copies.refresh(s.w.net.version)
	}
	skip := s.unjudged(first, rows)
	first, rows = first+skip, rows-skip
	apply(s.logits, s.from.y, s.from.cols, &s.forwardRHS, s.bias.Value, first, rows)
	if s.codes != nil {
		s.sigmoidOutputs(first, rows)
	}
}

// unjudged returns how many of these rows, the first of them, have no loss and so need no logits, whose gradient is 0.
func (s *decoderStage) unjudged(first, rows int) int {
	if s.w.back == nil {
		return 0
	}
	return min(max(0, s.w.back.first-first), rows)
}

func (s *decoderStage) prepare() { s.backwardRHS = s.w.newRHS(s.weight, false, &s.w.back.copies) }

// row returns the logits of a row.
func (s *decoderStage) row(r int) []float32 { return s.logits[r*s.cols:][:s.cols] }

// measure returns the loss of a row.
func (s *decoderStage) measure(r int, target int32) float32 {
	if s.codes != nil {
		return s.squaredError(s.errorRow, r, target)
	}
	return f32.CrossEntropy(s.row(r), int(target))
}

// loss turns logits into their gradient.
func (s *decoderStage) loss(first, rows int) {
	b := s.w.back
	for r := first; r < first+rows; r++ {
		if r < b.first {
			s.losses[r] = 0
			continue
		}
		target := b.y[r-b.first]
		if s.codes != nil {
			s.losses[r] = s.squaredLoss(r, target, b.scale)
		} else {
			s.losses[r] = f32.SoftmaxCrossEntropy(s.row(r), int(target), b.scale)
			if s.w.teacher != nil {
				s.w.teacher.teach(s.row(r), r, target)
			}
		}
	}
}

func (s *decoderStage) backward(first, rows int) {
	skip := s.unjudged(first, rows)
	clear(s.from.gradRows(first, skip))
	first, rows = first+skip, rows-skip
	applyTransposed(s.from.dy, s.from.cols, s.logits, s.cols, &s.backwardRHS, first, rows)
	if s.w.packOnDemand() { // this is the one worker that has the stream
		s.w.back.copies.refresh(s.w.net.version)
	}
}

func (s *decoderStage) gradients(add func(part)) {
	dlogits := activations{s.logits, s.cols}
	matrix := part{kind: matrixPart, param: s.weight, x: dlogits, dz: activations{s.from.y, s.from.cols}}
	if s.w.net.cfg.Tie {
		matrix.embedded = activations{s.w.embedded.dy, s.w.embedded.cols}
	}
	add(matrix)
	add(part{kind: biasPart, param: s.bias, dz: dlogits})
}
