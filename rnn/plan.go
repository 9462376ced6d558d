package rnn

import "sync/atomic"

// A gradientPlan is the tasks of each worker that sum the gradient of a long window.
type gradientPlan [][]task

// A task sums some columns of a group.
type task struct {
	*group
	sums []columnSum
}

// A group is rows of matrices whose gradient stays near a processor while the window passes by. Workers share it by columns,
// so that no two read the same gradients of activations; and one worker sums wide rows panel by panel, so that more rows can
// be near together and the window passes less often.
type group struct {
	rows  []part // of matrices
	parts []int  // numbers of the parts that are known when all tasks have ended
	size  int    // elements of the widest panel
	tasks int32
	left  atomic.Int32 // tasks that have not ended
}

// A columnSum is columns left to right-1 of rows of a matrix, or of a whole bias or all input rows; or of all gates of units
// left to right-1.
type columnSum struct {
	part
	left, right int
}

const (
	// groupSize is the most elements of a group: half a megabyte.
	groupSize = 1 << 17

	// columnPanel is the most columns of one.
	columnPanel = 512

	// leastColumns is the least columns of most matrices that make a worker's share.
	leastColumns = 64

	// rowPadding is by how much the rows of a panel's sum are longer than they need: rows a power of two apart compete for few
	// places of the first-level cache, and a sum of 512 x 256 of 2048 columns takes 1.2 times as long.
	rowPadding = 16

	// vectorWork is how many multiply-adds of a product take as long as one addition to a bias or an input row.
	vectorWork = 5
)

// share returns columns of share i of n: multiples of 16, but for the last.
func share(cols, i, n int) (left, right int) {
	left, right = cols*i/n&^15, cols
	if i+1 < n {
		right = cols * (i + 1) / n &^ 15
	}
	return left, right
}

// panels returns how many panels these columns make.
func panels(cols int) int { return (cols + columnPanel - 1) / columnPanel }

// newPlan divides the gradient, the parts of all params, equally. Bits do not depend on it.
func newPlan(parts, params []part, workers int) gradientPlan {
	shares, elements := workers, 0
	for _, p := range params {
		if p.kind == matrixPart {
			shares, elements = min(shares, max(1, p.param.Cols/leastColumns)), elements+p.work()
		}
	}
	most := groupSize
	if shares < workers { // rows must make up for it
		most = min(most, elements/(2*workers))
	}
	groups := newGroups(parts, most)
	var tasks []task
	for i := range shares {
		for j, g := range groups {
			first := len(tasks)
			tasks = g.addTasks(tasks, i, shares)
			if j == 0 { // vectors go with matrices that read the same rows
				tasks[first].sums = append(tasks[first].sums, vectorSums(params, i, shares)...)
			}
		}
	}
	for _, g := range groups {
		g.left.Store(g.tasks)
	}
	return assign(tasks, workers)
}

// newGroups makes groups of the parts of matrices, which lie in order. The first has all vectors.
func newGroups(parts []part, most int) []*group {
	first := &group{}
	groups := []*group{first}
	for i, p := range parts {
		if p.kind != matrixPart {
			first.parts = append(first.parts, i)
			continue
		}
		g, size := groups[len(groups)-1], (p.hi-p.lo)*min(columnPanel, p.param.Cols)
		if g.size > 0 && g.size+size > most {
			g = &group{}
			groups = append(groups, g)
		}
		g.parts, g.size = append(g.parts, i), g.size+size
		if n := len(g.rows); n > 0 && g.rows[n-1].param == p.param && g.rows[n-1].hi == p.lo {
			g.rows[n-1].hi = p.hi
		} else {
			g.rows = append(g.rows, p)
		}
	}
	return groups
}

// addTasks appends those of share i of n of a group.
func (g *group) addTasks(tasks []task, i, n int) []task {
	count := 0
	for _, p := range g.rows {
		left, right := share(p.param.Cols, i, n)
		count = max(count, panels(right-left))
	}
	first := len(tasks)
	for range count {
		tasks = append(tasks, task{group: g})
	}
	for _, p := range g.rows {
		left, right := share(p.param.Cols, i, n)
		for j, most := 0, panels(right-left); j < most; j++ {
			l, r := share(right-left, j, most)
			t := &tasks[first+j]
			t.sums = append(t.sums, columnSum{p, left + l, left + r})
		}
	}
	g.tasks += int32(count)
	return tasks
}

// vectorSums returns share i of n of what is no matrix.
func vectorSums(params []part, i, n int) []columnSum {
	var sums []columnSum
	for _, p := range params {
		cols := p.param.Cols
		if p.later != nil {
			cols = p.later.stage.H
		}
		left, right := share(cols, i, n)
		switch {
		case p.kind == matrixPart, p.kind == biasPart && p.later != nil:
		case p.kind != accumulatedPart:
			sums = append(sums, columnSum{p, left, right})
		case i == n-1: // it sums all of itself
			sums = append(sums, columnSum{p, 0, p.param.Cols})
		}
	}
	return sums
}

// assign gives each worker the tasks that follow those of the worker before.
func assign(tasks []task, workers int) gradientPlan {
	plan, total, done := make(gradientPlan, workers), 0, 0
	for i := range tasks {
		total += tasks[i].work()
	}
	for i := range tasks {
		work := tasks[i].work()
		worker := min(workers-1, (2*done+work)*workers/(2*total))
		plan[worker] = append(plan[worker], tasks[i])
		done += work
	}
	return plan
}

// work estimates how long a task takes: the multiply-adds for each row of a window.
func (t *task) work() int {
	work := 0
	for _, s := range t.sums {
		if s.kind == matrixPart {
			work += (s.hi - s.lo) * (s.right - s.left)
		} else {
			work += vectorWork * (s.right - s.left)
		}
	}
	return work
}

// last reports whether the task that has ended is the last one of its group, and prepares the group for the next window.
func (t *task) last() bool {
	if t.left.Add(-1) > 0 {
		return false
	}
	t.left.Store(t.tasks)
	return true
}

// apart reports whether the sum does not grow in Param.Grad.
func (s *columnSum) apart() bool { return s.kind == matrixPart && s.param.Cols > columnPanel }

// room is how many elements the sums of a task take at most that do not grow in Param.Grad.
func (p gradientPlan) room() int {
	most := 0
	for _, tasks := range p {
		for _, t := range tasks {
			n := 0
			for _, s := range t.sums {
				if s.apart() {
					n += (s.hi - s.lo) * (columnPanel + rowPadding)
				}
			}
			most = max(most, n)
		}
	}
	return most
}
