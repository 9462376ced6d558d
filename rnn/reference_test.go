package rnn

import (
	"fmt"
	"math"
)

// A reference is the forward pass once more, in float64 and as the equations are written: what the gradients of the
// engine are compared with. It holds its own weights.
type reference struct {
	c     Config
	w     map[string][]float64
	cells [][]float64 // [layer][B*S]
	B     int

	starts []bool // rows at which a stream starts anew, or nil
}

func newReference(n *Network, state []float32, B int) *reference {
	r := &reference{c: n.cfg, w: map[string][]float64{}, B: B}
	for _, p := range n.Params() {
		r.w[p.Name] = widen(p.Value)
	}
	per := len(state) / n.cfg.Layers
	for l := range n.cfg.Layers {
		r.cells = append(r.cells, widen(state[l*per:][:per]))
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

// difference returns (L(w+e) - L(w-e)) / 2e for weight i of p. With e = 1e-5 its error is about 1e-10.
func (r *reference) difference(p *Param, i int, x, y []int32) float64 {
	const e = 1e-5
	w := r.w[p.Name]
	old := w[i]
	w[i] = old + e
	above := r.loss(x, y)
	w[i] = old - e
	below := r.loss(x, y)
	w[i] = old
	return (above - below) / (2 * e)
}

// loss returns the summed loss of a window.
func (r *reference) loss(x, y []int32) float64 {
	sum := 0.0
	for b := range r.B {
		state := make([][]float64, r.c.Layers)
		for l := range state {
			n := len(r.cells[l]) / r.B
			state[l] = r.cells[l][b*n:][:n]
		}
		for k := b; k < len(x); k += r.B {
			in := make([]float64, r.c.Symbols)
			in[x[k]] = 1
			for l := range state {
				if r.starts != nil && r.starts[k] {
					state[l] = make([]float64, len(state[l]))
				}
				state[l] = r.layer("rnn.", fmt.Sprintf("_l%d", l), in, state[l])
				in = state[l][:r.c.Hidden]
			}
			sum += crossEntropy(decode(r.w["decoder.weight"], r.w["decoder.bias"], in), int(y[k]))
		}
	}
	return sum
}

// layer is one time step of a recurrent layer, whose weights' names begin and end like this.
func (r *reference) layer(prefix, suffix string, in, state []float64) []float64 {
	weight := func(name string) []float64 { return r.w[prefix+name+suffix] }
	return r.step(affine(weight("weight_ih"), weight("bias_ih"), in),
		affine(weight("weight_hh"), weight("bias_hh"), state[:r.c.Hidden]), state)
}

// step is one time step of the cell: from what inputs and recurrence give and the old state to the new state.
func (r *reference) step(in, rec, old []float64) []float64 {
	H := r.c.Hidden
	h := make([]float64, H)
	switch r.c.Cell {
	case "lstm":
		c := make([]float64, H)
		for j := range h {
			z := func(block int) float64 { return in[block*H+j] + rec[block*H+j] }
			i, f, g, o := sigmoid(z(0)), sigmoid(z(1)), math.Tanh(z(2)), sigmoid(z(3))
			c[j] = f*old[H+j] + i*g
			h[j] = o * math.Tanh(c[j])
		}
		return append(h, c...)
	case "gru":
		for j := range h {
			r, z := sigmoid(in[j]+rec[j]), sigmoid(in[H+j]+rec[H+j])
			n := math.Tanh(in[2*H+j] + r*rec[2*H+j])
			h[j] = (1-z)*n + z*old[j]
		}
		return h
	}
	for i := range h {
		z := in[i] + rec[i]
		switch r.c.Activation {
		case "sigmoid":
			h[i] = sigmoid(z)
		case "tanh":
			h[i] = math.Tanh(z)
		case "relu":
			h[i] = max(0, z)
		}
	}
	return h
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

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
