package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// The activations of a long window lie far from the processor, and products are so fast that fetching them takes time.
// Therefore its gradient is summed over blocks of rows: while a block is near, it is used for all that depends on it.

// long says whether the activations of a window are too many for the caches near a processor.
func (w *Window) long() bool { return w.T*w.B > 256 }

// A plan is what each worker sums of the gradient of a long window, in groups.
type plan [][]group

// A group is rows of matrices whose gradient stays near the processor while the window passes by.
type group struct {
	matrices []part
	vectors  []part // biases and input rows
	size     int    // elements of the matrices
}

const (
	// groupSize is the most elements of a group: half a megabyte.
	groupSize = 1 << 17

	// vectorWork is how many multiply-adds of a product take as long as one addition to a bias or an input row.
	vectorWork = 8
)

// newPlan divides the work equally, matrices row by row and the vectors in one. Bits do not depend on it.
func newPlan(wholes []part, workers int) plan {
	total := 0
	var vectors []part
	for _, p := range wholes {
		if p.kind == matrixPart {
			total += p.work()
		} else {
			total += vectorWork * p.param.Cols
			vectors = append(vectors, p)
		}
	}
	plan := make(plan, workers)
	for i := range plan {
		plan[i] = []group{{}}
	}
	plan[workers-1][0].vectors = vectors
	done, worker := 0, 0
	for _, p := range wholes {
		if p.kind != matrixPart {
			continue
		}
		for p.lo = 0; p.lo < p.param.Rows; p.lo = p.hi {
			for worker < workers-1 && done >= total*(worker+1)/workers {
				worker++
			}
			room := total*(worker+1)/workers - done
			if worker == workers-1 {
				room = groupSize
			}
			rows := (min(room, groupSize)/p.param.Cols + tile - 1) / tile * tile
			p.hi = min(p.lo+max(tile, rows), p.param.Rows)
			plan[worker] = addToGroup(plan[worker], p)
			done += p.work()
		}
	}
	return plan
}

func addToGroup(groups []group, p part) []group {
	g := &groups[len(groups)-1]
	if g.size > 0 && g.size+p.work() > groupSize {
		groups = append(groups, group{})
		g = &groups[len(groups)-1]
	}
	g.matrices, g.size = append(g.matrices, p), g.size+p.work()
	return groups
}

// sumShare sums one worker's part of the plan into Param.Grad.
func (w *Window) sumShare(worker int) {
	n, pack := len(w.x), w.back.scratch[worker].pack
	for i := range w.back.plan[worker] {
		g := &w.back.plan[worker][i]
		for lo := 0; lo == 0 || lo < n; lo += blockRows {
			hi := min(lo+blockRows, n)
			for j := range g.matrices {
				p := &g.matrices[j]
				p.sum(p.param.Grad[p.lo*p.param.Cols:p.hi*p.param.Cols], lo, hi, n, pack)
			}
			for j := range g.vectors {
				w.sumVectors(&g.vectors[j], lo, hi)
			}
		}
	}
}

// sumVectors is sum for a bias or input rows.
func (w *Window) sumVectors(p *part, lo, hi int) {
	grad, dz, cols := p.param.Grad, p.dz.rows(hi), p.param.Cols
	if p.kind == biasPart {
		if lo == 0 {
			clear(grad)
		}
		f32.AddRows(grad, dz.Slice(lo, hi))
		return
	}
	if lo == 0 {
		for _, symbol := range w.back.touched.symbols {
			clear(grad[int(symbol)*cols:][:cols])
		}
	}
	for r := lo; r < hi; r++ {
		g := grad[int(w.x[r])*cols:][:cols]
		f32.Add(g, g, dz.Row(r))
	}
}
