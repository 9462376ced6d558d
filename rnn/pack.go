package rnn

import (
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A window keeps copies of the weights in layouts that products like. They are made anew when the weights have changed.

// copies is what a window knows of its copies.
type copies struct {
	version int
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
		w.addJobs(weight, o.forward, false)
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
	w.addJobs(o.weight, o.transpose, true)
}

func (w *Window) addJobs(weight *Param, to right, transpose bool) {
	panels := 1
	if to.packed != nil {
		panels = to.packed.Panels()
	}
	for i := range panels {
		w.copies.jobs = append(w.copies.jobs, packJob{weight, to, i, transpose})
	}
	w.copies.version = 0
}

// refresh makes the copies anew if the weights have changed.
func (w *Window) refresh() {
	if w.copies.version == w.net.version {
		return
	}
	w.copies.version = w.net.version
	for l := range w.tracks {
		f32.Add(w.tracks[l].bias, w.net.layers[l].in.bias.Value, w.net.layers[l].rec.bias.Value)
	}
	w.copies.next.Store(0)
	w.pool.Run(w.copies.pack)
}

func (w *Window) packShare(int) {
	for {
		i := int(w.copies.next.Add(1)) - 1
		if i >= len(w.copies.jobs) {
			return
		}
		w.copies.jobs[i].run()
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
