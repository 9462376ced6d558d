// Package notebook is the notebook that Elman began as: two recurrent networks that learn Shakespeare one character at a
// time, in float64 and plain loops. It is here to be read, and to be the oracle that the engine is tested against, so it
// shares no line with the engine and is never made faster. Indices out of range panic; nothing else can fail.
//
// Both networks compute the same. At time step t they see symbol x_t, one of V, and give each symbol a probability of
// being the next:
//
//	h_t = sigmoid(Wx x_t + U h_(t-1) + bh)    H hidden units; x_t is one-hot, so Wx x_t is column x_t of Wx
//	y_t = Wy h_t + by                         V logits
//	p_t = softmax(y_t)                        p_t[i] = exp(y_t[i]) / sum over j of exp(y_t[j])
//	L_t = -log p_t[target]                    the loss, in nats
//
// The only memory is the context h_(t-1), a copy of the hidden units one time step ago (Elman, Finding structure in time,
// Cognitive Science 14, 1990). The networks differ in how the loss reaches U:
//
//   - [SRN], Elman's simple recurrent network, takes the context for one more input: the gradient stops there. It updates
//     after every symbol, by stochastic gradient descent.
//   - [RNN] unfolds a window of T time steps and carries the gradient back through U from each to the one before:
//     truncated backpropagation through time (BPTT; Werbos, Proc. IEEE 78, 1990). It updates after every window, by Adagrad.
//
// # What the notebook gets wrong, and what this version does
//
//   - SRN.train stores h_t in self.context and then forms dU = dz context^T, so dU is made with h_t where h_(t-1) belongs.
//     Corrected; [SRN].ContextBug brings the mistake back. It costs 0.5 nats per character on Shakespeare.
//   - RNN.train_batch looks for Adagrad's sums under names that __init__ never made (adaW_hh for adaU and so on) and stops
//     with an AttributeError. Here the sums have the shape of the weights and are walked beside them.
//   - The Shakespeare loop resets the context of another model than it trains. Epoch resets its own.
//   - The SRN's loops never see the last pair of neighbours, the RNN's drop the symbols after the last whole window (and
//     fail if there are none). Epoch trains on all n-1 pairs; its last window may be short.
//   - The first average divides one item too many, and losses after the last multiple of 10,000 are never shown. Epoch
//     reports means over exactly the items since the last report, the rest included.
//   - The SRN's loss is printed per character, the RNN's per window of 15, and only ever on the text being learned. Means
//     are per symbol here, and [Network.Evaluate] measures any text with the weights left alone.
//   - predict is fed a symbol that the context already holds, or an unrelated one. [Network.Predict] takes the context to
//     start from and the symbols to feed, once each, and keeps these in its result.
//   - softmax overflows from logits of 710 up, and log(0) is infinite. The largest logit is subtracted first, and the loss
//     is log sum exp(y) - y[target].
//   - The alphabet is list(set(text)), in another order every run, in a table shared by all models; there is no seed.
//     [Encode] sorts, networks take symbol numbers, and all that is random comes from a seed.
//   - RNN inherits SRN.train, which would update it without Adagrad. Here they share the network, not the training.
//   - What the notebook calls batch_size is the window: the number of time steps unfolded. There is one stream.
//
// Kept on purpose: weights that start at N(0, 0.01^2), the sigmoid, clipping each element of a gradient summed over the
// window, the epsilon inside Adagrad's root. The notebook says that its RNN "didn't converge at all" without Adagrad;
// that could not be reproduced: plain descent learns too (2.5 against 2.2 nats per character in the first epoch).
package notebook

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Weights are all that a network learns, or anything of that shape: a gradient, Adagrad's sums.
type Weights struct {
	Wx [][]float64 // [H x V], symbol to hidden
	U  [][]float64 // [H x H], context to hidden
	Wy [][]float64 // [V x H], hidden to logits
	Bh []float64   // [H]
	By []float64   // [V]
}

// NewWeights returns weights of zero for V symbols and H hidden units.
func NewWeights(symbols, hidden int) *Weights {
	matrix := func(rows, cols int) [][]float64 {
		m := make([][]float64, rows)
		for i := range m {
			m[i] = make([]float64, cols)
		}
		return m
	}
	return &Weights{
		Wx: matrix(hidden, symbols), U: matrix(hidden, hidden), Wy: matrix(symbols, hidden),
		Bh: make([]float64, hidden), By: make([]float64, symbols),
	}
}

// Rows lists every row of every matrix, then the biases, for loops that treat all weights alike.
func (w *Weights) Rows() [][]float64 {
	return slices.Concat(w.U, w.Wx, w.Wy, [][]float64{w.Bh, w.By})
}

// A Network is what SRN and RNN share: weights, context, and the way forward.
type Network struct {
	*Weights
	Context      []float64 // h_(t-1), [H]; replaced, never written into, so a copy of the slice stays good
	LearningRate float64
}

func newNetwork(symbols, hidden int, learningRate float64, seed uint64) Network {
	rng := rand.New(rand.NewPCG(seed, 0))
	w := NewWeights(symbols, hidden)
	for _, row := range slices.Concat(w.Wx, w.U, w.Wy) { // the biases stay zero
		for j := range row {
			row[j] = 0.01 * rng.NormFloat64()
		}
	}
	return Network{Weights: w, Context: make([]float64, hidden), LearningRate: learningRate}
}

// ResetContext forgets everything seen so far. (The context is 0 then, a value that the sigmoid itself never takes.)
func (n *Network) ResetContext() {
	n.Context = make([]float64, len(n.Bh))
}

// forward gives hidden units and logits for symbol x after the context.
func (n *Network) forward(x int, context []float64) (h, y []float64) {
	h = make([]float64, len(n.Bh))
	for i := range h {
		z := n.Wx[i][x] + n.Bh[i]
		for j, c := range context {
			z += n.U[i][j] * c
		}
		h[i] = 1 / (1 + math.Exp(-z))
	}
	y = make([]float64, len(n.By))
	for i := range y {
		y[i] = n.By[i]
		for j, hj := range h {
			y[i] += n.Wy[i][j] * hj
		}
	}
	return h, y
}

// softmax gives the probabilities p of logits y and log sum exp(y), from which the loss of a target is logSum - y[target].
func softmax(y []float64) (p []float64, logSum float64) {
	top, sum := slices.Max(y), 0.0
	p = make([]float64, len(y))
	for i := range y {
		p[i] = math.Exp(y[i] - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p, top + math.Log(sum)
}

// backward adds one time step's part of the gradient to d and returns dz = dL/dz of the hidden units' net input z. dy is
// dL/dy and dh what reaches h from later time steps; the rest is what forward saw and gave.
//
//	dWy += dy h^T        dby += dy
//	dz   = h (1-h) (Wy^T dy + dh)                the sigmoid's slope is h (1-h)
//	dWx += dz x^T        dbh += dz        dU += dz context^T
func (n *Network) backward(d *Weights, x int, context, h, dy, dh []float64) (dz []float64) {
	dz = slices.Clone(dh)
	for i := range dy {
		d.By[i] += dy[i]
		for j := range h {
			d.Wy[i][j] += dy[i] * h[j]
			dz[j] += n.Wy[i][j] * dy[i]
		}
	}
	for i := range dz {
		dz[i] *= h[i] * (1 - h[i])
		d.Bh[i] += dz[i]
		d.Wx[i][x] += dz[i]
		for j := range context {
			d.U[i][j] += dz[i] * context[j]
		}
	}
	return dz
}

// Predict feeds the symbols of prime, at least one, to a network in the given context (nil means zeros), then draws amount
// more, each from the probabilities that follow the one before. It returns prime and draws. n.Context is left alone.
func (n *Network) Predict(context []float64, prime []int, amount int, rng *rand.Rand) []int {
	h := context
	if h == nil {
		h = make([]float64, len(n.Bh))
	}
	var y []float64
	for _, x := range prime {
		h, y = n.forward(x, h)
	}
	text := slices.Clone(prime)
	for range amount {
		p, _ := softmax(y)
		x := draw(p, rng.Float64())
		text = append(text, x)
		h, y = n.forward(x, h)
	}
	return text
}

// draw returns the symbol in whose stretch of [0, 1) u lies, when the probabilities are laid end to end.
func draw(p []float64, u float64) int {
	for i, pi := range p {
		if u < pi {
			return i
		}
		u -= pi
	}
	return len(p) - 1 // rounding: the sum of p may fall short of 1
}

// Evaluate returns the mean loss over text, in nats per symbol, starting from a context of zeros and learning nothing.
func (n *Network) Evaluate(text []int) float64 {
	h, sum := make([]float64, len(n.Bh)), 0.0
	for t := range len(text) - 1 {
		var y []float64
		h, y = n.forward(text[t], h)
		_, logSum := softmax(y)
		sum += logSum - y[text[t+1]]
	}
	return sum / float64(len(text)-1)
}

// Encode numbers the characters of text in sorted order: symbols[ids[i]] is the i-th character.
func Encode(text string) (symbols []rune, ids []int) {
	chars := []rune(text)
	symbols = slices.Compact(slices.Sorted(slices.Values(chars)))
	ids = make([]int, len(chars))
	for i, c := range chars {
		ids[i], _ = slices.BinarySearch(symbols, c)
	}
	return symbols, ids
}
