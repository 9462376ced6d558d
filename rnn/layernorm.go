package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// Layer normalisation in a cell (Ba, Kiros and Hinton 2016, "Layer normalization", arXiv 1607.06450, equations 20 to 22)
// normalises what inputs and recurrence contribute apart from each other, each over all its G*H pre-activations:
//
//	z_t = gain_ih * n(W x_t) + b + gain_hh * n(U h_(t-1))    n(a) = (a - mean(a)) / sqrt(var(a) + 1e-5)
//
// and the LSTM's memory on its way to the output, h_t = o tanh(gain_c * n(c_t) + bias_c); what c itself carries on stays
// whole. The GRU's reset gate multiplies gain_hh * n(U h_(t-1)) + b', as in the paper, which though normalises n apart from
// r and z. Further biases inside would only be added to b. Gains start at 1.

// gains are the weights of a layer's norms, nil where there are none.
type gains struct{ in, rec, c, cBias *Param }

func newGains(c Config, prefix, suffix string) (g gains) {
	if !c.LayerNorm {
		return g
	}
	cell := c.cell()
	vector := func(name string, cols int, start float32) *Param {
		return &Param{Name: prefix + name + suffix, Cols: cols, start: start}
	}
	g.in = vector("gain_ih", cell.numGates()*c.Hidden, 1)
	g.rec = vector("gain_hh", cell.numGates()*c.Hidden, 1)
	if cell.memory {
		g.c, g.cBias = vector("gain_c", c.Hidden, 1), vector("bias_c", c.Hidden, 0)
	}
	return g
}

// A normalized is rows of a window that pass through a norm and its gain.
type normalized struct {
	gain *Param
	y    []float32 // [T*B x cols] what is read, then n of it; on the way back the gradient of each gain
	dx   []float32 // [T*B x cols] gradient of what is read; nil before the first Gradient
	inv  []float32 // [T*B]
}

// newNormalized returns nil if there is no gain.
func (w *Window) newNormalized(gain *Param) *normalized {
	if gain == nil {
		return nil
	}
	return &normalized{gain: gain, y: w.buffers.floats(w.T * w.B * gain.Cols), inv: w.buffers.floats(w.T * w.B)}
}

func (s *normalized) row(x []float32, r int) []float32 { return x[r*s.gain.Cols:][:s.gain.Cols] }

// forward adds row r to z, normalised and times its gain.
func (s *normalized) forward(r int, z []float32) {
	y := s.row(s.y, r)
	s.inv[r] = f32.LayerNorm(y)
	f32.MulAdd(z, s.gain.Value, y)
}

// backward turns the gradient of z into that of row r.
func (s *normalized) backward(r int, dz []float32) {
	y, dx := s.row(s.y, r), s.row(s.dx, r)
	f32.Multiply(dx, dz, s.gain.Value)
	f32.LayerNormGrad(dx, y, s.inv[r])
	f32.Multiply(y, y, dz)
}

// prepare makes room for gradients.
func (s *normalized) prepare(w *Window) {
	if s != nil {
		s.dx = w.buffers.floats(w.T * w.B * s.gain.Cols)
	}
}

// gradient hands the gain to add, if there is one.
func (s *normalized) gradient(add func(part)) {
	if s != nil {
		add(part{kind: biasPart, param: s.gain, dz: activations{s.y, s.gain.Cols}})
	}
}

// normInputs sets rows of z to what inputs contribute, whose products are in norm.inputs.
func (s *recurrentStage) normInputs(first, rows int) {
	for r := first; r < first+rows; r++ {
		z := s.zRow(r)
		copy(z, s.buffers.fwd.bias)
		s.buffers.norm.inputs.forward(r, z)
	}
}

// normInputsBackward is the way back of a worker's streams.
func (s *recurrentStage) normInputsBackward(span *span) {
	for t := range span.T {
		for r := t*span.B + span.lo; r < t*span.B+span.hi; r++ {
			span.norm.inputs.backward(r, span.grad.dz[r*s.GH:][:s.GH])
		}
	}
}

// contribution returns the row in which on the way back the gradient of the recurrence's contribution lies: of u or, where
// there is none, of dz.
func (s *span) contribution(r int) []float32 {
	dz := s.grad.dz
	if s.fwd.u != nil {
		dz = s.fwd.u
	}
	return dz[r*s.G*s.H:][:s.G*s.H]
}

// recurNormalized is recur with a norm.
func (s *span) recurNormalized(t int, prev f32.Matrix) {
	n := s.norm.recurrence
	s.fwd.weight.mulPrefetch(s.rows(n.y, t, s.G*s.H), prev, false, s.prefetchForward(t+1))
	to := s.z(t) // the recurrence's contribution is added there, or is all of u
	if s.fwd.u != nil {
		to = s.u(t)
		clear(to)
	}
	for b := s.lo; b < s.hi; b++ {
		n.forward(t*s.B+b, to[(b-s.lo)*s.G*s.H:][:s.G*s.H])
	}
}

// recurNormalizedBackward turns the gradient of the recurrence's contribution into that of its product, du.
func (s *span) recurNormalizedBackward(t int) {
	for r := t*s.B + s.lo; r < t*s.B+s.hi; r++ {
		s.norm.recurrence.backward(r, s.contribution(r))
	}
}

// lstmNormalized replaces the output that f32.LSTM made by that with a norm between memory and output.
func (s *span) lstmNormalized(t int) {
	n := s.norm.memory
	z, c, allTanhC := s.z(t), s.flat(s.fwd.c, s.kept(t+1), s.H), s.flat(s.fwd.tanhC, s.kept(t), s.H)
	for i := range s.hi - s.lo {
		r := t*s.B + s.lo + i
		h, tanhC := s.fwd.y[(r+s.B)*s.H:][:s.H], allTanhC[i*s.H:][:s.H]
		copy(n.row(n.y, r), c[i*s.H:])
		copy(tanhC, s.norm.memoryBias)
		n.forward(r, tanhC)
		f32.Tanh(tanhC, tanhC)
		f32.Multiply(h, s.outputGate(z, i), tanhC)
	}
}

// lstmNormalizedBackward does, where a norm lies between memory and output, what f32.LSTMGrad would do for the output: it
// leaves the gradient of o's pre-activations in dy and that of bias_c in tanhC, and adds that of c_t to carry. It returns the
// zeros that f32.LSTMGrad, which does the rest, shall take for the gradient of the output.
func (s *span) lstmNormalizedBackward(t int) []float32 {
	n := s.norm.memory
	for b := s.lo; b < s.hi; b++ {
		r := t*s.B + b
		o, tanhC, dh := s.outputGate(s.fwd.z, r), s.fwd.tanhC[r*s.H:][:s.H], s.grad.dy[r*s.H:][:s.H]
		dx, dc := n.row(n.dx, r), s.grad.carry[b*s.H:][:s.H]
		f32.Multiply(dx, dh, o)
		f32.TanhGrad(dx, dx, tanhC)
		f32.Multiply(dh, dh, tanhC)
		f32.SigmoidGrad(dh, dh, o)
		copy(tanhC, dx)
		n.backward(r, tanhC)
		f32.Add(dc, dc, dx)
		clear(dx)
	}
	return s.flat(n.dx, t, s.H)
}

// setOutputGateGrad puts the gradient that lstmNormalizedBackward left in dy in its place.
func (s *span) setOutputGateGrad(t int) {
	for r := t*s.B + s.lo; r < t*s.B+s.hi; r++ {
		copy(s.outputGate(s.grad.dz, r), s.grad.dy[r*s.H:])
	}
}

// outputGate returns gate o of a row of an LSTM's gates.
func (s *span) outputGate(z []float32, r int) []float32 { return z[(r*4+3)*s.H:][:s.H] }
