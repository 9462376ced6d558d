package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// The activations of a long window lie far from the processor, and products are so fast that fetching them takes time.
// Therefore its gradient is summed over blocks of rows: while a block is near, it is used for all that depends on it.

// sumsInBlocks reports whether the activations of a window are too many for the caches near a processor.
func (w *Window) sumsInBlocks() bool { return w.T*w.B > 256 }

// A gradientPlan is what each worker does of the gradient of a long window, in groups.
type gradientPlan [][]group

// A group is rows of matrices whose gradient stays near the processor while the window passes by: once, or where rows are
// wide once for each panel of their columns, so that more rows can be near together and the window passes less often.
type group struct {
	sums  []part // rows of matrices, whole biases, all input rows
	parts []int  // numbers of the parts that are known then
	size  int    // elements of a column panel of the matrices
}

const (
	// groupSize is the most elements of a group: half a megabyte.
	groupSize = 1 << 17

	// columnPanel is the most columns of one.
	columnPanel = 512

	// rowPadding is by how much the rows of a panel's sum are longer than they need: rows a power of two apart compete for few
	// places of the first-level cache, and a sum of 512 x 256 of 2048 columns takes 1.2 times as long.
	rowPadding = 16

	// vectorWork is how many multiply-adds of a product take as long as one addition to a bias or an input row.
	vectorWork = 8
)

// panels returns how many panels the columns of p make.
func (p *part) panels() int {
	if p.kind != matrixPart {
		return 1
	}
	return (p.param.Cols + columnPanel - 1) / columnPanel
}

// panelColumns returns those of panel i. They are multiples of 16, but for the last.
func (p *part) panelColumns(i int) (left, right int) {
	n := p.panels()
	left, right = p.param.Cols*i/n, p.param.Cols*(i+1)/n
	if left &^= 15; i+1 < n {
		right &^= 15
	}
	return left, right
}

// newPlan divides the parts equally: those of matrices, which lie in order, and all of vectors to the last worker. Bits do
// not depend on it.
func newPlan(parts, params []part, workers int) gradientPlan {
	plan := make(gradientPlan, workers)
	for i := range plan {
		plan[i] = []group{{}}
	}
	total := 0
	var vectors group
	for _, p := range params {
		if p.kind == matrixPart {
			total += p.work()
		} else {
			total += vectorWork * p.work()
			vectors.sums = append(vectors.sums, p)
		}
	}
	done := 0
	for i, p := range parts {
		if p.kind != matrixPart {
			vectors.parts = append(vectors.parts, i)
			continue
		}
		worker := done * workers / total
		plan[worker] = addToGroup(plan[worker], i, p)
		done += p.work()
	}
	first := &plan[workers-1][0] // with its matrices, because they read the same rows
	first.sums, first.parts = append(first.sums, vectors.sums...), append(first.parts, vectors.parts...)
	return plan
}

func addToGroup(groups []group, i int, p part) []group {
	g := &groups[len(groups)-1]
	size := (p.hi - p.lo) * min(columnPanel, p.param.Cols)
	if g.size > 0 && g.size+size > groupSize {
		groups = append(groups, group{})
		g = &groups[len(groups)-1]
	}
	g.parts, g.size = append(g.parts, i), g.size+size
	if n := len(g.sums); n > 0 && g.sums[n-1].param == p.param && g.sums[n-1].hi == p.lo {
		g.sums[n-1].hi = p.hi
	} else {
		g.sums = append(g.sums, p)
	}
	return groups
}

// room returns how many elements the sums of a group take that do not grow in Param.Grad.
func (g *group) room() int {
	n := 0
	for i := range g.sums {
		if p := &g.sums[i]; p.panels() > 1 {
			n += (p.hi - p.lo) * (columnPanel + rowPadding)
		}
	}
	return n
}

// room is the most that a group of a worker takes.
func (p gradientPlan) room(worker int) int {
	n := 0
	if p != nil {
		for i := range p[worker] {
			n = max(n, p[worker][i].room())
		}
	}
	return n
}

// sumShare sums one worker's part of the plan into Param.Grad, and hands it out while it is near.
func (w *Window) sumShare(worker int) {
	for i := range w.back.plan[worker] {
		g := &w.back.plan[worker][i]
		for s, more := 0, true; more; s++ {
			more = w.sumPanels(worker, g, s)
		}
		for j := range g.sums {
			p := &g.sums[j]
			w.addEmbedded(p, p.param.Grad[p.lo*p.param.Cols:])
		}
		for _, part := range g.parts {
			w.deliverPart(worker, part)
		}
	}
}

// sumPanels sums the panels numbered s of a group and reports whether there are more.
func (w *Window) sumPanels(worker int, g *group, s int) (more bool) {
	n, own := len(w.x), &w.back.scratch[worker]
	for lo := 0; lo == 0 || lo < n; lo += blockRows {
		hi, room := min(lo+blockRows, n), own.sums
		for j := range g.sums {
			p := &g.sums[j]
			more = more || s+1 < p.panels()
			switch {
			case s >= p.panels():
			case p.kind != matrixPart:
				w.sumVectors(p, lo, hi)
			case p.panels() == 1:
				p.sum(p.param.Grad[p.lo*p.param.Cols:], lo, hi, n, own.pack)
			default:
				fastpath.Took(fastpath.ColumnPanels)
				left, right := p.panelColumns(s)
				sum := f32.Matrix{Data: room, Rows: p.hi - p.lo, Cols: right - left, Stride: columnPanel + rowPadding}
				room = room[sum.Rows*sum.Stride:]
				p.sumColumns(sum, left, lo, hi, n, own.pack)
				if hi == n {
					p.copyColumns(sum, left)
				}
			}
		}
	}
	return more
}

// copyColumns copies the sum of columns from left on to Param.Grad.
func (p *part) copyColumns(sum f32.Matrix, left int) {
	for r := range sum.Rows {
		copy(p.param.Grad[(p.lo+r)*p.param.Cols+left:], sum.Row(r))
	}
}

// sumVectors is sum for a bias or input rows.
func (w *Window) sumVectors(p *part, lo, hi int) {
	if p.kind == accumulatedPart {
		p.accumulator.sum(p.param.Grad, lo, hi)
		return
	}
	grad, dz, cols := p.param.Grad, p.dz.rows(hi), p.param.Cols
	if p.kind == biasPart {
		if lo == 0 {
			clear(grad)
		}
		f32.AddRows(grad, dz.Slice(lo, hi))
		return
	}
	if lo == 0 {
		for _, symbol := range w.back.occurrences.symbols {
			clear(grad[int(symbol)*cols:][:cols])
		}
	}
	for r := lo; r < hi; r++ {
		g := grad[int(w.x[r])*cols:][:cols]
		f32.Add(g, g, dz.Row(r))
	}
}
