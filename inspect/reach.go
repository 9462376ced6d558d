package inspect

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// GradientReachSettings say how far back a gradient is followed, and from which positions.
type GradientReachSettings struct {
	Reach     int    // K, the most time steps back; 0 means 50
	Positions int    // how many positions of the text; 0 means 256
	WarmUp    int    // time steps read before the K+1; 0 means 80, or fewer in a short text
	Seed      uint64 // of the draw of positions
	Workers   int    // 0 means 1; never changes the result
}

// A GradientReach is how far back the gradient of a network reaches on a text: for k = 0 to K, how much the loss at a position
// depends on the state k time steps earlier, |d loss(t) / d h(t-k)| (Pascanu, Mikolov and Bengio 2013).
type GradientReach struct {
	Loss      float64      `json:"loss"`      // mean at the positions, nats
	Positions []int        `json:"positions"` // [K+1] how many positions reach this far back: a document may begin later
	Layers    []LayerReach `json:"layers"`
}

// A LayerReach is the reach by the state of one layer.
type LayerReach struct {
	H     Decay `json:"h"`     // of the outputs h
	State Decay `json:"state"` // of the whole state: h and c together for an LSTM, h for others
}

// A Decay holds mean gradient norms at distances 0 to K. At a distance that no position reaches, both means are 0.
type Decay struct {
	Mean      []float64 `json:"mean"`      // over positions
	Geometric []float64 `json:"geometric"` // geometric mean; 0 if the norm is 0 at some position
}

// PerStep returns the factor by which the mean and the geometric mean change with each time step from one distance to another:
// below 1 the gradient vanishes, above 1 it explodes. It panics unless 0 <= from < to <= K.
func (d Decay) PerStep(from, to int) (mean, geometric float64) {
	root := 1 / float64(to-from)
	return math.Pow(d.Mean[to]/d.Mean[from], root), math.Pow(d.Geometric[to]/d.Geometric[from], root)
}

// reachStreams is how many positions are followed side by side.
const reachStreams = 32

// errNoGradient says that a network has none.
var errNoGradient error = nothing{errors.New("weights of 8 bits have no gradient; inspect the model that they were rounded from")}

// GradientReachOf follows gradients back from random positions of a text. It fails if the text has fewer than K+1 time steps,
// if weights are rounded to rnn.Int8, with model.ErrNotFinite and with ctx.Err().
func GradientReachOf(ctx context.Context, n *rnn.Network, text Sequence, o GradientReachSettings) (*GradientReach, error) {
	if n.Config().Precision == rnn.Int8 {
		return nil, errNoGradient
	}
	o = o.withDefaults(text)
	if text.Len() <= o.Reach {
		return nil, fmt.Errorf("a text of %d symbols is too short to look back %d time steps; it takes %d symbols", text.Len(), o.Reach, o.Reach+1)
	}
	pool := f32.NewPool(o.Workers)
	defer pool.Close()
	f := newFollower(n, text, o, pool)
	r := random.New(o.Seed, "inspect horizon", 0) // the key of the draw: another word would draw other positions
	positions := make([]int, o.Positions)
	for i := range positions {
		positions[i] = o.WarmUp + o.Reach + r.IntN(text.Len()-o.WarmUp-o.Reach)
	}
	for ; len(positions) > 0; positions = positions[min(f.B, len(positions)):] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := f.follow(positions[:min(f.B, len(positions))]); err != nil {
			return nil, err
		}
	}
	f.divide()
	return f.h, nil
}

func (o GradientReachSettings) withDefaults(text Sequence) GradientReachSettings {
	set := func(value *int, otherwise int) {
		if *value == 0 {
			*value = otherwise
		}
	}
	set(&o.Reach, 50)
	set(&o.Positions, 256)
	set(&o.WarmUp, 80)
	set(&o.Workers, 1)
	o.WarmUp = max(0, min(o.WarmUp, text.Len()-o.Reach-1))
	return o
}

// A follower follows gradients back from B positions at a time.
type follower struct {
	h      *GradientReach
	text   Sequence
	o      GradientReachSettings
	K, B   int
	window *rnn.Window
	starts []bool
	x, y   []int32
}

func newFollower(n *rnn.Network, text Sequence, o GradientReachSettings, pool *f32.Pool) *follower {
	f := &follower{text: text, o: o, K: o.Reach, B: min(reachStreams, o.Positions)}
	f.window = n.NewWindow(f.K+1, f.B, pool)
	f.starts = f.window.Starts()
	decay := func() Decay { return Decay{make([]float64, f.K+1), make([]float64, f.K+1)} }
	f.h = &GradientReach{Positions: make([]int, f.K+1)}
	for range n.Config().Layers {
		f.h.Layers = append(f.h.Layers, LayerReach{decay(), decay()})
	}
	return f
}

// follow adds the norms at some positions. If they are fewer than the streams, the other streams repeat the first and are
// ignored.
func (f *follower) follow(positions []int) error {
	f.window.Reset()
	for ahead := f.o.WarmUp; ahead > 0; {
		steps := min(ahead, f.K+1)
		f.read(positions, ahead+f.K, steps)
		f.window.Forward(f.x)
		ahead -= steps
	}
	f.read(positions, f.K, f.K+1)
	slopes := f.window.StateGradNorms(f.x, f.y[f.K*f.B:])
	for b := range positions {
		loss := float64(f.window.Losses()[f.K*f.B+b])
		if !(loss <= math.MaxFloat32) {
			return model.ErrNotFinite
		}
		f.h.Loss += loss
		f.add(b, slopes)
	}
	return nil
}

// read reads time steps, beginning this many before each position.
func (f *follower) read(positions []int, before, steps int) {
	f.x, f.y = f.x[:0], f.y[:0]
	for t := range steps {
		for b := range f.B {
			at := positions[b%len(positions)] - before + t
			f.x, f.y = append(f.x, f.text.X[at]), append(f.y, f.text.Y[at])
			f.starts[t*f.B+b] = f.text.Starts != nil && f.text.Starts[at]
		}
	}
}

// add adds the norms of stream b, and their logarithms, as far back as the stream goes.
func (f *follower) add(b int, slopes []rnn.StateGradNorms) {
	for k := 0; k <= f.K; k++ {
		row := (f.K-k)*f.B + b
		f.h.Positions[k]++
		for l, s := range slopes {
			own := &f.h.Layers[l]
			h, state := s.H[row], s.H[row]
			if s.C != nil {
				state = math.Sqrt(float64(h*h) + float64(s.C[row]*s.C[row]))
			}
			own.H.Mean[k] += h
			own.H.Geometric[k] += math.Log(h)
			own.State.Mean[k] += state
			own.State.Geometric[k] += math.Log(state)
		}
		if f.starts[row] {
			return
		}
	}
}

// divide turns sums into means.
func (f *follower) divide() {
	f.h.Loss /= float64(f.o.Positions)
	for k, n := range f.h.Positions {
		for l := range f.h.Layers {
			for _, d := range []*Decay{&f.h.Layers[l].H, &f.h.Layers[l].State} {
				if n > 0 {
					d.Mean[k] /= float64(n)
					d.Geometric[k] = math.Exp(d.Geometric[k] / float64(n))
				}
			}
		}
	}
}

const (
	usualReach = 50      // time steps back
	mostRead   = 1 << 20 // first symbols of the text, from which positions are drawn
)

// beginReach follows gradients back.
func beginReach(a *Analysis) (Observer, conclusion) {
	return nil, func(ctx context.Context, s *report.Section) (any, error) {
		text, err := Encode(a.Model, a.Text, mostRead)
		if err != nil {
			return nil, err
		}
		reach := min(usualReach, text.Len()-1)
		if reach < 2 {
			return nil, errShort(int64(text.Len()), 3)
		}
		a.Progress("following gradients back", 0)
		r, err := GradientReachOf(ctx, a.Model.Network, text, GradientReachSettings{Reach: reach, Seed: a.Seed, Workers: a.Workers})
		if err != nil {
			return nil, err
		}
		r.tell(s, a.Model.Network.Config())
		return r, nil
	}
}

// shownDistances are the k that tables show.
var shownDistances = []int{1, 5, 10, 20, 50}

func (r *GradientReach) tell(s *report.Section, c rnn.Config) {
	reach := len(r.Positions) - 1
	s.Say("How much the loss of a symbol depends on the state of the network k time steps before: the norm of the gradient, over %s positions in the text (Pascanu, Mikolov and Bengio 2013). Where it has vanished, training cannot learn what lies so far apart.", report.Grouped(int64(r.Positions[0])))
	t := &report.Table{
		Caption: fmt.Sprintf("Mean norms at some distances, and the factor from one time step to the one before it, between 1 and %d.", reach),
		Columns: []string{"layer", "state", "k = 0"},
	}
	for _, k := range shownDistances {
		if k <= reach {
			t.Columns = append(t.Columns, fmt.Sprintf("k = %d", k))
		}
	}
	t.Columns = append(t.Columns, "per time step")
	drawn := chart.Chart{X: "time steps back, k", Y: "norm of the gradient, nats", LogY: true, LegendBelow: true}
	for layer, l := range r.Layers {
		names, decays := []string{"h"}, []Decay{l.H}
		if len(states(c)) > 1 {
			names, decays = append(names, "h and c"), append(decays, l.State)
		}
		for i, d := range decays {
			row := []report.Cell{report.Whole(layer + 1), report.Word("%s", names[i]), report.Number(d.Mean[0], report.Digits(3))}
			for _, k := range shownDistances {
				if k <= reach {
					row = append(row, report.Number(d.Mean[k], report.Digits(3)))
				}
			}
			mean, _ := d.PerStep(min(1, reach-1), reach)
			factor := report.Number(mean, report.Fixed(3))
			if math.IsNaN(mean) { // the gradient has vanished completely
				factor = report.Missing
			}
			t.Row(append(row, factor)...)
			line := chart.Line{Name: LayerName(layer) + ", " + names[i]}
			for k, norm := range d.Mean {
				line.X, line.Y = append(line.X, float64(k)), append(line.Y, norm)
			}
			drawn.Lines = append(drawn.Lines, line)
		}
	}
	s.Add(&report.Figure{Caption: "The gradient of the loss at a symbol with respect to earlier states, mean of its norm.", Charts: []chart.Chart{drawn}}, t)
}
