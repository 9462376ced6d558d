package rnn

import (
	"fmt"
	"math"
	"slices"
)

// A reference is the forward pass once more, in float64 and as the equations are written: what the gradients of the
// engine are compared with. It holds its own weights.
type reference struct {
	c     Config
	w     map[string][]float64
	state []streamState // [stream]
	begun []bool        // [stream] it goes on
	B     int

	starts   []bool // rows at which a stream restarts, or nil
	droppers []*dropoutStage
	masks    [][]float32       // [dropout stage][T*B*cols]
	cells    []*recurrentStage // for their masks

	teacher *reference // of a window that learns from one; its state is of the same streams
	share   float64

	from  int                                  // rows before it have no loss
	gates map[string][]float64                 // of the last step
	see   func(layer, row int, cell []float64) // is shown, and may change, each state that a step leaves; or nil
	input func(row int, x []float64)           // is shown, and may change, what is read of each symbol: see InputGrad; or nil
}

// A streamState is the state of a stream.
type streamState struct {
	past  [][][]float64 // [layer] inputs of the convolution, the oldest first
	cells [][]float64   // [layer][S]
}

func newReference(n *Network, state []float32, B int) *reference {
	r := &reference{c: n.cfg, w: map[string][]float64{}, B: B, state: make([]streamState, B)}
	for _, p := range n.Params() {
		r.w[p.Name] = widen(p.Value)
	}
	take := func(n int) []float64 {
		own := widen(state[:n])
		state = state[n:]
		return own
	}
	for l := range n.cfg.Layers {
		channels := n.cfg.Hidden
		if l == 0 {
			channels = n.cfg.Embedding
		}
		for b := range r.state {
			past := [][]float64{}
			for range n.cfg.Conv - 1 {
				past = append(past, take(channels))
			}
			r.state[b].past = append(r.state[b].past, past)
		}
		for b := range r.state {
			r.state[b].cells = append(r.state[b].cells, take(n.cfg.Hidden*n.cfg.cell().stateSize()))
		}
	}
	for range B {
		r.begun = append(r.begun, !n.cfg.LearnInitial || take(1)[0] == 1)
	}
	return r
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

// A move is a weight and how far it goes.
type move struct {
	i  int
	by float64
}

// difference returns (L(w+ed) - L(w-ed)) / 2e, where d is a direction for weights of p. Its error is about 1e-8 times the
// length of d; with a greater e more units of an MLP would pass through 0 on the way.
func (r *reference) difference(p *Param, direction []move, x, y []int32) float64 {
	w := r.w[p.Name]
	e := 1e-6 / math.Sqrt(float64(len(direction)))
	old := slices.Clone(w)
	moved := func(e float64) float64 {
		for _, m := range direction {
			w[m.i] = old[m.i] + e*m.by
		}
		return r.loss(x, y)
	}
	d := (moved(e) - moved(-e)) / (2 * e)
	copy(w, old)
	return d
}

// loss returns the summed loss of a window.
func (r *reference) loss(x, y []int32) float64 {
	sum := 0.0
	for b := range r.B {
		own := r.stream(b)
		var teacher func(symbol, row int) []float64
		if r.teacher != nil {
			teacher = r.teacher.stream(b)
		}
		for row := b; row < len(x); row += r.B {
			logits := own(int(x[row]), row)
			switch {
			case row < r.from:
			case r.c.Codes > 0:
				sum += squaredError(logits, r.code(int(y[row])))
			case r.teacher != nil:
				sum += (1 - r.share) * crossEntropy(logits, int(y[row]))
				predicted := teacher(int(x[row]), row)
				for k := range logits {
					sum += r.share * math.Exp(-crossEntropy(predicted, k)) * crossEntropy(logits, k)
				}
			default:
				sum += crossEntropy(logits, int(y[row]))
			}
		}
	}
	return sum
}

// stream returns what computes the logits of a stream, time step after time step, from its state on.
func (r *reference) stream(b int) func(symbol, row int) []float64 {
	m := streamState{slices.Clone(r.state[b].past), slices.Clone(r.state[b].cells)}
	matrix := r.w["decoder.weight"]
	if r.c.Tie {
		matrix = r.w["embedding.weight"]
	}
	return func(symbol, row int) []float64 {
		if r.starts != nil && r.starts[row] || row == b && !r.begun[b] {
			r.start(&m)
		}
		return decode(matrix, r.w["decoder.bias"], r.features(symbol, row, &m))
	}
}

// start sets m to what a stream starts from.
func (r *reference) start(m *streamState) {
	for l := range m.cells {
		m.cells[l] = make([]float64, len(m.cells[l]))
		prefix, suffix := r.c.layerName(l)
		n := copy(m.cells[l], r.w[prefix+"h0"+suffix])
		copy(m.cells[l][n:], r.w[prefix+"c0"+suffix])
		m.past[l] = slices.Clone(m.past[l])
		for i := range m.past[l] {
			m.past[l][i] = make([]float64, len(m.past[l][i]))
		}
	}
}

// features is one time step of everything below the decoder.
func (r *reference) features(symbol, row int, m *streamState) []float64 {
	x := make([]float64, r.c.Symbols)
	x[symbol] = 1
	switch {
	case r.c.Embedding > 0:
		x = slices.Clone(r.w["embedding.weight"][symbol*r.c.Embedding:][:r.c.Embedding])
		if r.input != nil {
			r.input(row, x)
		}
	case r.c.Codes > 0:
		x = r.code(symbol)
	}
	dropped := 0
	drop := func(x []float64) []float64 {
		dropped++
		return r.drop(dropped-1, row, x)
	}
	for l := range r.c.Layers {
		prefix, suffix := r.c.layerName(l)
		if !r.c.Block {
			x = drop(r.layer(prefix, suffix, r.conv(l, x, m), m, l, row))
			continue
		}
		x = sum(x, drop(r.layer(prefix, suffix, r.conv(l, normed(x), m), m, l, row)))
		mlp := fmt.Sprintf("blocks.%d.mlp.", l)
		f := affine(r.w[mlp+"0.weight"], r.w[mlp+"0.bias"], normed(x))
		for i := range f {
			f[i] = max(0, f[i])
		}
		x = sum(x, drop(affine(r.w[mlp+"2.weight"], r.w[mlp+"2.bias"], f)))
	}
	if r.c.Block {
		x = normed(x)
	}
	return x
}

// drop takes the same masks that the engine draws.
func (r *reference) drop(number, row int, x []float64) []float64 {
	if r.droppers == nil || r.droppers[number].own == nil {
		return x
	}
	cols := len(x)
	for len(r.masks) <= number {
		r.masks = append(r.masks, nil)
	}
	if r.masks[number] == nil {
		ones := make([]float32, len(r.droppers[number].own))
		for i := range ones {
			ones[i] = 1
		}
		r.droppers[number].mask(ones, ones, 0, len(ones)/cols)
		r.masks[number] = ones
	}
	y := slices.Clone(x)
	for i := range y {
		y[i] *= float64(r.masks[number][row*cols+i])
	}
	return y
}

// conv is one time step of the convolution before layer l, if there is one.
func (r *reference) conv(l int, x []float64, m *streamState) []float64 {
	K := r.c.Conv
	if K == 0 {
		return x
	}
	inputs := append(slices.Clone(m.past[l]), x)
	y := slices.Clone(r.w[r.c.convName(l)+"bias"])
	for k, weight := range slices.Collect(slices.Chunk(r.w[r.c.convName(l)+"weight"], len(x))) {
		for i := range y {
			y[i] += weight[i] * inputs[k][i]
		}
	}
	m.past[l] = inputs[1:]
	return y
}

// normed is the RMSNorm of x.
func normed(x []float64) []float64 {
	squares := 0.0
	for _, v := range x {
		squares += v * v
	}
	y := slices.Clone(x)
	for i := range y {
		y[i] /= math.Sqrt(squares/float64(len(x)) + 1e-5)
	}
	return y
}

func sum(a, b []float64) []float64 {
	c := slices.Clone(a)
	for i := range c {
		c[i] += b[i]
	}
	return c
}

// layer is one time step of recurrent layer l, whose weights' names begin and end like this. It returns h.
func (r *reference) layer(prefix, suffix string, in []float64, m *streamState, l, row int) []float64 {
	weight := func(name string) []float64 { return r.w[prefix+name+suffix] }
	H := r.c.Hidden
	var rec []float64
	if r.c.HasRecurrence() {
		rec = affine(weight("weight_hh"), make([]float64, len(weight("bias_hh"))), r.read(m.cells[l][:H], l, row%r.B))
		rec = sum(r.scaled(rec, weight("gain_hh")), weight("bias_hh"))
	}
	bias := weight("bias_ih")
	read := affine(weight("weight_ih"), make([]float64, len(bias)), in)
	if l == 0 && r.c.width() == 0 && r.input != nil {
		r.input(row, read)
	}
	z := sum(r.scaled(read, weight("gain_ih")), bias)
	info := r.c.cell()
	step := cellStep{activation: r.c.Activation, in: z, rec: rec, h: m.cells[l][:H], memoryOut: func(c []float64) []float64 {
		if !r.c.LayerNorm {
			return c
		}
		return sum(r.scaled(c, weight("gain_c")), weight("bias_c"))
	}}
	if info.memory {
		step.c = m.cells[l][H:]
	}
	state := info.formula(step)
	r.gates = map[string][]float64{}
	for i, g := range info.gates {
		r.gates[g.Name] = state.gates[i]
	}
	m.cells[l] = append(state.h, state.c...)
	if r.see != nil {
		r.see(l, row, m.cells[l])
	}
	return m.cells[l][:H]
}

// scaled is the layer normalisation of x times its gain, if the cell has that.
func (r *reference) scaled(x, gain []float64) []float64 {
	if !r.c.LayerNorm {
		return x
	}
	n, mean, squares := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = gain[i] * (v - mean) / math.Sqrt(squares/n+1e-5)
	}
	return y
}

// read returns what the recurrence of layer l reads of h, with the mask of the engine.
func (r *reference) read(h []float64, l, stream int) []float64 {
	if r.cells == nil || r.cells[l].buffers.drop.mask == nil {
		return h
	}
	h = slices.Clone(h)
	for i, m := range r.cells[l].buffers.drop.mask[stream*len(h):][:len(h)] {
		h[i] *= float64(m)
	}
	return h
}

// affine returns x*w + b for a w of one row per input.
func affine(w, b, x []float64) []float64 {
	y := append([]float64(nil), b...)
	for i, xi := range x {
		if xi == 0 {
			continue
		}
		for j := range y {
			y[j] += xi * w[i*len(y)+j]
		}
	}
	return y
}

// decode returns x*w^T + b for a w of one row per output.
func decode(w, b, x []float64) []float64 {
	y := append([]float64(nil), b...)
	for j := range y {
		for i, xi := range x {
			y[j] += xi * w[j*len(x)+i]
		}
	}
	return y
}

func (r *reference) code(symbol int) []float64 {
	return r.w["codes.weight"][symbol*r.c.Codes:][:r.c.Codes]
}

func squaredError(logits, code []float64) float64 {
	sum := 0.0
	for i, z := range logits {
		d := sigmoid64(z) - code[i]
		sum += d * d / 2
	}
	return sum
}

func crossEntropy(logits []float64, target int) float64 {
	top := logits[0]
	for _, v := range logits {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(v - top)
	}
	return math.Log(sum) + top - logits[target]
}
