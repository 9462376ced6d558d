package rnn

import "math"

// StateGradNorms are the L2 norms of a loss's gradient with respect to the states of a layer, [steps*B]: row t*B+b is for
// the state of stream b after time step t.
type StateGradNorms struct {
	H []float64 // |dL/dh|, through the time steps that follow and through the layers above
	C []float64 // |dL/dc| with h held as it is; nil for cells without memory. The norm of both is the root of their squares' sum
}

// StateGradNorms runs the window forward as Loss does, and backward from the losses of its last time step alone. x is
// time-major, [steps x B] with at least one time step; y, [B], holds the targets after its last symbols. It returns, layer by
// layer, the norms of the gradient of each stream's loss with respect to its states; row t*B+b is steps-1-t time steps before
// the loss. Norms of states before a stream restarts are 0. The call leaves the gradients of weights alone, disturbs no
// later Gradient, and drops nothing. Gradients are float32, so norms below 1e-38 lose digits and norms below 1e-45 are 0. It
// panics as Loss does.
//
// The norms show gradients vanish or explode (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, section 2).
func (w *Window) StateGradNorms(x, y []int32) []StateGradNorms {
	w.beginBackFromLast(x, y)
	norms := make([]StateGradNorms, len(w.cells))
	for i, s := range w.cells {
		norms[i].H = make([]float64, len(x))
		if s.info.memory {
			norms[i].C = make([]float64, len(x))
		}
		s.norms = &norms[i]
	}
	w.pool.Run(w.back.train)
	w.back.first = 0
	for _, s := range w.cells {
		s.norms = nil
	}
	return norms
}

// beginBackFromLast takes in the symbols of a window whose last time step alone has losses.
func (w *Window) beginBackFromLast(x, y []int32) {
	if w.checkSymbols(y, w.B); len(x) == 0 {
		panic("rnn: a gradient of no time step")
	}
	if w.back == nil {
		w.prepareBackward()
	}
	w.begin(x, false)
	w.overwritten = true
	b := w.back
	b.y, b.scale, b.first = y, 1, len(x)-w.B
}

// measure fills in time step t, while dL/dh lies in dy of s and, where there is no memory, in carry; else that is dL/dc.
func (n *StateGradNorms) measure(s *span, t int, memory bool) {
	for b := s.lo; b < s.hi; b++ {
		r := t*s.B + b
		dh, carry := s.grad.dy[r*s.H:][:s.H], s.grad.carry[b*s.H:][:s.H]
		var squares, squaresOfC float64
		for j, d := range dh { // the squares are exact in float64, so that fusing changes nothing
			if memory {
				squaresOfC += float64(carry[j]) * float64(carry[j])
			} else {
				d += carry[j]
			}
			squares += float64(d) * float64(d)
		}
		if n.H[r] = math.Sqrt(squares); memory {
			n.C[r] = math.Sqrt(squaresOfC)
		}
	}
}
