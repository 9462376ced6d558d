package rnn

import (
	"math/bits"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A shard is adjacent streams of a window, whose gradient is summed by itself as that of a window of these streams alone: with
// Window.Shards, so that it does not matter which process sums which shard. Gradients of shards are added along one balanced
// binary tree.
type shard struct{ first, streams, of int }

// row returns the row of the window that is row k of the shard.
func (s shard) row(k int) int {
	if s.streams == s.of {
		return k
	}
	return k/s.streams*s.of + s.first + k%s.streams
}

// has reports whether a row of the window belongs to the shard.
func (s shard) has(row int) bool { return uint(row%s.of-s.first) < uint(s.streams) }

// run returns how many rows from row k on lie one after the other in the window, hi-k at most.
func (s shard) run(k, hi int) int {
	if s.streams == s.of {
		return hi - k
	}
	return min(hi-k, s.streams-k%s.streams)
}

// whole returns all streams as one shard.
func (w *Window) whole() shard { return shard{0, w.B, w.B} }

// shard returns number i.
func (w *Window) shard(i int) shard {
	n := max(1, w.Shards)
	return shard{i * w.B / n, w.B / n, w.B}
}

// checkShards panics where streams cannot be divided.
func (w *Window) checkShards() {
	if w.Shards < 0 || w.Shards > 0 && (bits.OnesCount(uint(w.Shards)) != 1 || w.B%w.Shards != 0) {
		panic("rnn: Shards must be a power of two that divides the streams")
	}
	w.DenseGradient = w.DenseGradient || w.Shards > 0
}

// gather copies rows lo to hi-1 of a shard, and of these as many columns as c has from left on.
func (s shard) gather(c f32.Matrix, a activations, left, lo, hi int) f32.Matrix {
	c.Rows = hi - lo
	for k := lo; k < hi; k++ {
		copy(c.Row(k-lo), a.data[s.row(k)*a.cols+left:][:c.Cols])
	}
	return c
}

// fold adds the sums that a task has made of shard i to those of shards before: as one adds to a binary number, so that two
// shards make a pair, two pairs make four. After the last shard the sum of all is in Param.Grad.
func (w *Window) fold(worker int, t *task, i int) {
	levels, level := w.back.scratch[worker].levels, 0
	for n := i + 1; n&1 == 0; n >>= 1 {
		t.eachRow(levels[level], func(sum, kept []float32) { f32.Add(sum, kept, sum) })
		level++
	}
	if i+1 < w.Shards {
		t.eachRow(levels[level], func(sum, kept []float32) { copy(kept, sum) })
	}
}

// eachRow calls f with each row of the sums of a task in Param.Grad and the room that it has in memory.
func (t *task) eachRow(memory []float32, f func(sum, kept []float32)) {
	for i := range t.sums {
		s := &t.sums[i]
		for j := 0; ; j++ {
			m, ok := s.region(j)
			if !ok {
				break
			}
			for r := range m.Rows {
				f(m.Row(r), memory[:m.Cols])
				memory = memory[m.Cols:]
			}
		}
	}
}

// region returns matrix i of those in Param.Grad that together are a sum.
func (s *columnSum) region(i int) (f32.Matrix, bool) {
	switch {
	case s.later != nil: // the same units of each gate, of the bias and then of the weights
		g := s.later.stage
		gates := g.GH / g.H
		p := g.in.bias
		if i >= gates {
			p = g.in.weight
		}
		if i >= 2*gates {
			return f32.Matrix{}, false
		}
		left := i%gates*g.H + s.left
		return f32.Matrix{Data: tail(p.Grad, left), Rows: max(1, p.Rows), Cols: s.right - s.left, Stride: p.Cols}, true
	case i > 0:
		return f32.Matrix{}, false
	case s.kind == matrixPart:
		return s.grad(s.lo, s.hi), true
	}
	return s.grad(0, max(1, s.param.Rows)), true
}

// elements returns how many numbers the sums of a task are.
func (t *task) elements() int {
	n := 0
	for i := range t.sums {
		s := &t.sums[i]
		rows := s.hi - s.lo
		switch {
		case s.later != nil:
			rows = (s.param.Rows + 1) * s.later.stage.info.numGates()
		case s.kind != matrixPart:
			rows = max(1, s.param.Rows)
		}
		n += rows * (s.right - s.left)
	}
	return n
}

// shardRoom is the memory of a worker for shards: the block of rows at hand, and what fold keeps.
type shardRoom struct {
	x, dz  []float32
	levels [][]float32
}

// newShardRoom returns what a worker needs, nothing where there is one shard.
func (w *Window) newShardRoom() (r shardRoom) {
	if w.Shards <= 1 {
		return r
	}
	x, dz, elements := 0, 0, 0
	for _, tasks := range w.back.plan {
		for i := range tasks {
			elements = max(elements, tasks[i].elements())
			for _, s := range tasks[i].sums {
				if s.kind == matrixPart {
					x, dz = max(x, s.hi-s.lo), max(dz, s.right-s.left)
				}
			}
		}
	}
	r.x, r.dz = w.buffers.floats(blockRows*x), w.buffers.floats(blockRows*dz)
	for range bits.Len(uint(w.Shards)) - 1 {
		r.levels = append(r.levels, w.buffers.floats(elements))
	}
	return r
}

// A Place says that the streams of a window are some of those of a larger one, which other windows share with it: stream b is
// number First+b of Streams. What dropout draws for a stream follows from its number. The zero value means all streams.
type Place struct{ First, Streams int }

// streamsInAll returns how many streams the window and those beside it have.
func (w *Window) streamsInAll() int {
	if w.Place.Streams == 0 {
		return w.B
	}
	return w.Place.Streams
}

// placeOf returns the number of a row among those of all windows.
func (w *Window) placeOf(row int) int {
	if w.Place.Streams == 0 {
		return row
	}
	return row/w.B*w.Place.Streams + w.Place.First + row%w.B
}
