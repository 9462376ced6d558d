package rnn

import "fmt"

// A window's state lies in its stages, which carry it from one call to the next. In a caller's slice it is, for each of
// those stages, [B x S]: a layer has for each stream its h and, if the cell has a memory, its c after it, so that S is H or
// 2H. A window whose initial state is learned has one number more for each stream: see learnedStarts.

// A statefulStage carries state from one call to the next.
type statefulStage interface {
	// stateLen returns S, the floats of state of a stream.
	stateLen() int
	// eachState calls f with every part of a stream's state, as it was left after this many time steps.
	eachState(stream, steps int, f func(own []float32))
	// carryState moves the state after this many time steps to where the next call looks for it.
	carryState(steps int)
	// setStreams makes that the state of another number of streams.
	setStreams(from, to int)
}

// StateLen returns the number of floats in the state of all streams.
func (w *Window) StateLen() int {
	n := 0
	for _, c := range w.stateful {
		n += w.B * c.stateLen()
	}
	if w.teacher != nil {
		n += w.teacher.window.StateLen()
	}
	return n
}

// streamStateLen returns the number of floats of the state of a stream. A teacher's state is none of a stream's.
func (w *Window) streamStateLen() int {
	if w.teacher != nil {
		panic("rnn: the state of a stream of a window with a teacher")
	}
	return w.StateLen() / w.B
}

// StreamStateLens returns the number of floats of the state of a stream, for each stage that has any.
func (w *Window) StreamStateLens() (lens []int) {
	for _, c := range w.stateful {
		lens = append(lens, c.stateLen())
	}
	return lens
}

// State copies the state after the last call to dst. It panics unless dst holds StateLen floats.
func (w *Window) State(dst []float32) {
	w.checkState(len(dst), w.StateLen())
	for _, c := range w.stateful {
		for b := range w.B {
			c.eachState(b, w.steps, func(own []float32) { dst = dst[copy(dst, own):] })
		}
	}
	if w.teacher != nil {
		w.teacher.window.State(dst)
	}
}

// StreamState copies the state of one stream after the last call to dst, in the form of a window of one stream. It panics
// unless dst has that length.
func (w *Window) StreamState(stream int, dst []float32) {
	w.checkState(len(dst), w.streamStateLen())
	for _, c := range w.stateful {
		c.eachState(stream, w.steps, func(own []float32) { dst = dst[copy(dst, own):] })
	}
}

// SetState makes the next call start from a state returned by State.
func (w *Window) SetState(src []float32) {
	w.checkState(len(src), w.StateLen())
	w.steps = 0
	for _, c := range w.stateful {
		for b := range w.B {
			c.eachState(b, 0, func(own []float32) { src = src[copy(own, src):] })
		}
	}
	if w.teacher != nil {
		w.teacher.window.SetState(src)
	}
}

// SetStreamState makes one stream go on from a state returned by StreamState, or by State of a window of one stream; the others
// go on as they would.
func (w *Window) SetStreamState(stream int, src []float32) {
	w.checkState(len(src), w.streamStateLen())
	w.carryState()
	for _, c := range w.stateful {
		c.eachState(stream, 0, func(own []float32) { src = src[copy(own, src):] })
	}
}

// BroadcastState makes the next call start every stream from the state of a window of one stream.
func (w *Window) BroadcastState(src []float32) {
	w.checkState(len(src), w.streamStateLen())
	w.steps = 0
	for _, c := range w.stateful {
		for b := range w.B {
			one := src
			c.eachState(b, 0, func(own []float32) { one = one[copy(own, one):] })
		}
		src = src[c.stateLen():]
	}
}

func (w *Window) checkState(n, want int) {
	if n != want {
		panic(fmt.Sprintf("rnn: %d floats of state, want %d", n, want))
	}
}

// Reset makes the next call start from a state of zero, or the learned initial state.
func (w *Window) Reset() {
	w.steps = 0
	for _, c := range w.stateful {
		for b := range w.B {
			c.eachState(b, 0, func(own []float32) { clear(own) })
		}
	}
	if w.teacher != nil {
		w.teacher.window.Reset()
	}
}

// carryState moves the state after the last call to where the next one looks for it.
func (w *Window) carryState() {
	for _, c := range w.stateful {
		c.carryState(w.steps)
	}
	w.steps = 0
}

func (s *recurrentStage) stateLen() int { return s.H * s.info.stateSize() }

func (s *recurrentStage) eachState(stream, steps int, f func(own []float32)) {
	at := (steps*s.w.B + stream) * s.H
	f(s.buffers.fwd.y[at:][:s.H])
	if s.buffers.fwd.forgets { // c has one time step
		at = stream * s.H
	}
	if s.buffers.fwd.c != nil {
		f(s.buffers.fwd.c[at:][:s.H])
	}
}

func (s *recurrentStage) carryState(steps int) {
	n := s.w.B * s.H
	copy(s.buffers.fwd.y[:n], s.buffers.fwd.y[steps*n:])
	if s.buffers.fwd.c != nil && !s.buffers.fwd.forgets {
		copy(s.buffers.fwd.c[:n], s.buffers.fwd.c[steps*n:])
	}
}
