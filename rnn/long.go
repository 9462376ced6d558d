package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// The activations of a long window lie far from the processor, and products are so fast that fetching them takes time.
// Therefore its gradient is summed over blocks of rows: while a block is near, it is used for all that depends on it.

// sumsInBlocks reports whether the activations of a window are too many for the caches near a processor.
func (w *Window) sumsInBlocks() bool { return w.T*w.B > 256 }

// sumShare sums one worker's part of the plan into Param.Grad, and hands it out while it is near.
func (w *Window) sumShare(worker int) {
	tasks := w.back.plan[worker]
	for i := range tasks {
		t := &tasks[i]
		w.sumTask(worker, t)
		if !t.last() {
			continue
		}
		for j := range t.rows {
			p := &t.rows[j]
			w.addEmbedded(p, p.param.Grad[p.lo*p.param.Cols:])
		}
		for _, part := range t.parts {
			w.deliverPart(worker, part)
		}
	}
}

// sumTask sums the columns of a task.
func (w *Window) sumTask(worker int, t *task) {
	n, own := len(w.x), &w.back.scratch[worker]
	for lo := 0; lo == 0 || lo < n; lo += blockRows {
		hi, room := min(lo+blockRows, n), own.sums
		for i := range t.sums {
			s := &t.sums[i]
			if s.kind != matrixPart {
				w.sumVectors(s, lo, hi)
				continue
			}
			sum := s.grad(s.lo, s.hi)
			if s.apart() {
				fastpath.Took(fastpath.ColumnPanels)
				sum.Data, sum.Stride = room, columnPanel+rowPadding
				room = room[sum.Rows*sum.Stride:]
			}
			s.sumColumns(sum, s.left, lo, hi, n, own.pack)
			if s.apart() && hi == n {
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

// sumVectors adds rows lo to hi-1 of the window to a bias or input rows.
func (w *Window) sumVectors(s *columnSum, lo, hi int) {
	switch {
	case s.kind == accumulatedPart:
		s.accumulator.sum(s.param.Grad, lo, hi)
		return
	case s.later != nil:
		s.later.sum(s.left, s.right, lo, hi)
		return
	case s.left == s.right:
		return
	}
	dz := s.dz.rows(hi).Slice(lo, hi)
	dz.Data, dz.Cols = dz.Data[s.left:], s.right-s.left
	if s.kind == biasPart {
		grad := s.grad(0, 1).Row(0)
		if lo == 0 {
			clear(grad)
		}
		f32.AddRows(grad, dz)
		return
	}
	grad := s.grad(0, s.param.Rows)
	if lo == 0 {
		for _, symbol := range w.back.occurrences.symbols {
			clear(grad.Row(int(symbol)))
		}
	}
	for r := lo; r < hi; r++ {
		g := grad.Row(int(w.x[r]))
		f32.Add(g, g, dz.Row(r-lo))
	}
}
