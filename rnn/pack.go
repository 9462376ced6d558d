package rnn

import (
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A window keeps copies of the weights in layouts that products like. They are made anew when the weights have changed.

// copies are those of one direction.
type weightCopies struct {
	version int // of the weights they were made from
	jobs    []packJob
	next    atomic.Int32
	pack    func(worker int)
}

// A packJob makes one panel of a packed copy, or one whole plain transpose.
type packJob struct {
	weight    *Param
	to        rhs
	panel     int
	transpose bool
}

// packFrom is the number of rows of a window from which packing the weights pays: it costs about as much as 10 rows of a
// product, and products of few rows are bound by memory in either layout.
const packFrom = 64

// nearWeights is the most weights of a network that stay in the second-level cache from one time step to the next. Then
// products of one row are as fast with a matrix as it lies.
const nearWeights = 1 << 18

// packs says whether packing weights pays.
func (w *Window) packs() bool { return w.net.cfg.packs(w.T*w.B, w.inference) }

// packs says so of a window of so many rows.
func (c Config) packs(rows int, lasting bool) bool {
	return rows >= packFrom || lasting && (rows > 1 || c.Weights() > nearWeights)
}

// newRHS makes the right-hand side of a weight matrix or its transpose. Few rows use the matrix as it lies, if they can.
func (w *Window) newRHS(weight *Param, transpose bool, c *weightCopies) rhs {
	m := weight.Matrix()
	rows, cols := m.Rows, m.Cols
	if transpose {
		rows, cols = cols, rows
	}
	var r rhs
	switch {
	case w.packs():
		r.packed = f32.NewPacked(rows, cols)
	case transpose:
		stride := (cols + 15) &^ 15 // a row begins with a cache line: 128 x 65 is made in 1.0 instead of 1.6 us
		r.plain = f32.Matrix{Data: f32.Aligned(rows * stride), Rows: rows, Cols: cols, Stride: stride}
	default:
		return rhs{plain: m}
	}
	c.add(weight, r, transpose)
	return r
}

func (c *weightCopies) add(weight *Param, to rhs, transpose bool) {
	panels := 1
	if to.packed != nil {
		panels = to.packed.Panels()
	}
	for i := range panels {
		c.jobs = append(c.jobs, packJob{weight, to, i, transpose})
	}
	c.version = 0
}

// refresh makes the copies anew if the weights have changed.
func (w *Window) refresh() {
	if w.copies.version != w.net.version {
		for _, c := range w.cells {
			c.refresh()
		}
	}
	if !w.packOnDemand() {
		w.copies.refresh(w.net.version, w.pool)
		if w.back != nil {
			w.back.copies.refresh(w.net.version, w.pool)
		}
	}
}

// packOnDemand says that a copy is made by the one worker that needs it, when it does: in a short window of one stream, where the
// copy then is still near.
func (w *Window) packOnDemand() bool { return w.B == 1 && w.T < packFrom && !w.inference }

// refresh lets the workers of a pool make the copies for a version of the weights.
func (c *weightCopies) refresh(version int, pool *f32.Pool) {
	if c.version == version {
		fastpath.Took(fastpath.KeptCopies)
		return
	}
	c.version = version
	if pool.Workers() == 1 { // without locked operations, which wait for everything that was stored
		fastpath.Took(fastpath.PackAlone)
		for i := range c.jobs {
			c.jobs[i].run()
		}
		return
	}
	c.next.Store(0)
	pool.Run(c.pack)
}

func (c *weightCopies) packShare(int) {
	for {
		i := int(c.next.Add(1)) - 1
		if i >= len(c.jobs) {
			return
		}
		c.jobs[i].run()
	}
}

func (j *packJob) run() {
	switch m := j.weight.Matrix(); {
	case j.to.packed == nil:
		f32.Transpose(j.to.plain, m)
	case j.transpose:
		j.to.packed.PackTransposedPanel(m, j.panel)
	default:
		j.to.packed.PackPanel(m, j.panel)
	}
}
