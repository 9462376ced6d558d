package rnn

import "github.com/seed-f4dd853e/elman/internal/f32"

// A conv is a causal convolution of each channel on its own, K time steps wide, before a cell:
//
//	y_t = b + w_0 x_(t-K+1) + ... + w_(K-1) x_t    added in this order
//
// with zeros where the stream had not begun. The K-1 inputs before a window are its state.
type conv struct{ weight, bias *Param }

// newConv names the weights in PyTorch's way, which starts both uniform up to 1/sqrt(K). A file has [C x 1 x K].
func newConv(c Config, prefix string, channels int) *conv {
	return &conv{
		&Param{Name: prefix + "weight", Rows: c.Conv, Cols: channels, Transposed: true, depthwise: true, bound: perRoot(c.Conv)},
		&Param{Name: prefix + "bias", Cols: channels, bound: perRoot(c.Conv)},
	}
}

func (c *conv) params() []*Param { return []*Param{c.weight, c.bias} }

// A convStage is a conv in a window.
type convStage struct {
	*conv
	w       *Window
	K       int
	in, out *signal
	past    []float32 // [(K-1)*B x C] inputs before the window, the oldest first
	spare   []float32 // the same once more
	reach   []uint8   // [T*B] how many time steps back each row sees
	zeros   []float32 // [C]
}

func (c *conv) stage(w *Window, in *signal) (stage, *signal) {
	n := (c.weight.Rows - 1) * w.B * in.cols
	s := &convStage{
		conv: c, w: w, K: c.weight.Rows, in: in, out: w.newSignal(in.cols),
		past: w.buffers.floats(n), spare: w.buffers.floats(n), reach: allocate[uint8](&w.buffers, w.T*w.B, 1), zeros: w.buffers.floats(in.cols),
	}
	return s, s.out
}

// kernel returns the weights of the inputs this many time steps back.
func (s *convStage) kernel(back int) []float32 {
	return s.weight.Value[(s.K-1-back)*s.in.cols:][:s.in.cols]
}

// input returns the input of a row of the window or, with a negative number, before it.
func (s *convStage) input(row int) []float32 {
	if row < 0 {
		return s.past[len(s.past)+row*s.in.cols:][:s.in.cols]
	}
	return s.in.row(row)
}

// seen returns the input this many time steps before a row, zeros if the stream had not begun.
func (s *convStage) seen(row, back int) []float32 {
	if back > int(s.reach[row]) {
		return s.zeros
	}
	return s.input(row - back*s.w.B)
}

func (s *convStage) forward(first, rows int) {
	var w, x [maxConv][]float32
	for r := first; r < first+rows; r++ {
		s.setReach(r)
		for i := range s.K {
			w[i], x[i] = s.kernel(s.K-1-i), s.seen(r, s.K-1-i)
		}
		f32.MulAdds(s.out.row(r), s.bias.Value, w[:s.K], x[:s.K])
	}
}

func (s *convStage) setReach(r int) {
	reach := s.K - 1 // the past has zeros of its own
	if s.w.starts != nil && s.w.starts[r] {
		reach = 0
	} else if r >= s.w.B {
		reach = min(reach, int(s.reach[r-s.w.B])+1)
	}
	s.reach[r] = uint8(reach)
}

func (s *convStage) prepare() { s.out.prepare(s.w) }

// backward needs the gradient of K-1 later time steps.
func (s *convStage) backward(first, rows int) {
	var w, dy [maxConv][]float32
	for r := first; r < first+rows; r++ {
		n := 0
		for back := range s.K {
			if later := r + back*s.w.B; later < len(s.w.x) && back <= int(s.reach[later]) {
				w[n], dy[n] = s.kernel(back), s.out.gradRow(later)
				n++
			}
		}
		f32.MulAdds(s.in.gradRow(r), s.zeros, w[:n], dy[:n])
	}
}

func (s *convStage) gradients(add func(part)) {
	dz := activations{s.out.dy, s.out.cols}
	add(part{kind: accumulatedPart, param: s.weight, dz: dz, accumulator: s})
	add(part{kind: biasPart, param: s.bias, dz: dz})
}

// sum sets g to the gradient of the weights over rows lo to hi-1 of a shard, or adds it if these are not the first.
func (s *convStage) sum(g []float32, in shard, lo, hi int) {
	if lo == 0 {
		clear(g)
	}
	const most = 32
	var x, dy [most][]float32
	for ; lo < hi; lo += most {
		n := min(most, hi-lo)
		for i := range n {
			dy[i] = s.out.gradRow(in.row(lo + i))
		}
		for back := range s.K {
			for i := range n {
				x[i] = s.seen(in.row(lo+i), back)
			}
			g := g[(s.K-1-back)*s.in.cols:][:s.in.cols]
			f32.MulAdds(g, g, x[:n], dy[:n])
		}
	}
}

func (s *convStage) stateLen() int { return (s.K - 1) * s.in.cols }

// eachState gives a stream's inputs as the next window will see them, the oldest first.
func (s *convStage) eachState(stream, steps int, f func(own []float32)) {
	for back := s.K - 1; back >= 1; back-- {
		f(s.left(stream, steps, back))
	}
}

// left returns what a stream's input was this many time steps before the one that follows.
func (s *convStage) left(stream, steps, back int) []float32 {
	if steps > 0 && back > int(s.reach[(steps-1)*s.w.B+stream])+1 {
		return s.zeros
	}
	return s.input((steps-back)*s.w.B + stream)
}

func (s *convStage) carryState(steps int) {
	if steps == 0 {
		return
	}
	B, C := s.w.B, s.in.cols
	for back := s.K - 1; back >= 1; back-- {
		for b := range B {
			copy(s.spare[((s.K-1-back)*B+b)*C:][:C], s.left(b, steps, back))
		}
	}
	s.past, s.spare = s.spare, s.past
}
