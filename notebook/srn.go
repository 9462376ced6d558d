package notebook

// An SRN is Elman's simple recurrent network: one gradient step per symbol, and the gradient stops at the context.
type SRN struct {
	Network

	// ContextBug repeats the notebook's mistake: the context is overwritten by h_t before dU is formed with it.
	ContextBug bool
}

// NewSRN returns a network for V symbols with H hidden units. The notebook takes H = 128 and a learning rate of 0.1 for
// Shakespeare, H = 32 for its ae, buu, ciii words.
func NewSRN(symbols, hidden int, learningRate float64, seed uint64) *SRN {
	return &SRN{Network: newNetwork(symbols, hidden, learningRate, seed)}
}

// Gradient returns the loss of predicting target after input, its gradient with the context held fixed, and the next
// context. It changes nothing.
func (n *SRN) Gradient(input, target int) (loss float64, d *Weights, h []float64) {
	h, y := n.forward(input, n.Context)
	p, logSum := softmax(y)

	dy := p
	dy[target]-- // dL/dy = p - onehot(target)

	context := n.Context
	if n.ContextBug {
		context = h
	}
	d = NewWeights(len(n.By), len(n.Bh))
	n.backward(d, input, context, h, dy, make([]float64, len(h))) // nothing comes back from later time steps
	return logSum - y[target], d, h
}

// Train learns to predict target after input, w -= LearningRate dL/dw, and returns the loss before the update.
func (n *SRN) Train(input, target int) (loss float64) {
	loss, d, h := n.Gradient(input, target)
	n.Context = h

	dw := d.Rows()
	for i, w := range n.Rows() {
		for j := range w {
			w[j] -= n.LearningRate * dw[i][j]
		}
	}
	return loss
}

// Epoch resets the context and trains on every pair of neighbours in text, in order. It returns the mean loss in nats per
// symbol. report, unless nil, gets the number of pairs so far and the mean loss since its last call: each time the given
// number of pairs has passed, and for the rest at the end. It says whether to go on.
func (n *SRN) Epoch(text []int, every int, report func(pairs int, loss float64) (goOn bool)) (loss float64) {
	n.ResetContext()
	var epoch, recent mean
	pairs := len(text) - 1
	for t := range pairs {
		loss := n.Train(text[t], text[t+1])
		epoch.add(loss, 1)
		recent.add(loss, 1)
		if done := t + 1; report != nil && (done%every == 0 || done == pairs) {
			if !report(done, recent.value()) {
				break
			}
			recent = mean{}
		}
	}
	return epoch.value()
}

// A mean collects losses summed over some symbols each, and is their mean per symbol.
type mean struct{ sum, symbols float64 }

func (m *mean) add(loss float64, symbols int) {
	m.sum += loss
	m.symbols += float64(symbols)
}

func (m *mean) value() float64 { return m.sum / m.symbols }
