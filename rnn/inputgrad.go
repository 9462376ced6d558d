package rnn

import "math"

// An InputGrad is the gradient of losses with respect to what the network reads of each symbol: the symbol's embedding or,
// without one, its row of the first layer's input weights, which the layer adds to its pre-activations. Row t*B+b is the symbol
// that stream b reads at time step t.
type InputGrad struct {
	// Dot is the gradient times the input, [steps*B]: dL/ds where the symbol's vector is multiplied by s, at s = 1. It is the same
	// as the derivative with respect to the symbol's element of a one-hot vector.
	Dot []float64
	// Norm is the L2 norm of the gradient, [steps*B].
	Norm []float64
}

// InputGrad runs the window forward as Loss does, and backward from the losses of its last time step alone, as StateGradNorms
// does, with the same x and y. It returns the gradient of each stream's loss with respect to the symbols that the stream has
// read (Simonyan, Vedaldi and Zisserman 2014; Li, Chen, Hovy and Jurafsky 2016). Rows before a stream restarts are 0. It panics
// as Loss does, and if the network reads codes.
func (w *Window) InputGrad(x, y []int32) InputGrad {
	if w.net.cfg.Codes > 0 {
		panic("rnn: InputGrad of codes")
	}
	w.beginBackFromLast(x, y)
	g := InputGrad{make([]float64, len(x)), make([]float64, len(x))}
	w.pool.Run(func(worker int) {
		w.trainShare(worker)
		w.measureInputs(worker, g)
	})
	w.back.first = 0
	return g
}

// measureInputs fills in the rows of one worker's streams.
func (w *Window) measureInputs(worker int, g InputGrad) {
	first := w.cells[0]
	weight, cols := first.in.weight.Value, first.GH
	gradient := func(r int) []float32 { return first.buffers.grad.dw[r*cols:][:cols] }
	switch later := first.buffers.fwd.symbols; {
	case w.embedded != nil:
		weight, cols = w.net.modules[0].params()[0].Value, w.embedded.cols
		gradient = w.embedded.gradRow
	case later != nil:
		bias, row := make([]float32, cols), make([]float32, cols)
		gradient = func(r int) []float32 {
			clear(row)
			first.cell.(inputCell).sumGradient(bias, row, 0, first.H, later.of(r), first.buffers.grad.dy[r*first.H:][:first.H], first.buffers.fwd.prev[r*first.H:][:first.H])
			return row
		}
	}
	lo, hi := w.streams(worker)
	for t := range w.steps {
		for r := t*w.B + lo; r < t*w.B+hi; r++ {
			dot, squares := 0.0, 0.0
			input := weight[int(w.x[r])*cols:][:cols]
			for j, d := range gradient(r) { // products are exact in float64, so that fusing changes nothing
				dot += float64(d) * float64(input[j])
				squares += float64(d) * float64(d)
			}
			g.Dot[r], g.Norm[r] = dot, math.Sqrt(squares)
		}
	}
}
