package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A learned initial state is one more weight of a layer: the h, and c, from which every stream starts in place of zero, at
// Reset and where Starts marks it. Its gradient is the sum over the streams that start in a window, in the order of their
// rows.
//
// For the cells, a stream that starts with the window is one more mark. Whether it has begun is part of the state, so a state
// of zero means a beginning, and a state that is moved to another window continues.

// newInitial makes the initial state of a layer whose names begin and end like this: zero, until it is trained.
func newInitial(c Config, prefix, suffix string) (h, memory *Param) {
	if !c.LearnInitial {
		return nil, nil
	}
	if h = (&Param{Name: prefix + "h0" + suffix, Cols: c.Hidden}); c.cell().memory {
		memory = &Param{Name: prefix + "c0" + suffix, Cols: c.Hidden}
	}
	return h, memory
}

// learnedStarts knows which streams of a window have begun.
type learnedStarts struct {
	begun []float32 // [B] 1 for those that go on, 0 for those that start with the next call
	marks []bool    // [T*B] where streams start: what cells see
}

// newLearnedStarts gives the cells of a window their marks.
func (w *Window) newLearnedStarts() {
	w.learnedStarts = &learnedStarts{begun: w.buffers.floats(w.B), marks: allocate[bool](&w.buffers, w.T*w.B, 1)}
	w.stateful = append(w.stateful, w.learnedStarts)
	for _, c := range w.cells {
		c.allowStarts(w.learnedStarts.marks)
	}
}

// begin sets the marks for the next call.
func (o *learnedStarts) begin(starts []bool) {
	if starts != nil {
		copy(o.marks, starts)
	} else {
		clear(o.marks)
	}
	for b, begun := range o.begun {
		o.marks[b] = o.marks[b] || begun == 0
	}
}

func (o *learnedStarts) stateLen() int { return 1 }

// begun is the state of a stream that goes on.
var begun = []float32{1}

func (o *learnedStarts) eachState(stream, steps int, f func(own []float32)) {
	if steps > 0 {
		f(begun)
	} else {
		f(o.begun[stream : stream+1])
	}
}

func (o *learnedStarts) carryState(steps int) {
	if steps > 0 {
		for b := range o.begun {
			o.begun[b] = 1
		}
	}
}

// An initialSum is the gradient of an initial state.
type initialSum struct {
	w    *Window
	rows []float32 // [T*B x H], of which those at marks count
}

func (s initialSum) sum(g []float32, in shard, lo, hi int) {
	if lo == 0 {
		clear(g)
	}
	for k := lo; k < hi; k++ {
		r := in.row(k)
		if s.w.learnedStarts.marks[r] {
			f32.Add(g, g, s.rows[r*len(g):][:len(g)])
		}
	}
}
