package rnn

import "fmt"

// SetStreams makes the next calls of a window for inference read B streams, with as many time steps as there is then room for:
// fewer rows take less time. Streams that were read before go on from their state, further ones start from zero, or the learned
// initial state. It panics unless B is 1 to the number that the window was made for.
func (w *Window) SetStreams(B int) {
	if !w.inference || B < 1 || B > w.mostStreams {
		panic(fmt.Sprintf("rnn: %d streams in a window of up to %d, for inference: %v", B, w.mostStreams, w.inference))
	}
	if B == w.B {
		return
	}
	w.carryState()
	for _, s := range w.stateful {
		s.setStreams(w.B, B)
	}
	w.B = B
	for _, c := range w.cells {
		c.buffers.B = B
		c.placeOutputs()
		for i := range c.spans {
			c.spans[i].lo, c.spans[i].hi = w.streams(i)
		}
	}
}

// moveStreams changes x, which has for each of a number of time steps a row for each of so many streams, into that of another
// number of streams: rows that there were not become zero. It returns x in its new length, for which there is room.
func moveStreams(x []float32, steps, cols, from, to int) []float32 {
	both := min(from, to) * cols
	x = x[:steps*max(from, to)*cols]
	move := func(t int) {
		copy(x[t*to*cols:][:both], x[t*from*cols:][:both])
		clear(x[t*to*cols+both : (t+1)*to*cols])
	}
	if to <= from {
		for t := range steps {
			move(t)
		}
	} else {
		for t := steps - 1; t >= 0; t-- {
			move(t)
		}
	}
	return x[:steps*to*cols]
}

func (s *recurrentStage) setStreams(from, to int) {
	moveStreams(s.buffers.fwd.y, 1, s.H, from, to)
	if c := s.buffers.fwd.c; c != nil {
		moveStreams(c, 1, s.H, from, to)
	}
}

func (s *convStage) setStreams(from, to int) {
	s.past = moveStreams(s.past, s.K-1, s.in.cols, from, to)
	s.spare = s.spare[:len(s.past)]
}

func (o *learnedStarts) setStreams(from, to int) { o.begun = moveStreams(o.begun, 1, 1, from, to) }
