package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Window runs a network over up to T time steps of B streams and carries the state to the next call. It holds all memory
// that this takes; calls do not allocate. Results do not depend on the number of workers, and those of a stream do not
// depend on other streams.
type Window struct {
	net           *Network
	pool          *f32.Pool
	workers       int
	T, B          int  // the most time steps and streams; of a window for inference B is how many streams the next call reads
	rows          int  // the most rows of a call
	mostStreams   int  // of a window for inference
	DenseGradient bool // gradients cover the input rows of absent symbols too; to be set before the first Gradient
	// Shards divides the streams into so many groups, a power of two, whose gradients are summed each by itself and then along a
	// tree; to be set before the first Gradient. The sum is another than without, and is the same however the shards are shared
	// out among windows (see Place). 0 means no shards.
	Shards       int
	Place        Place
	KeepGradient bool // Gradient leaves the gradient in Param.Grad where a sink takes it, too
	// OnLogits is called by Gradient with each block of rows whose logits are there, before the backward pass overwrites them.
	// It is for windows of one worker, and may be nil.
	OnLogits func(first, rows int)
	steps    int     // time steps of the last call
	x        []int32 // its symbols, [steps*B]
	// Dropout is applied by Gradient alone. If the first Gradient has none, no later one may have any.
	Dropout       Dropout
	starts        []bool         // [T*B], or nil
	teacher       *teacher       // nil without LearnFrom
	learnedStarts *learnedStarts // nil where streams start from zero

	stages      []stage
	sections    []section // the stages once more
	cells       []*recurrentStage
	stateful    []statefulStage // stages with state
	decoder     *decoderStage
	embedded    *signal // output of the embedding, or nil
	dropouts    []*dropoutStage
	training    bool // the call at hand is a Gradient
	overwritten bool // gradients lie where the last call's activations were
	inference   bool // it comes of NewInferenceWindow

	buffers, layouts allocator // layouts are those of copies
	copies           weightCopies
	allCopies        []*weightCopies  // copies, and those of the way back
	shared           []*sharedCopy    // copies that other windows use too
	forward, pack    func(worker int) // kept, because a method value made anew would allocate
	back             *backward        // nil until the first Gradient
}

// NewWindow returns a window of T time steps and B streams, in the state after Reset. It shares the pool, which may be nil,
// with the caller. It panics if T or B is below 1.
func (n *Network) NewWindow(T, B int, pool *f32.Pool) *Window {
	w := n.newWindow(T, B, pool.Workers(), false)
	w.pool = pool
	return w
}

// NewInferenceWindow returns a window that only goes forward, of a network that is not being trained: it keeps nothing that a
// gradient would need, the first call packs all weights, so that later calls are faster, and all such windows of the network
// share the packed weights. The results are the same, bit for bit. Gradient panics, and so does Observe of all but h.
func (n *Network) NewInferenceWindow(T, B int, pool *f32.Pool) *Window {
	w := n.newWindow(T, B, pool.Workers(), true)
	w.pool = pool
	return w
}

func (n *Network) newWindow(T, B, workers int, inference bool) *Window {
	if T < 1 || B < 1 {
		panic(fmt.Sprintf("rnn: a window of %d time steps and %d streams", T, B))
	}
	w := &Window{net: n, workers: workers, T: T, B: B, rows: T * B, mostStreams: B, inference: inference}
	w.buffers.onlyCounts, w.layouts.onlyCounts = n.weights.onlyCounts, n.weights.onlyCounts
	w.addStages()
	if n.cfg.LearnInitial {
		w.newLearnedStarts()
	}
	w.forward = w.forwardShare
	w.allCopies, w.pack = []*weightCopies{&w.copies}, w.packShare
	return w
}

// Begin sets the step of Dropout, and KeepGradient, for the next Gradient.
func (w *Window) Begin(step uint64, keepGradient bool) {
	w.Dropout.Step, w.KeepGradient = step, keepGradient
}

// Starts returns marks, [T*B], initially false, for the caller to set before each call: at a marked row the state of the
// stream restarts, as after Reset, and no gradient passes back. It panics after the first Gradient.
func (w *Window) Starts() []bool {
	if w.back != nil && w.starts == nil {
		panic("rnn: Starts of a window after Gradient")
	}
	if w.starts == nil {
		w.setStarts(allocate[bool](&w.buffers, w.rows, 1))
	}
	return w.starts
}

// setStarts shares the marks with what has a state.
func (w *Window) setStarts(starts []bool) {
	w.starts = starts
	for _, c := range w.cells {
		if w.learnedStarts == nil {
			c.allowStarts(starts)
		}
	}
	if w.teacher != nil {
		w.teacher.window.setStarts(starts)
	}
}

// Forward reads the symbols x, time-major [steps x B] with at most T steps, and computes their logits. It panics if x
// has another shape or holds a symbol out of range.
func (w *Window) Forward(x []int32) {
	w.begin(x, false)
	w.pool.Run(w.forward)
}

// Rows returns the number of rows of the last call, steps*B.
func (w *Window) Rows() int { return len(w.x) }

// Logits returns the logits of the last Forward or Loss, [steps*B x V], or x E with codes. They are overwritten by the next
// call.
func (w *Window) Logits() []float32 { return w.decoder.logits[:len(w.x)*w.decoder.cols] }

// Loss runs Forward and returns the loss against the targets y, one symbol for each of x: the sum of -ln p(target), in nats;
// with codes, of half the squared error.
func (w *Window) Loss(x, y []int32) float64 {
	w.checkSymbols(y, len(x))
	w.Forward(x)
	for r, target := range y {
		w.decoder.losses[r] = w.decoder.measure(r, target)
	}
	return w.sumLosses()
}

// Losses returns the loss of each row of the last Loss or Gradient, [steps*B]. They are overwritten by the next call.
func (w *Window) Losses() []float32 { return w.decoder.losses[:len(w.x)] }

// sumLosses adds in float64, row after row: a figure to report, that nothing learns from.
func (w *Window) sumLosses() float64 {
	sum := 0.0
	for _, l := range w.decoder.losses[:len(w.x)] {
		sum += float64(l)
	}
	return sum
}

// begin takes in the symbols of a new window: the state after the last one becomes the state before this one.
func (w *Window) begin(x []int32, gradient bool) {
	w.checkSymbols(x, len(x))
	if len(x)%w.B != 0 || len(x) > w.rows {
		panic(fmt.Sprintf("rnn: %d symbols for a window of up to %d time steps of %d streams", len(x), w.rows/w.B, w.B))
	}
	w.carryState()
	if w.learnedStarts != nil {
		w.learnedStarts.begin(w.starts)
	}
	w.beginDropout(gradient)
	w.overwritten = gradient
	w.x, w.steps = x, len(x)/w.B
	w.refresh()
}

func (w *Window) checkSymbols(x []int32, want int) {
	if len(x) != want {
		panic(fmt.Sprintf("rnn: %d targets for %d symbols", len(x), want))
	}
	for _, s := range x {
		if uint(s) >= uint(w.net.cfg.Symbols) {
			panic(fmt.Sprintf("rnn: symbol %d of an alphabet of %d", s, w.net.cfg.Symbols))
		}
	}
}
