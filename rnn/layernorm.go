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

func newGains(c Config, shape Shape, prefix, suffix string) (g gains) {
	if !c.LayerNorm {
		return g
	}
	vector := func(name string, cols int, start float32) *Param {
		return &Param{Name: prefix + name + suffix, Cols: cols, start: start}
	}
	g.in = vector("gain_ih", shape.Gates*c.Hidden, 1)
	g.rec = vector("gain_hh", shape.Gates*c.Hidden, 1)
	if shape.Memory {
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

// newScaled returns nil if there is no gain.
func (w *Window) newNormalized(gain *Param) *normalized {
	if gain == nil {
		return nil
	}
	return &normalized{gain: gain, y: f32.Aligned(w.T * w.B * gain.Cols), inv: make([]float32, w.T*w.B)}
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
func (s *normalized) prepare() {
	if s != nil {
		s.dx = f32.Aligned(len(s.y))
	}
}

// gradient hands the gain to add, if there is one.
func (s *normalized) gradient(add func(part)) {
	if s != nil {
		add(part{kind: biasPart, param: s.gain, dz: activations{s.y, s.gain.Cols}})
	}
}

// scaleInputs sets rows of Z to what inputs contribute, whose products are in s.scaledIn.
func (s *recurrentStage) normInputs(first, rows int) {
	for r := first; r < first+rows; r++ {
		z := s.buffers.z[r*s.GH:][:s.GH]
		copy(z, s.buffers.bias)
		s.inputNorm.forward(r, z)
	}
}

// scaleInputsBack is the way back of a worker's streams.
func (s *recurrentStage) normInputsBackward(span *Span) {
	for t := range span.T {
		for r := t*span.B + span.Lo; r < t*span.B+span.Hi; r++ {
			s.inputNorm.backward(r, s.buffers.dz[r*s.GH:][:s.GH])
		}
	}
}

// contribution returns where what the recurrence contributes is added, and on the way back its gradient lies.
func (s *Span) contribution(r int, sum []float32) []float32 {
	if s.U != nil {
		sum = s.U
	}
	return sum[r*s.G*s.H:][:s.G*s.H]
}

// recurScaled is recur with a norm.
func (s *Span) recurNormalized(t int, before f32.Matrix) {
	s.Recurrence.mulPrefetch(s.rows(s.ScaledU.y, t, s.G*s.H), before, false, s.prefetchForward(t+1))
	for r := t*s.B + s.Lo; r < t*s.B+s.Hi; r++ {
		z := s.contribution(r, s.Z)
		if s.U != nil {
			clear(z)
		}
		s.ScaledU.forward(r, z)
	}
}

// recurScaledBack turns the gradient of what the recurrence contributes into that of its product, DU.
func (s *Span) recurNormalizedBackward(t int) {
	for r := t*s.B + s.Lo; r < t*s.B+s.Hi; r++ {
		s.ScaledU.backward(r, s.contribution(r, s.DZ))
	}
}

// lstmScaled is f32.LSTM with a norm between memory and output.
func (s *Span) lstmNormalized(t int) {
	s.lstm(t)
	for r := t*s.B + s.Lo; r < t*s.B+s.Hi; r++ {
		h, tanhC := s.Y[(r+s.B)*s.H:][:s.H], s.TanhC[r*s.H:][:s.H]
		copy(s.ScaledC.row(s.ScaledC.y, r), s.C[(r+s.B)*s.H:])
		copy(tanhC, s.BiasC)
		s.ScaledC.forward(r, tanhC)
		f32.Tanh(tanhC, tanhC)
		f32.Multiply(h, s.outputGate(s.Z, r), tanhC)
	}
}

// lstmGradScaled is f32.LSTMGrad with a norm between. What comes from the output it forms itself: the gradient of o's
// pre-activations, in DY, that of bias_c, in place of tanhC, and that of c_t, which joins what waits in dc. LSTMGrad then
// does the rest, with zeros for the gradient of the output.
func (s *Span) lstmGradNormalized(t int, dc []float32) {
	for b := s.Lo; b < s.Hi; b++ {
		r := t*s.B + b
		o, tanhC, dh := s.outputGate(s.Z, r), s.TanhC[r*s.H:][:s.H], s.DY[r*s.H:][:s.H]
		dx, dc := s.ScaledC.row(s.ScaledC.dx, r), s.DS[b*s.H:][:s.H]
		f32.Multiply(dx, dh, o)
		f32.TanhGrad(dx, dx, tanhC)
		f32.Multiply(dh, dh, tanhC)
		f32.SigmoidGrad(dh, dh, o)
		copy(tanhC, dx)
		s.ScaledC.backward(r, tanhC)
		f32.Add(dc, dc, dx)
		clear(dx)
	}
	s.lstmGrad(t, dc, s.flat(s.ScaledC.dx, t, s.H))
	for r := t*s.B + s.Lo; r < t*s.B+s.Hi; r++ {
		copy(s.outputGate(s.DZ, r), s.DY[r*s.H:])
	}
}

// outputGate returns gate o of a row of an LSTM's gates.
func (s *Span) outputGate(z []float32, r int) []float32 { return z[(r*4+3)*s.H:][:s.H] }
