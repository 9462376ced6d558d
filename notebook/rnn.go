package notebook

import "math"

// An RNN is the same network trained by truncated backpropagation through time, with clipping and Adagrad.
type RNN struct {
	Network
	Squares *Weights // Adagrad: for each weight, the sum of its squared gradients so far
}

// NewRNN returns a network for V symbols with H hidden units. The notebook takes H = 128, a learning rate of 0.1 and
// windows of 15.
func NewRNN(symbols, hidden int, learningRate float64, seed uint64) *RNN {
	return &RNN{Network: newNetwork(symbols, hidden, learningRate, seed), Squares: NewWeights(symbols, hidden)}
}

// Gradient returns the loss summed over a window in which targets[t] follows inputs[t], its gradient with the context
// before the window held fixed, and the context after it. It changes nothing. Down the window, from the last time step,
//
//	dz_t = h_t (1-h_t) (Wy^T dy_t + U^T dz_(t+1))
//
// because h_t reaches the loss on two ways: through its own logits and through the hidden units one time step later.
func (n *RNN) Gradient(inputs, targets []int) (loss float64, d *Weights, last []float64) {
	T := len(inputs)
	h := make([][]float64, T+1) // h[t+1] belongs to inputs[t]: h[0] is the context
	dy := make([][]float64, T)
	h[0] = n.Context
	for t := range T {
		var y []float64
		h[t+1], y = n.forward(inputs[t], h[t])
		p, logSum := softmax(y)
		loss += logSum - y[targets[t]]

		dy[t] = p
		dy[t][targets[t]]-- // dL/dy_t = p_t - onehot(target)
	}

	d = NewWeights(len(n.By), len(n.Bh))
	dh := make([]float64, len(n.Bh)) // nothing comes back from beyond the window
	for t := T - 1; t >= 0; t-- {
		dz := n.backward(d, inputs[t], h[t], h[t+1], dy[t], dh)
		clear(dh)
		for i := range dz { // dh = U^T dz, for the time step before
			for j := range dh {
				dh[j] += n.U[i][j] * dz[i]
			}
		}
	}
	return loss, d, h[T]
}

// TrainBatch learns one window and returns its loss, summed over the window, before the update:
//
//	g = dL/dw clipped to [-1, 1]        G += g^2        w -= LearningRate g / sqrt(G + 1e-8)
//
// (Duchi, Hazan, Singer, JMLR 12, 2011). The first update of each weight is thus +-LearningRate, whatever its gradient.
func (n *RNN) TrainBatch(inputs, targets []int) (loss float64) {
	loss, d, h := n.Gradient(inputs, targets)
	n.Context = h

	dw, squares := d.Rows(), n.Squares.Rows()
	for i, w := range n.Rows() {
		for j := range w {
			g := max(-1, min(1, dw[i][j]))
			squares[i][j] += g * g
			w[j] -= n.LearningRate * g / math.Sqrt(squares[i][j]+1e-8)
		}
	}
	return loss
}

// Epoch resets the context and trains on text, window time steps at a time; the last window may be shorter. It returns the
// mean loss in nats per symbol. report, unless nil, gets the number of windows so far and the mean loss since its last
// call, per symbol too: each time the given number of windows has passed, and for the rest at the end.
func (n *RNN) Epoch(text []int, window, every int, report func(windows int, loss float64) (goOn bool)) (loss float64) {
	n.ResetContext()
	var epoch, recent mean
	pairs := len(text) - 1
	windows := (pairs + window - 1) / window
	for k := range windows {
		start, end := k*window, min((k+1)*window, pairs)
		loss := n.TrainBatch(text[start:end], text[start+1:end+1])
		epoch.add(loss, end-start)
		recent.add(loss, end-start)
		if done := k + 1; report != nil && (done%every == 0 || done == windows) {
			if !report(done, recent.value()) {
				break
			}
			recent = mean{}
		}
	}
	return epoch.value()
}
