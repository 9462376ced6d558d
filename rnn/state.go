package rnn

import "fmt"

// A window's state lies in tracks: the rows of y and c after the last time step of the last call. In a caller's slice it is
// [layers x B x S], where a stream has its h and, if the cell has a memory, its c after it: S is H or 2H.

// StateLen returns the floats of state.
func (w *Window) StateLen() int {
	return len(w.tracks) * w.B * w.net.cfg.Hidden * w.net.cell.Shape().carried()
}

// State copies the state after the last call to dst. It panics unless dst holds StateLen floats.
func (w *Window) State(dst []float32) {
	w.eachState(dst, func(own, part []float32) { copy(part, own) })
}

// SetState makes the next call start from a state that State gave.
func (w *Window) SetState(src []float32) {
	w.steps = 0
	w.eachState(src, func(own, part []float32) { copy(own, part) })
}

// eachState calls f with every h and c of the window and its place in s.
func (w *Window) eachState(s []float32, f func(own, part []float32)) {
	if len(s) != w.StateLen() {
		panic(fmt.Sprintf("rnn: %d floats of state, want %d", len(s), w.StateLen()))
	}
	H := w.net.cfg.Hidden
	for l := range w.tracks {
		tr := &w.tracks[l]
		for b := w.steps * w.B; b < (w.steps+1)*w.B; b++ {
			f(tr.y[b*H:][:H], s[:H])
			if s = s[H:]; tr.c != nil {
				f(tr.c[b*H:][:H], s[:H])
				s = s[H:]
			}
		}
	}
}

// Reset makes the next call start from a state of zero.
func (w *Window) Reset() {
	w.steps = 0
	n := w.B * w.net.cfg.Hidden
	for l := range w.tracks {
		clear(w.tracks[l].y[:n])
		if c := w.tracks[l].c; c != nil {
			clear(c[:n])
		}
	}
}

// settle moves the state after the last call to where the next one looks for it.
func (w *Window) settle() {
	n := w.B * w.net.cfg.Hidden
	for l := range w.tracks {
		tr := &w.tracks[l]
		copy(tr.y[:n], tr.y[w.steps*n:])
		if tr.c != nil {
			copy(tr.c[:n], tr.c[w.steps*n:])
		}
	}
	w.steps = 0
}
