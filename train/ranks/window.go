package ranks

import (
	"encoding/json"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Window is the window of a training that all ranks compute, as rank 0 sees it. It does what an rnn.Window with the same shards
// does in one process, and is for one goroutine.
type Window struct {
	m       *member
	starts  []bool
	losses  []float32
	symbols [][]int32   // for each rank
	from    [][]float32 // from each rank: its slice of the gradient, and its losses
	sum     []float32   // the gradient
	step    uint64
	lens    []int // of the state of a stream in each stage
}

// New makes all ranks have a window of a network, which is the one whose gradients it computes. It fails if there are more ranks than
// shards, or memory is short.
func New(c Comm, net *rnn.Network, use rnn.WindowUse, pool *f32.Pool) (*Window, error) {
	if use.Shards = max(1, use.Shards); use.Shards == 1 && c.Size() == 1 {
		return nil, setting.Errorf("one rank without %v shares nothing; train without ranks", setting.Name("shards"))
	}
	plan := Plan{net.Config(), use, thisProgram(), ownOrder()}
	m, err := newMember(c, pool, plan, net)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	tell(c, job{Op: opPlan, Steps: int32(len(text))})
	c.Broadcast(text)
	w := &Window{m: m, sum: make([]float32, m.size), lens: m.parts[0].window.StreamStateLens()}
	if use.Starts {
		w.starts = make([]bool, use.T*use.B)
	}
	for r := range c.Size() {
		lo, hi := slice(r, c.Size(), m.size)
		w.symbols = append(w.symbols, make([]int32, m.numbersOf(r, use.T)))
		w.from = append(w.from, make([]float32, hi-lo+use.T*w.streams(r)))
	}
	return w, nil
}

// End ends Serve on all ranks.
func End(c Comm) { tell(c, job{Op: opEnd}) }

// streams returns how many streams a rank has.
func (w *Window) streams(rank int) int {
	n := 0
	w.each(rank, func(_, streams int) { n += streams })
	return n
}

// each calls f with the first stream of each node of a rank, and how many it has.
func (w *Window) each(rank int, f func(first, streams int)) {
	each := w.m.Window.B / w.m.Window.Shards
	for _, n := range w.m.all[rank] {
		f(n.first*each, n.count*each)
	}
}

// Begin sets the training step of the next Gradient, for dropout.
func (w *Window) Begin(step uint64, _ bool) { w.step = step }

// Gradient is rnn.Window.Gradient. The gradient is always left in Param.Grad too.
func (w *Window) Gradient(x, y []int32, scale float32, use rnn.GradientSink) float64 {
	m, steps := w.m, len(x)/w.m.Window.B
	j := tell(m.comm, job{Op: opGradient, Steps: int32(steps), Step: w.step, Scale: scale})
	m.weights()
	for r := range w.symbols {
		if w.lay(w.symbols[r][:0], r, x, y); r > 0 {
			m.send[r] = bytesOf(w.symbols[r][:m.numbersOf(r, steps)])
		}
	}
	m.exchange()
	m.take(w.symbols[0], steps)
	w.gather(m.sum(j), func(r int) []float32 {
		lo, hi := slice(r, m.comm.Size(), m.size)
		return w.from[r][:hi-lo+steps*w.streams(r)]
	})
	for r, from := range w.from {
		lo, hi := slice(r, m.comm.Size(), m.size)
		copy(w.sum[lo:hi], from)
	}
	w.leave()
	total := w.collect(steps)
	if use != nil {
		w.VisitGradient(use)
	}
	return total
}

// lay appends the symbols of a rank's streams, node after node, and if streams restart, where.
func (w *Window) lay(to []int32, rank int, x, y []int32) {
	B := w.m.Window.B
	w.each(rank, func(first, streams int) {
		for _, symbols := range [][]int32{x, y} {
			for row := first; row < len(symbols); row += B {
				to = append(to, symbols[row:row+streams]...)
			}
		}
		if w.starts == nil {
			return
		}
		for row := first; row < len(x); row += B {
			for _, start := range w.starts[row : row+streams] {
				to = append(to, 0)
				if start {
					to[len(to)-1] = 1
				}
			}
		}
	})
}

// gather takes what each rank sends, and own of this one.
func (w *Window) gather(own []float32, to func(rank int) []float32) {
	copy(to(0), own)
	for r := 1; r < w.m.comm.Size(); r++ {
		w.m.receive[r] = bytesOf(to(r))
	}
	w.m.exchange()
}

// leave leaves the sum in Param.Grad.
func (w *Window) leave() {
	sum := w.sum
	for _, p := range w.m.net.Params() {
		if !p.Frozen {
			sum = sum[copy(p.Grad, sum):]
		}
	}
}

// collect puts the losses in order and adds them, row after row.
func (w *Window) collect(steps int) (sum float64) {
	B := w.m.Window.B
	w.losses = append(w.losses[:0], make([]float32, steps*B)...)
	for r, from := range w.from {
		lo, hi := slice(r, w.m.comm.Size(), w.m.size)
		lost := from[hi-lo:]
		w.each(r, func(first, streams int) {
			for t := range steps {
				lost = lost[copy(w.losses[t*B+first:][:streams], lost):]
			}
		})
	}
	for _, l := range w.losses {
		sum += float64(l)
	}
	return sum
}

// VisitGradient is rnn.Window.VisitGradient.
func (w *Window) VisitGradient(use rnn.GradientSink) { w.m.parts[0].window.VisitGradient(use) }

// GradientPieces is rnn.Window.GradientPieces.
func (w *Window) GradientPieces() int { return w.m.parts[0].window.GradientPieces() }

// Losses is rnn.Window.Losses.
func (w *Window) Losses() []float32 { return w.losses }

// Starts is rnn.Window.Starts; nil if New was told that there are none.
func (w *Window) Starts() []bool { return w.starts }

// Reset is rnn.Window.Reset.
func (w *Window) Reset() {
	tell(w.m.comm, job{Op: opReset})
	for _, p := range w.m.parts {
		p.window.Reset()
	}
}

// StateLen is rnn.Window.StateLen.
func (w *Window) StateLen() int { return w.m.Window.B * w.streamLen() }

func (w *Window) streamLen() int {
	n := 0
	for _, l := range w.lens {
		n += l
	}
	return n
}

// State is rnn.Window.State.
func (w *Window) State(dst []float32) {
	tell(w.m.comm, job{Op: opState})
	parts := w.states()
	w.gather(w.m.state(), func(r int) []float32 { return parts[r] })
	w.arrange(parts, func(whole, stream []float32) { copy(whole, stream) }, dst)
}

// SetState is rnn.Window.SetState.
func (w *Window) SetState(src []float32) {
	tell(w.m.comm, job{Op: opSetState})
	parts := w.states()
	w.arrange(parts, func(whole, stream []float32) { copy(stream, whole) }, src)
	for r := 1; r < len(parts); r++ {
		w.m.send[r] = bytesOf(parts[r])
	}
	w.m.exchange()
	w.m.setState(parts[0])
}

// states makes room for the state of each rank's streams.
func (w *Window) states() (parts [][]float32) {
	for r := range w.m.comm.Size() {
		parts = append(parts, make([]float32, w.m.stateLen(r)))
	}
	return parts
}

// arrange hands move each stage of each stream in the state of a whole window, which lies stage after stage, and in that of a rank,
// which lies stream after stream.
func (w *Window) arrange(parts [][]float32, move func(whole, stream []float32), whole []float32) {
	for r, part := range parts {
		w.each(r, func(first, streams int) {
			for b := first; b < first+streams; b++ {
				at := 0
				for _, n := range w.lens {
					move(whole[at+b*n:][:n], part[:n])
					at, part = at+w.m.Window.B*n, part[n:]
				}
			}
		})
	}
}
