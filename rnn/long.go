package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// The activations of a long window lie far from the processor, and products are so fast that fetching them takes time.
// Therefore its gradient is summed over blocks of rows: while a block is near, it is used for all that depends on it.

// long reports whether the activations of a window are too many for the caches near a processor.
func (w *Window) long() bool { return w.T*w.B > 256 }

// sumsInBlocks reports whether the gradient is summed so. Windows with shards do so whatever their length, because a part of a
// window shall be divided as the whole is.
func (w *Window) sumsInBlocks() bool { return w.long() || w.Shards > 0 }

// sumShare sums one worker's part of the plan into Param.Grad, and hands it out while it is near.
func (w *Window) sumShare(worker int) {
	tasks := w.back.plan[worker]
	for i := range tasks {
		t := &tasks[i]
		w.sumTask(worker, t)
		if !t.last() {
			continue
		}
		for _, part := range t.parts {
			w.deliverPart(worker, part)
		}
	}
}

// sumTask sums the columns of a task, shard by shard.
func (w *Window) sumTask(worker int, t *task) {
	for i := range max(1, w.Shards) {
		s := w.shard(i)
		n := w.steps * s.streams
		for lo := 0; lo == 0 || lo < n; lo += blockRows {
			w.sumBlock(worker, t, s, lo, min(lo+blockRows, n))
		}
		if w.Shards > 1 {
			w.fold(worker, t, i)
		}
	}
}

// sumBlock adds rows lo to hi-1 of a shard.
func (w *Window) sumBlock(worker int, t *task, in shard, lo, hi int) {
	own, last := &w.back.scratch[worker], hi == w.steps*in.streams
	room := own.sums
	for i := range t.sums {
		s := &t.sums[i]
		if s.kind != matrixPart {
			w.sumVectors(s, in, lo, hi)
			continue
		}
		sum := s.grad(s.lo, s.hi)
		if s.apart() {
			fastpath.Took(fastpath.ColumnPanels)
			sum.Data, sum.Stride = room, columnPanel+rowPadding
			room = room[sum.Rows*sum.Stride:]
		}
		if in.streams == w.B {
			s.sumColumns(sum, s.left, lo, hi, len(w.x), own.pack)
		} else {
			x := in.gather(f32.Matrix{Data: own.x, Cols: sum.Rows, Stride: sum.Rows}, s.x, s.lo, lo, hi)
			dz := in.gather(f32.Matrix{Data: own.dz, Cols: sum.Cols, Stride: sum.Cols}, s.dz, s.left, lo, hi)
			f32.MulTransA(sum, x, dz, 0, hi-lo, lo > 0, own.pack)
		}
		if last {
			w.addEmbedded(&s.part, sum, s.left, in)
			if s.apart() {
				for r, to := 0, s.grad(s.lo, s.hi); r < sum.Rows; r++ {
					copy(to.Row(r), sum.Row(r))
				}
			}
		}
	}
}

// grad returns the columns of rows lo to hi-1 in Param.Grad.
func (s *columnSum) grad(lo, hi int) f32.Matrix {
	cols := s.param.Cols
	return f32.Matrix{Data: s.param.Grad[lo*cols+s.left:], Rows: hi - lo, Cols: s.right - s.left, Stride: cols}
}

// sumVectors adds rows lo to hi-1 of a shard to a bias or input rows.
func (w *Window) sumVectors(s *columnSum, in shard, lo, hi int) {
	switch {
	case s.kind == accumulatedPart:
		s.accumulator.sum(s.param.Grad, in, lo, hi)
		return
	case s.later != nil:
		s.later.sum(s.left, s.right, in, lo, hi)
		return
	case s.left == s.right:
		return
	}
	dz := s.dz.rows(len(w.x))
	dz.Data, dz.Cols = tail(dz.Data, s.left), s.right-s.left
	if s.kind == biasPart {
		grad := s.grad(0, 1).Row(0)
		if lo == 0 {
			clear(grad)
		}
		for k := lo; k < hi; {
			r, n := in.row(k), in.run(k, hi)
			f32.AddRows(grad, dz.Slice(r, r+n))
			k += n
		}
		return
	}
	grad := s.grad(0, s.param.Rows)
	if lo == 0 {
		for _, symbol := range w.back.occurrences.symbols {
			clear(grad.Row(int(symbol)))
		}
	}
	for k := lo; k < hi; k++ {
		r := in.row(k)
		g := grad.Row(int(w.x[r]))
		f32.Add(g, g, dz.Row(r))
	}
}
