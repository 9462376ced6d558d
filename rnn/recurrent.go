package rnn

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A layer is the weights of a recurrent layer: what its inputs add to the pre-activations, and the recurrence,
// nil where the cell has no such weights.
type layer struct {
	cell    Cell
	in, rec linear
	h0, c0  *Param // initial state, or nil
	gains   gains
}

// newLayer makes a layer of inputs, or of symbols, whose names begin and end like this.
func newLayer(c Config, cell Cell, prefix, suffix string, inputs int) *layer {
	gates := cell.Shape().Gates * c.Hidden
	// PyTorch bounds both by the hidden units.
	l := &layer{cell: cell, in: newLinear(prefix+"weight_ih"+suffix, prefix+"bias_ih"+suffix, inputs, gates, c.Hidden)}
	if !cell.Shape().InputsOnly {
		l.rec = newLinear(prefix+"weight_hh"+suffix, prefix+"bias_hh"+suffix, c.Hidden, gates, c.Hidden)
		l.rec.bias.Frozen = cell.Shape().Apart == 0
	}
	l.h0, l.c0 = newInitial(c, cell.Shape(), prefix, suffix)
	l.gains = newGains(c, cell.Shape(), prefix, suffix)
	return l
}

func (l *layer) params() []*Param {
	all := []*Param{l.in.weight, l.in.bias, l.rec.weight, l.rec.bias, l.h0, l.c0, l.gains.in, l.gains.rec, l.gains.c, l.gains.cBias}
	return slices.DeleteFunc(all, func(p *Param) bool { return p == nil })
}

// A recurrent is a layer in a window. As a stage it computes what inputs contribute to pre-activations.
type recurrentStage struct {
	*layer
	w             *Window
	number        uint64 // of the stage
	H, GH         int
	from, out     *signal // from is nil where the layer gathers the rows of symbols
	buffers         recurrentBuffers
	inputNorm      *normalized // nil where there are no norms
	spans         []Span  // [worker]
	inputBackwardRHS          rhs   // transpose of the inputs' weights
	inputRHS, recurrentRHS rhs
}

// recurrentBuffers are the arrays of a recurrent layer.
type recurrentBuffers struct {
	y      []float32 // [(T+1)*B x H], B rows of state in front
	p      []float32 // [T*B x H] outputs of the time step before, zero where a stream starts anew; y where none ever does
	r      []float32 // [T*B x H] p with dropout, or nil
	mask   []float32 // [B x H] what is dropped of it
	dp     []float32 // [T*B x H] gradient of p, where it does not go to that of y at once; or nil
	z      []float32 // [T*B x G*H]; the same memory as y where a cell has one pre-activation per output
	u      []float32 // [T*B x G*H], or nil
	c      []float32 // [(T+1)*B x H], B rows of state in front, or nil
	tanhC  []float32 // [T*B x H], or nil
	dy     []float32 // [T*B x H]
	dw     []float32 // [T*B x G*H] gradient of what the inputs' weights make: dz, unless a norm is between them
	dz, du []float32 // [T*B x G*H]; the memory of z and u, or of dy where that of z is y's; du is dz where there is no u
	ds     []float32 // [B x H]
	bias   []float32 // [G*H] what every pre-activation starts from
}

func (l *layer) stage(w *Window, in *signal) (stage, *signal) {
	shape, H, T, B := l.cell.Shape(), w.net.cfg.Hidden, w.T, w.B
	s := &recurrentStage{layer: l, w: w, number: uint64(len(w.stages)), H: H, GH: shape.Gates * H, from: in}
	tr := &s.buffers
	tr.y = f32.Aligned((T + 1) * B * H)
	tr.p = tr.y
	if tr.z = tr.y[B*H:]; s.GH != H {
		tr.z = f32.Aligned(T * B * s.GH)
	}
	if shape.Apart > 0 {
		tr.u = f32.Aligned(T * B * s.GH)
	}
	if shape.Memory {
		tr.c, tr.tanhC = f32.Aligned((T+1)*B*H), f32.Aligned(T*B*H)
	}
	if in != nil {
		s.inputRHS = w.newRHS(l.in.weight, false, &w.copies)
	}
	if l.rec.weight != nil {
		s.recurrentRHS = w.newRHS(l.rec.weight, false, &w.copies)
	}
	tr.bias = f32.Aligned(s.GH)
	s.inputNorm = w.newNormalized(l.gains.in)
	s.newSpans(shape)
	s.out = &signal{cols: H, y: tr.y[B*H:]}
	return s, s.out
}

// newSpans divides the streams among the workers.
func (s *recurrentStage) newSpans(shape Shape) {
	tr := &s.buffers
	scaledU, scaledC := s.w.newNormalized(s.gains.rec), s.w.newNormalized(s.gains.c)
	for i := range s.w.pool.Workers() {
		lo, hi := s.w.streams(i)
		span := Span{
			B: s.w.B, H: s.H, G: shape.Gates, Lo: lo, Hi: hi, InputsOnly: shape.InputsOnly,
			Y: tr.y, P: tr.p, Z: tr.z, U: tr.u, C: tr.c, TanhC: tr.tanhC, Recurrence: s.recurrentRHS,
		}
		if shape.Apart > 0 {
			span.Bias = s.rec.bias.Value[(shape.Gates-shape.Apart)*s.H:]
		}
		if s.from == nil {
			span.Input = s.gather
		}
		if g := s.gains; g.in != nil {
			span.ScaledU = scaledU
			if span.ScaledC = scaledC; scaledC != nil {
				span.BiasC = g.cBias.Value
			}
		}
		if l := s.layer; l.h0 != nil {
			span.H0 = l.h0.Value
		}
		if l := s.layer; l.c0 != nil {
			span.C0 = l.c0.Value
		}
		s.spans = append(s.spans, span)
	}
}

// start makes room for streams that start anew.
func (s *recurrentStage) start(starts []bool) {
	s.buffers.p = f32.Aligned(s.w.T * s.w.B * s.H)
	for i := range s.spans {
		s.spans[i].P, s.spans[i].Starts = s.buffers.p, starts
	}
}

// refresh takes in weights that have changed.
func (s *recurrentStage) refresh() {
	bias := s.buffers.bias
	copy(bias, s.in.bias.Value)
	if s.rec.bias != nil { // but for what the cell adds itself
		summed := len(bias) - len(s.spans[0].Bias)
		f32.Add(bias[:summed], bias[:summed], s.rec.bias.Value[:summed])
	}
}

// gather adds the inputs of a layer of symbols: the row of each, and the bias.
func (s *recurrentStage) gather(t, lo, hi int) {
	weight, z, bias := s.in.weight.Value, s.buffers.z, s.buffers.bias
	cols := len(bias)
	if s.inputNorm != nil {
		for r := t*s.w.B + lo; r < t*s.w.B+hi; r++ {
			copy(s.inputNorm.row(s.inputNorm.y, r), weight[int(s.w.x[r])*cols:])
		}
		s.normInputs(t*s.w.B+lo, hi-lo)
		return
	}
	for r := t*s.w.B + lo; r < t*s.w.B+hi; r++ {
		f32.Add(z[r*cols:][:cols], weight[int(s.w.x[r])*cols:][:cols], bias)
	}
}

func (s *recurrentStage) forward(first, rows int) {
	if s.inputNorm != nil {
		y := f32.Mat(s.inputNorm.y[first*s.GH:], rows, s.GH)
		s.inputRHS.mul(y, f32.Mat(s.from.y[first*s.from.cols:], rows, s.from.cols), false)
		s.normInputs(first, rows)
		return
	}
	apply(s.buffers.z, s.from.y, s.from.cols, &s.inputRHS, s.buffers.bias, first, rows)
}

// run takes one worker's streams through the cell.
func (s *recurrentStage) run(worker int) {
	span := &s.spans[worker]
	if span.T = s.w.steps; span.Lo == span.Hi {
		span.T = 0
	}
	s.dropRecurrence(span)
	s.cell.Forward(span)
}

func (s *recurrentStage) prepare() {
	w, tr := s.w, &s.buffers
	tr.dy = f32.Aligned(w.T * w.B * s.H)
	if tr.dz = tr.dy; s.GH != s.H {
		tr.dz = tr.z // where it is read once more, and written while it is near
	}
	if tr.du = tr.dz; tr.u != nil {
		tr.du = tr.u
	}
	tr.dw = tr.dz
	if s.inputNorm != nil {
		p := &s.spans[0]
		for _, scaled := range []*normalized{s.inputNorm, p.ScaledU, p.ScaledC} {
			scaled.prepare()
		}
		tr.dw, tr.du = s.inputNorm.dx, p.ScaledU.dx
	}
	tr.ds = f32.Aligned(w.B * s.H)
	s.out.dy = tr.dy
	if w.back.recurrence.allocated && s.rec.weight != nil {
		tr.r, tr.mask = f32.Aligned(w.T*w.B*s.H), f32.Aligned(w.B*s.H)
	}
	if tr.mask != nil || s.h0 != nil {
		tr.dp = f32.Aligned(w.T * w.B * s.H)
	}
	if s.passesBack() {
		s.inputBackwardRHS = w.newRHS(s.in.weight, true, &w.back.copies)
	}
	var transpose rhs
	if s.rec.weight != nil && (w.T > 1 || s.h0 != nil) { // else a single time step passes nothing back
		transpose = w.newRHS(s.rec.weight, true, &w.back.copies)
	}
	for i := range s.spans {
		p := &s.spans[i]
		p.DY, p.DZ, p.DU, p.DS, p.DP, p.Transpose = tr.dy, tr.dz, tr.du, tr.ds, tr.dp, transpose
	}
}

// runBack takes one worker's streams back through the cell.
func (s *recurrentStage) runBack(worker int) {
	span := &s.spans[worker]
	if s.cell.Backward(span); s.inputNorm != nil {
		s.normInputsBackward(span)
	}
}

// passesBack says whether what the layer reads has a gradient: symbols and their codes have none.
func (s *recurrentStage) passesBack() bool { return s.from != nil && s.from.dy != nil }

func (s *recurrentStage) backward(first, rows int) {
	if s.passesBack() {
		applyTransposed(s.from.dy, s.from.cols, s.buffers.dw, s.GH, &s.inputBackwardRHS, first, rows)
	}
}

func (s *recurrentStage) gradients(add func(part)) {
	tr := &s.buffers
	dz, dw, du := activations{tr.dz, s.GH}, activations{tr.dw, s.GH}, activations{tr.du, s.GH}
	if s.from == nil {
		add(part{kind: inputPart, param: s.in.weight, dz: dw})
	} else {
		add(part{kind: matrixPart, param: s.in.weight, x: activations{s.from.y, s.from.cols}, dz: dw})
	}
	if s.rec.weight != nil {
		read := tr.p
		if tr.r != nil {
			read = tr.r
		}
		add(part{kind: matrixPart, param: s.rec.weight, x: activations{read, s.H}, dz: du})
	}
	add(part{kind: biasPart, param: s.in.bias, dz: dz})
	if s.rec.bias != nil {
		if tr.u != nil {
			dz = activations{tr.u, s.GH}
		}
		add(part{kind: biasPart, param: s.rec.bias, dz: dz})
	}
	s.inputNorm.gradient(add)
	s.spans[0].ScaledU.gradient(add)
	if c := s.spans[0].ScaledC; c != nil {
		c.gradient(add)
		add(part{kind: biasPart, param: s.gains.cBias, dz: activations{tr.tanhC, s.H}})
	}
	if s.h0 != nil {
		add(part{kind: accumulatedPart, param: s.h0, accumulator: initialSum{s.w, tr.dp}})
	}
	if s.c0 != nil {
		add(part{kind: accumulatedPart, param: s.c0, accumulator: initialSum{s.w, tr.c}})
	}
}
