package rnn

import (
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A window keeps copies of the weights in layouts that products are fast with. They are made anew when the weights have
// changed.

// weightCopies are those of one direction.
type weightCopies struct {
	version int // of the weights they were made from
	jobs    []copyJob
	next    atomic.Int32 // the first job that nobody has taken
}

// An rhs is the right-hand side of matrix products: one of four layouts. There is the matrix as it lies for few rows, packed for
// many, in 8 bits where weights are rounded so far, and in 16 bits for the products of one row that read such weights.
type rhs struct {
	plain  f32.Matrix
	packed *f32.Packed
	int8   *f32.Int8
	bf16   *f32.BF16
}

// none reports whether there is no matrix.
func (r *rhs) none() bool { return r.panels() == nil && r.plain.Rows == 0 }

// A panelled layout is made panel by panel.
type panelled interface {
	Panels() int
	PackPanel(w f32.Matrix, i int)
	PackTransposedPanel(w f32.Matrix, i int)
}

// panels returns a panelled layout, nil if there is none.
func (r *rhs) panels() panelled {
	switch {
	case r.int8 != nil:
		return r.int8
	case r.bf16 != nil:
		return r.bf16
	case r.packed != nil:
		return r.packed
	}
	return nil
}

// mul sets c = a*r, or c += a*r if accumulate.
func (r *rhs) mul(c, a f32.Matrix, accumulate bool) { r.mulPrefetch(c, a, accumulate, f32.Prefetch{}) }

// mulPrefetch is mul that fetches next into the caches meanwhile.
func (r *rhs) mulPrefetch(c, a f32.Matrix, accumulate bool, next f32.Prefetch) {
	switch {
	case r.int8 != nil:
		f32.MulInt8(c, a, r.int8, accumulate)
	case r.bf16 != nil:
		f32.MulBF16(c, a, r.bf16, accumulate)
	case r.packed != nil:
		f32.MulPackedPrefetch(c, a, r.packed, accumulate, next)
	default:
		f32.Mul(c, a, r.plain, accumulate)
	}
}

// A copyJob makes a part of a copy.
type copyJob interface{ run() }

// A packJob makes one panel of a packed copy, or one whole plain transpose.
type packJob struct {
	weight    *Param
	plain     f32.Matrix
	panels    panelled // nil for a plain transpose
	panel     int
	transpose bool
}

// packFrom is the number of rows of a window from which packing the weights pays: it costs about as much as 10 rows of a
// product, and products of few rows are bound by memory in either layout.
const packFrom = 64

// nearWeights is the most weights of a network that stay in the second-level cache from one time step to the next. Then
// products of one row are as fast with a matrix as it lies.
const nearWeights = 1 << 18

// packs reports whether packing weights pays.
func (w *Window) packs() bool {
	return w.rows >= packFrom || w.inference && (w.rows > 1 || w.net.size > nearWeights)
}

// newRHS makes the right-hand side of a weight matrix or its transpose. Few rows use the matrix as it lies, if they can. Windows
// for inference share theirs.
func (w *Window) newRHS(weight *Param, transpose bool, c *weightCopies) rhs {
	layout := w.layoutOf(weight, transpose)
	if layout == asItLies {
		return rhs{plain: f32.Matrix{Data: weight.Value, Rows: max(weight.Rows, 1), Cols: weight.Cols, Stride: weight.Cols}}
	}
	if w.inference {
		return w.share(weight, transpose, layout)
	}
	r := w.layouts.rhs(weight, transpose, layout)
	if !w.layouts.onlyCounts {
		c.add(weight, r, transpose)
	}
	return r
}

// A layout is one of those of rhs.
type layout int

const (
	asItLies layout = iota
	transposed
	inPanels
	inInt8
	inBF16
)

func (w *Window) layoutOf(weight *Param, transpose bool) layout {
	switch {
	case weight.Precision == Int8:
		return inInt8
	case weight.Precision == BF16 && w.inference && w.rows == 1:
		return inBF16
	case w.packs():
		return inPanels
	case transpose:
		return transposed
	}
	return asItLies
}

// rhs returns room for a copy of a weight matrix or its transpose.
func (a *allocator) rhs(weight *Param, transpose bool, to layout) (r rhs) {
	rows, cols := max(weight.Rows, 1), weight.Cols
	if transpose {
		rows, cols = cols, rows
	}
	switch to {
	case inInt8:
		r.int8 = a.int8(rows, cols)
	case inBF16:
		r.bf16 = a.bf16(rows, cols)
	case inPanels:
		r.packed = a.packed(rows, cols)
	case transposed:
		stride := (cols + 15) &^ 15 // a row begins with a cache line: 128 x 65 is made in 1.0 instead of 1.6 us
		r.plain = f32.Matrix{Data: a.floats(rows * stride), Rows: rows, Cols: cols, Stride: stride}
	}
	return r
}

func (c *weightCopies) add(weight *Param, to rhs, transpose bool) {
	n, panels := 1, to.panels()
	if panels != nil {
		n = panels.Panels()
	}
	for i := range n {
		c.jobs = append(c.jobs, &packJob{weight, to.plain, panels, i, transpose})
	}
	c.version = 0
}

// refresh makes the copies anew if the weights have changed.
func (w *Window) refresh() {
	if w.copies.version != w.net.version {
		for _, c := range w.cells {
			c.refresh()
		}
		w.net.shared.refresh(w.shared, w.net.version)
	}
	if w.packOnDemand() {
		return
	}
	if w.pool.Workers() == 1 { // without locked operations, which wait for everything that was stored
		for _, c := range w.allCopies {
			c.refresh(w.net.version)
		}
		return
	}
	stale := false
	for _, c := range w.allCopies {
		if c.next.Store(int32(len(c.jobs))); c.stale(w.net.version) {
			c.next.Store(0)
			stale = true
		}
	}
	if stale {
		w.pool.Run(w.pack)
	}
}

// packOnDemand says that a copy is made by the one worker that needs it, when it does: in a short window of one stream,
// where the copy then is still near.
func (w *Window) packOnDemand() bool {
	return w.B == 1 && w.T < packFrom && !w.inference && w.net.cfg.Precision != Int8
}

// refresh makes the copies for a version of the weights.
func (c *weightCopies) refresh(version int) {
	if !c.stale(version) {
		return
	}
	fastpath.Took(fastpath.PackAlone)
	for i := range c.jobs {
		c.jobs[i].run()
	}
}

// stale reports whether the copies are of other weights, and takes note that they are about to be made.
func (c *weightCopies) stale(version int) bool {
	if c.version == version {
		fastpath.Took(fastpath.KeptCopies)
		return false
	}
	c.version = version
	return true
}

// packShare is one worker's share of what is stale.
func (w *Window) packShare(int) {
	for _, c := range w.allCopies {
		for i := int(c.next.Add(1)) - 1; i < len(c.jobs); i = int(c.next.Add(1)) - 1 {
			c.jobs[i].run()
		}
	}
}

func (j *packJob) run() {
	switch m := j.weight.matrix(); {
	case j.panels == nil:
		f32.Transpose(j.plain, m)
	case j.transpose:
		j.panels.PackTransposedPanel(m, j.panel)
	default:
		j.panels.PackPanel(m, j.panel)
	}
}
