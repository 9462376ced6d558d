package rnn

import "math"

// A StateGradNorms is how strongly a loss depends on the state of a layer: at row t*B+b, [steps*B], stands the L2 norm for what time
// step t leaves of stream b.
type StateGradNorms struct {
	H []float64 // |dL/dh|, through the time steps that follow and through the layers above
	C []float64 // |dL/dc| with h held as it is; nil for cells without memory. The norm of both is the root of their squares' sum
}

// StateGradNorms runs the window forward as Loss does, and back from the losses of its last time step alone: that of stream b is
// the loss of y[b] after the last symbols of x, time-major [steps x B] with at least one time step. It returns how strongly each
// stream's loss depends on its states, layer by layer; row t*B+b is steps-1-t time steps away from it. States from before a
// stream starts anew count for nothing. The weights' gradients, and what Gradient does later, are left alone, and nothing is
// dropped. As gradients are float32, norms below 1e-38 lose digits and those below 1e-45 are 0. It panics as Loss does.
//
// This shows gradients vanish or explode (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, section 2).
func (w *Window) StateGradNorms(x, y []int32) []StateGradNorms {
	if w.checkSymbols(y, w.B); len(x) == 0 {
		panic("rnn: StateGradNorms of no time step")
	}
	if w.back == nil {
		w.prepareBackward()
	}
	w.begin(x, false)
	w.overwritten = true
	b := w.back
	b.y, b.scale, b.first = y, 1, len(x)-w.B
	slopes := make([]StateGradNorms, len(w.cells))
	for i, s := range w.cells {
		slopes[i] = s.newSlope(len(x))
		s.measure(&slopes[i])
	}
	w.pool.Run(b.train)
	b.first = 0
	for _, s := range w.cells {
		s.measure(nil)
	}
	return slopes
}

func (s *recurrentStage) newSlope(rows int) StateGradNorms {
	if s.buffers.c == nil {
		return StateGradNorms{H: make([]float64, rows)}
	}
	return StateGradNorms{H: make([]float64, rows), C: make([]float64, rows)}
}

// measure makes the way back through the cell fill in a slope, or none if it is nil.
func (s *recurrentStage) measure(slope *StateGradNorms) {
	for i := range s.spans {
		s.spans[i].Slope = slope
	}
}

// slope fills in time step t, while dL/dh lies in DY. If the cell leaves a part of it apart, that is direct; memory is
// dL/dc, if there is a c.
func (s *Span) slope(t int, direct, memory []float32) {
	if s.Slope == nil {
		return
	}
	for b := s.Lo; b < s.Hi; b++ {
		r, own := t*s.B+b, (b-s.Lo)*s.H
		dh := s.DY[r*s.H:][:s.H]
		sum := 0.0
		for j, d := range dh {
			if direct != nil {
				d += direct[own+j]
			}
			sum += float64(d) * float64(d) // exact in float64, so that fusing changes nothing
		}
		if s.Slope.H[r] = math.Sqrt(sum); memory == nil {
			continue
		}
		sum = 0
		for _, d := range memory[own:][:s.H] {
			sum += float64(d) * float64(d)
		}
		s.Slope.C[r] = math.Sqrt(sum)
	}
}
