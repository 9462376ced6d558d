package inspect

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// InfluenceSettings say how far back influence is followed.
type InfluenceSettings struct {
	Span     int                // N, the most earlier symbols; 0 means 32
	Workers  int                // 0 means 1; never changes the result
	Progress func(done float64) // gets the share done; may be nil
}

// An Influence is how much each earlier symbol moved the prediction of some consecutive symbols of a text: the gradient of
// log2 p, where p is the probability of the symbol that came, with respect to what the network read of each of the N symbols
// before it. The gradient is exact, by a backward pass for each symbol.
//
// What the network reads of a symbol is a vector x: its embedding or, without one, its row of the first layer's input weights.
// Both measures are in bits:
//
//	Product   x . d log2 p / dx    gradient x input: by how much log2 p grows where x is made longer, in proportion
//	Norm      |d log2 p / dx|      how sensitive log2 p is to x, whatever x is
//
// (Simonyan, Vedaldi and Zisserman 2014; Li, Chen, Hovy and Jurafsky 2016; Shrikumar, Greenside and Kundaje 2017 for the
// product.) A product above 0 says that the symbol made what came more likely. The gradient is that of a straight line through
// the point at hand: where gates are saturated it is small, though a symbol may have decided everything.
type Influence struct {
	From, Symbols int // the symbols from number From of the text on
	Span          int
	// Product and Norm are [Symbols x Span]: element i*Span+k-1 is the symbol k before symbol From+i, 0 where there is none in
	// the same document.
	Product, Norm []float32
	Bits          []float64 // [Symbols] -log2 p; of a symbol that the alphabet lacks, without its spelling
	Reach         []int     // [Symbols] how many earlier symbols there are in the document, up to Span
}

const (
	usualSpan        = 32
	influenceStreams = 32
	mostLogits       = 1 << 24 // of a window: with many symbols there are fewer streams
)

// InfluenceOf returns the influence of earlier symbols on symbols from to to-1 of a text, as a Sequence numbers them: symbol i is
// Y[i]. The network reads the text from its beginning. It fails if weights are rounded to rnn.Int8, with model.ErrNotFinite and
// with ctx.Err(), and panics if there are no such symbols.
func InfluenceOf(ctx context.Context, n *rnn.Network, text Sequence, from, to int, o InfluenceSettings) (*Influence, error) {
	if from < 0 || from >= to || to > text.Len() {
		panic(fmt.Sprintf("inspect: symbols %d to %d of %d", from, to, text.Len()))
	}
	if n.Config().Precision == rnn.Int8 {
		return nil, errNoGradient
	}
	pool := f32.NewPool(cmp.Or(o.Workers, 1))
	defer pool.Close()
	f := newInfluencer(n, text, from, to, o, pool)
	for at := from; at < to; at += f.B {
		if err := f.follow(ctx, at); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(float64(at-from) / float64(to-from))
		}
	}
	return f.found, nil
}

// An influencer follows the gradient back from B consecutive symbols at a time, each in a stream of its own. A walker reads the
// text once, to know the states in which the streams begin.
type influencer struct {
	found  *Influence
	text   Sequence
	B      int
	window *rnn.Window
	starts []bool
	x, y   []int32

	walker *rnn.Window
	next   int // time step that the walker reads next
	state  []float32
}

func newInfluencer(n *rnn.Network, text Sequence, from, to int, o InfluenceSettings, pool *f32.Pool) *influencer {
	N := min(cmp.Or(o.Span, usualSpan), to)
	f := &influencer{text: text, B: max(1, min(influenceStreams, to-from, mostLogits/(N*n.Config().Symbols)))}
	f.found = &Influence{From: from, Symbols: to - from, Span: N, Bits: make([]float64, to-from), Reach: make([]int, to-from)}
	f.found.Product, f.found.Norm = make([]float32, (to-from)*N), make([]float32, (to-from)*N)
	f.window, f.walker = n.NewWindow(N, f.B, pool), n.NewInferenceWindow(1, 1, nil)
	f.starts = f.window.Starts()
	f.x, f.y = make([]int32, N*f.B), make([]int32, f.B)
	f.state = make([]float32, f.walker.StateLen())
	return f
}

// follow fills in the symbols from number at on. If they are fewer than the streams, the others repeat the last one and are
// ignored.
func (f *influencer) follow(ctx context.Context, at int) error {
	N, last := f.found.Span, f.found.From+f.found.Symbols-1
	f.window.Reset()
	for b := range f.B {
		i := min(at+b, last)
		first := i - N + 1 // time step; before 0 there is padding, cut off by a start
		if err := f.walk(ctx, first); err != nil {
			return err
		}
		if first > 0 {
			f.window.SetStreamState(b, f.state)
		}
		for t := range N {
			x, starts := int32(0), false
			if s := first + t; s >= 0 {
				x, starts = f.text.X[s], s == 0 || f.startsAt(s)
			}
			f.x[t*f.B+b], f.starts[t*f.B+b] = x, starts
		}
		f.y[b] = f.text.Y[i]
	}
	g := f.window.InputGrad(f.x, f.y)
	for b := range min(f.B, last+1-at) {
		loss := float64(f.window.Losses()[(N-1)*f.B+b])
		if !(loss <= math.MaxFloat32) {
			return model.ErrNotFinite
		}
		f.found.Bits[at+b-f.found.From] = loss * math.Log2E
		if err := f.keep(at+b, b, g); err != nil {
			return err
		}
	}
	return nil
}

// keep takes in the gradients of stream b. The symbol that a stream reads where it starts stands for none of the text.
func (f *influencer) keep(i, b int, g rnn.InputGrad) error {
	N := f.found.Span
	product, norm := f.found.Product[(i-f.found.From)*N:][:N], f.found.Norm[(i-f.found.From)*N:][:N]
	for k := range N {
		r := (N-1-k)*f.B + b
		if f.starts[r] {
			return nil
		}
		f.found.Reach[i-f.found.From] = k + 1
		product[k], norm[k] = float32(-g.Dot[r]*math.Log2E), float32(g.Norm[r]*math.Log2E)
		if !finite32(product[k]) || !finite32(norm[k]) {
			return model.ErrNotFinite
		}
	}
	return nil
}

func finite32(x float32) bool { return x-x == 0 }

func (f *influencer) startsAt(step int) bool { return f.text.Starts != nil && f.text.Starts[step] }

// walk reads the text up to a time step, without it, and leaves the state there.
func (f *influencer) walk(ctx context.Context, to int) error {
	if to <= f.next {
		return nil
	}
	for ; f.next < to; f.next++ {
		if f.next%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		f.walker.Starts()[0] = f.startsAt(f.next)
		f.walker.Forward(f.text.X[f.next : f.next+1])
	}
	f.walker.State(f.state)
	return ctx.Err()
}

// At returns the product and the norm of the symbol back before symbol i of the text, back from 1 to Span.
func (f *Influence) At(i, back int) (product, norm float64) {
	k := (i-f.From)*f.Span + back - 1
	return float64(f.Product[k]), float64(f.Norm[k])
}

// Means returns, for each distance from 1 to Span, the mean of |Product| and of Norm over the symbols that have a symbol so far
// before them in their document.
func (f *Influence) Means() (product, norm []float64) {
	product, norm = make([]float64, f.Span), make([]float64, f.Span)
	for k := range f.Span {
		n := 0.0
		for i := range f.Symbols {
			if k < f.Reach[i] {
				product[k] += math.Abs(float64(f.Product[i*f.Span+k]))
				norm[k], n = norm[k]+float64(f.Norm[i*f.Span+k]), n+1
			}
		}
		if n > 0 {
			product[k], norm[k] = product[k]/n, norm[k]/n
		}
	}
	return product, norm
}
