package rnn

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A layer is the weights of a recurrent layer: what its inputs add to the pre-activations, and the recurrence, nil where the
// cell has no such weights.
type layer struct {
	info    *CellInfo
	cell    cell
	in, rec linear
	h0, c0  *Param // initial state, or nil
	gains   gains
}

// newLayer makes a layer of inputs, or of symbols, whose names begin and end like this.
func newLayer(c Config, prefix, suffix string, inputs int) *layer {
	info := c.cell()
	gates := info.numGates() * c.Hidden
	l := &layer{info: info, cell: info.build(c.Activation)}
	// PyTorch bounds both by the hidden units.
	l.in = newLinear(prefix+"weight_ih"+suffix, prefix+"bias_ih"+suffix, inputs, gates, c.Hidden)
	if !info.NoRecurrence {
		l.rec = newLinear(prefix+"weight_hh"+suffix, prefix+"bias_hh"+suffix, c.Hidden, gates, c.Hidden)
		l.rec.bias.Frozen = info.splitGates == 0
	}
	l.h0, l.c0 = newInitial(c, prefix, suffix)
	l.gains = newGains(c, prefix, suffix)
	return l
}

func (l *layer) params() []*Param {
	all := []*Param{l.in.weight, l.in.bias, l.rec.weight, l.rec.bias, l.h0, l.c0, l.gains.in, l.gains.rec, l.gains.c, l.gains.cBias}
	return slices.DeleteFunc(all, func(p *Param) bool { return p == nil })
}

// A recurrentStage is a layer in a window. As a stage it computes what the inputs contribute to pre-activations; then run
// takes these through time.
type recurrentStage struct {
	*layer
	w         *Window
	number    uint64 // of the stage
	H, GH     int
	from, out *signal // from is nil where the layer gathers the rows of symbols
	buffers   layerBuffers
	spans     []span // [worker]

	inputRHS, inputBackwardRHS rhs

	norms *StateGradNorms // what the way back measures, or nil
}

func (l *layer) stage(w *Window, in *signal) (stage, *signal) {
	H, T, B := w.net.cfg.Hidden, w.T, w.B
	keep := T // time steps of what only a gradient needs later
	if w.inference {
		keep = 1
	}
	s := &recurrentStage{layer: l, w: w, number: uint64(len(w.stages)), H: H, GH: l.info.numGates() * H, from: in}
	s.buffers = layerBuffers{B: B, H: H, G: l.info.numGates()}
	f := &s.buffers.fwd
	f.y = w.buffers.floats((T + 1) * B * H)
	f.prev, f.forgets = f.y, w.inference
	switch f.symbols = w.newSymbolGates(s); {
	case f.symbols != nil:
	case s.GH == H: // in the memory of y
	case in == nil && w.inference:
		f.z, f.forgetsZ = w.buffers.floats(B*s.GH), true
	default: // where there are inputs, their part of it is computed for all time steps before the first
		f.z = w.buffers.floats(T * B * s.GH)
	}
	if l.info.splitGates > 0 {
		f.u = w.buffers.floats(keep * B * s.GH)
		f.splitBias = tail(l.rec.bias.Value, (l.info.numGates()-l.info.splitGates)*H)
	}
	if l.info.memory {
		memories := keep + 1
		if f.forgets {
			memories = 1
		}
		f.c, f.tanhC = w.buffers.floats(memories*B*H), w.buffers.floats(keep*B*H)
	}
	if in != nil {
		s.inputRHS = w.newRHS(l.in.weight, false, &w.copies)
	}
	if l.rec.weight != nil {
		f.weight = w.newRHS(l.rec.weight, false, &w.copies)
	}
	f.bias = w.buffers.floats(s.GH)
	s.buffers.norm = normBuffers{inputs: w.newNormalized(l.gains.in), recurrence: w.newNormalized(l.gains.rec), memory: w.newNormalized(l.gains.c)}
	if l.gains.cBias != nil {
		s.buffers.norm.memoryBias = l.gains.cBias.Value
	}
	if l.h0 != nil {
		s.buffers.start.h0 = l.h0.Value
	}
	if l.c0 != nil {
		s.buffers.start.c0 = l.c0.Value
	}
	for i := range w.workers {
		lo, hi := w.streams(i)
		s.spans = append(s.spans, span{layerBuffers: &s.buffers, lo: lo, hi: hi})
	}
	s.out = &signal{cols: H}
	s.placeOutputs()
	return s, s.out
}

// placeOutputs makes what lies in y after the state before the window.
func (s *recurrentStage) placeOutputs() {
	f := &s.buffers.fwd
	s.out.y = tail(f.y, s.buffers.B*s.H)
	if s.GH == s.H {
		f.z = s.out.y
	}
}

// allowStarts makes room for streams that restart.
func (s *recurrentStage) allowStarts(marks []bool) {
	n := s.w.rows
	if s.w.inference {
		n = s.w.mostStreams
	}
	s.buffers.fwd.prev = s.w.buffers.floats(n * s.H)
	s.buffers.start.marks = marks
}

// refresh takes in weights that have changed.
func (s *recurrentStage) refresh() {
	bias := s.buffers.fwd.bias
	copy(bias, s.in.bias.Value)
	if s.rec.bias != nil { // but for the split gates, where the cell adds it itself
		summed := len(bias) - len(s.buffers.fwd.splitBias)
		f32.Add(bias[:summed], bias[:summed], s.rec.bias.Value[:summed])
	}
}

// gather adds the inputs of a layer of symbols: the row of each, and the bias.
func (s *recurrentStage) gather(t, lo, hi int) {
	weight, bias := s.in.weight.Value, s.buffers.fwd.bias
	cols := len(bias)
	if n := s.buffers.norm.inputs; n != nil {
		for r := t*s.w.B + lo; r < t*s.w.B+hi; r++ {
			copy(n.row(n.y, r), weight[int(s.w.x[r])*cols:])
		}
		s.normInputs(t*s.w.B+lo, hi-lo)
		return
	}
	for r := t*s.w.B + lo; r < t*s.w.B+hi; r++ {
		f32.Add(s.zRow(r), weight[int(s.w.x[r])*cols:][:cols], bias)
	}
}

// zRow returns the pre-activations of a row.
func (s *recurrentStage) zRow(r int) []float32 {
	if s.buffers.fwd.forgetsZ {
		r %= s.w.B
	}
	return s.buffers.fwd.z[r*s.GH:][:s.GH]
}

func (s *recurrentStage) forward(first, rows int) {
	if n := s.buffers.norm.inputs; n != nil {
		y := f32.Mat(n.y[first*s.GH:], rows, s.GH)
		s.inputRHS.mul(y, f32.Mat(s.from.y[first*s.from.cols:], rows, s.from.cols), false)
		s.normInputs(first, rows)
		return
	}
	apply(s.buffers.fwd.z, s.from.y, s.from.cols, &s.inputRHS, s.buffers.fwd.bias, first, rows)
}

// run takes one worker's streams through the cell.
func (s *recurrentStage) run(worker int) {
	span := &s.spans[worker]
	if span.T = s.w.steps; span.lo == span.hi {
		span.T = 0
	}
	if s.buffers.drop.on {
		s.drawMask(span.lo, span.hi)
	}
	for t := range span.T {
		if s.from == nil && s.buffers.fwd.symbols == nil {
			s.gather(t, span.lo, span.hi)
		}
		span.recur(t)
		s.cell.forward(span, t)
	}
}

func (s *recurrentStage) prepare() {
	w, b := s.w, &s.buffers
	g := &b.grad
	g.dy = w.buffers.floats(w.T * w.B * s.H)
	switch {
	case b.fwd.symbols != nil: // it is never there
	case s.GH == s.H:
		g.dz = g.dy
	default:
		g.dz = b.fwd.z // where it is read once more, and written while it is near
	}
	if g.du = g.dz; b.fwd.u != nil {
		g.du = b.fwd.u
	}
	g.dw = g.dz
	if b.norm.inputs != nil {
		for _, n := range []*normalized{b.norm.inputs, b.norm.recurrence, b.norm.memory} {
			n.prepare(w)
		}
		g.dw, g.du = b.norm.inputs.dx, b.norm.recurrence.dx
	}
	g.carry = w.buffers.floats(w.B * s.H)
	s.out.dy = g.dy
	if w.back.recurrence.allocated && s.rec.weight != nil {
		b.drop.masked, b.drop.mask = w.buffers.floats(w.T*w.B*s.H), w.buffers.floats(w.B*s.H)
	}
	if b.drop.mask != nil || s.h0 != nil {
		g.dprev = w.buffers.floats(w.T * w.B * s.H)
	}
	if s.passesBack() {
		s.inputBackwardRHS = w.newRHS(s.in.weight, true, &w.back.copies)
	}
	if s.rec.weight != nil && (w.T > 1 || s.h0 != nil) { // else a single time step passes nothing back
		g.transpose = w.newRHS(s.rec.weight, true, &w.back.copies)
	}
}

// runBackward takes one worker's streams back through the cell.
func (s *recurrentStage) runBackward(worker int) {
	span := &s.spans[worker]
	clear(span.carry())
	for t := span.T - 1; t >= 0; t-- {
		if s.norms != nil {
			s.norms.measure(span, t, s.info.memory)
		}
		s.cell.backward(span, t)
		span.passBack(t)
	}
	if s.buffers.norm.inputs != nil {
		s.normInputsBackward(span)
	}
}

// passesBack reports whether what the layer reads has a gradient: symbols and their codes have none.
func (s *recurrentStage) passesBack() bool { return s.from != nil && s.from.dy != nil }

func (s *recurrentStage) backward(first, rows int) {
	if s.passesBack() {
		applyTransposed(s.from.dy, s.from.cols, s.buffers.grad.dw, s.GH, &s.inputBackwardRHS, first, rows)
	}
}

func (s *recurrentStage) gradients(add func(part)) {
	b := &s.buffers
	dz, dw, du := activations{b.grad.dz, s.GH}, activations{b.grad.dw, s.GH}, activations{b.grad.du, s.GH}
	later := b.fwd.symbols
	if s.from == nil {
		add(part{kind: inputPart, param: s.in.weight, dz: dw, later: later})
	} else {
		add(part{kind: matrixPart, param: s.in.weight, x: activations{s.from.y, s.from.cols}, dz: dw})
	}
	if s.rec.weight != nil {
		read := b.fwd.prev
		if b.drop.masked != nil {
			read = b.drop.masked
		}
		add(part{kind: matrixPart, param: s.rec.weight, x: activations{read, s.H}, dz: du})
	}
	add(part{kind: biasPart, param: s.in.bias, dz: dz, later: later})
	if s.rec.bias != nil {
		if b.fwd.u != nil {
			dz = activations{b.fwd.u, s.GH}
		}
		add(part{kind: biasPart, param: s.rec.bias, dz: dz})
	}
	b.norm.inputs.gradient(add)
	b.norm.recurrence.gradient(add)
	if n := b.norm.memory; n != nil {
		n.gradient(add)
		add(part{kind: biasPart, param: s.gains.cBias, dz: activations{b.fwd.tanhC, s.H}})
	}
	if s.h0 != nil {
		add(part{kind: accumulatedPart, param: s.h0, accumulator: initialSum{s.w, b.grad.dprev}})
	}
	if s.c0 != nil {
		add(part{kind: accumulatedPart, param: s.c0, accumulator: initialSum{s.w, b.fwd.c}})
	}
}
