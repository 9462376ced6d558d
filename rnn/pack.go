package rnn

import (
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A window keeps copies of the weights in layouts that products like. They are made anew when the weights have changed.

// copies are those of one direction.
type copies struct {
	version int // of the weights they were made from
	jobs    []packJob
	next    atomic.Int32
	pack    func(worker int)
}

// A packJob makes one panel of a packed copy, or one whole plain transpose.
type packJob struct {
	weight    *Param
	to        right
	panel     int
	transpose bool
}

// operands prepares the right-hand sides of a weight matrix for the way forward. Few rows use the matrix as it lies.
func (w *Window) operands(weight *Param) operands {
	o := operands{weight: weight, forward: right{plain: weight.Matrix()}}
	if w.T*w.B >= packFrom {
		o.forward.packed = f32.NewPacked(weight.Rows, weight.Cols)
		w.copies.add(weight, o.forward, false)
	}
	return o
}

// transposed prepares the transpose for the way back, which always is a copy.
func (w *Window) transposed(o *operands) {
	rows, cols := o.weight.Rows, o.weight.Cols
	if w.T*w.B >= packFrom {
		o.transpose.packed = f32.NewPacked(cols, rows)
	} else {
		o.transpose.plain = f32.Mat(f32.Aligned(rows*cols), cols, rows)
	}
	w.back.copies.add(o.weight, o.transpose, true)
}

func (c *copies) add(weight *Param, to right, transpose bool) {
	panels := 1
	if to.packed != nil {
		panels = to.packed.Panels()
	}
	for i := range panels {
		c.jobs = append(c.jobs, packJob{weight, to, i, transpose})
	}
	c.version = 0
}

// refresh makes the copies for the way forward anew if the weights have changed, and those for the way back too unless
// there is just one stream: its worker makes them itself when it has come that far, as the way forward then leaves the
// weights of the output layer in the first-level cache.
func (w *Window) refresh() {
	if w.copies.version != w.net.version {
		for l := range w.tracks {
			f32.Add(w.tracks[l].bias, w.net.layers[l].in.bias.Value, w.net.layers[l].rec.bias.Value)
		}
		w.copies.refresh(w.net.version, w.pool)
	}
	if w.back != nil && w.B > 1 {
		w.back.copies.refresh(w.net.version, w.pool)
	}
}

// refresh lets the workers of a pool make the copies for a version of the weights.
func (c *copies) refresh(version int, pool *f32.Pool) {
	if c.version == version {
		return
	}
	c.version = version
	c.next.Store(0)
	pool.Run(c.pack)
}

func (c *copies) packShare(int) {
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
