package rnn

import (
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// backward is what a window needs for gradients.
type backward struct {
	scale       float32
	y           []int32
	first       int // row that y begins with; those before have no loss
	use         GradientSink
	parts       parts
	copies      weightCopies
	plan        gradientPlan // nil where windows are short
	occurrences symbolOccurrences
	norms       []float32 // gradient of every norm's output in turn

	outputs, recurrence dropoutMask
	scratch             []scratch // one for each worker

	train, sum, deliver func(worker int) // method values, made once
}

// A scratch is one worker's own memory.
type scratch struct {
	values []float32   // a piece of the gradient on its way to the GradientSink
	pack   *f32.Packed // panels of a long product
	sums   []float32   // sums of a long window
	shardRoom
	piece GradientPiece // the one at hand
}

// Gradient runs the window forward as Loss does and then backward, and returns the summed loss. use receives the gradient of
// scale times the summed loss: a scale of 1 is the notebook's, 1/len(x) that of the mean. If use is nil or KeepGradient is
// set, the gradient is left in Param.Grad, from where VisitGradient can hand it out afterwards.
//
// Truncated BPTT: the gradient stops at the window's edge, the state does not.
func (w *Window) Gradient(x, y []int32, scale float32, use GradientSink) float64 {
	w.checkSymbols(y, len(x))
	if w.back == nil {
		w.prepareBackward()
	}
	b := w.back
	b.y, b.scale, b.use = y, scale, use
	if w.teacher != nil {
		w.teacher.read(x, scale)
	}
	w.begin(x, true)
	if b.occurrences.list(x, w.DenseGradient); !w.DenseGradient {
		fastpath.Took(fastpath.SparseRows)
	}
	if use == nil || w.KeepGradient || b.plan != nil {
		w.allocateGradients()
	}
	w.pool.Run(b.train)
	if b.parts.inParamGrad = b.plan != nil; b.parts.inParamGrad {
		fastpath.Took(fastpath.LongWindow)
		w.pool.Run(b.sum)
	} else {
		w.deliverAll()
	}
	return w.sumLosses()
}

// allocateGradients gives every trained weight room for its gradient, the first time it is asked for.
func (w *Window) allocateGradients() {
	for _, p := range w.net.params {
		if p.Grad == nil && !p.Frozen {
			p.Grad = w.net.gradients.floats(p.Len())
		}
	}
}

// prepareBackward allocates what only gradients need.
func (w *Window) prepareBackward() {
	if w.net.cfg.Precision == Int8 {
		panic("rnn: a gradient of weights in 8 bits")
	}
	if w.inference {
		panic("rnn: a gradient of a window for inference")
	}
	w.checkShards()
	b := &backward{occurrences: newSymbolOccurrences(w.net.cfg.Symbols, w.T*w.B, &w.buffers)}
	w.back = b
	w.prepareDropout()
	w.allCopies = append(w.allCopies, &b.copies)
	for _, s := range w.stages {
		s.prepare()
	}
	if b.parts.list = w.newParts(); w.sumsInBlocks() {
		b.plan = newPlan(b.parts.list, w.gradients(), w.workers)
	}
	for range w.workers {
		b.scratch = append(b.scratch, scratch{
			values: w.buffers.floats(b.parts.longest()), pack: w.buffers.packed(128, 48), sums: w.buffers.floats(b.plan.room()),
			shardRoom: w.newShardRoom(),
		})
	}
	b.train, b.sum, b.deliver = w.trainShare, w.sumShare, w.deliverShare
}
