package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/notebook"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// oracle is one of the notebook's networks, and the settings that make the engine the same.
type oracle struct {
	name     string
	settings Settings
	weights  *notebook.Weights
	window   func(x, y []int) (loss float64)
}

func oracles(V, H int) []oracle {
	srn, n := notebook.NewSRN(V, H, 0.1, 1), notebook.NewRNN(V, H, 0.1, 1)
	network := rnn.Config{Activation: "sigmoid", Hidden: H}
	return []oracle{
		{"SRN", Settings{Network: network, Batch: 1, Window: 1, Sum: true, Optimizer: optim.Settings{Optimizer: "sgd"}},
			srn.Weights, func(x, y []int) float64 { return srn.Train(x[0], y[0]) }},
		{"RNN", Settings{Network: network, Batch: 1, Window: 15, Sum: true, ClipValue: 1, Optimizer: optim.Settings{Optimizer: "adagrad", LearningRate: 0.1}},
			n.Weights, n.TrainBatch},
	}
}

// babble is a text of which little can be learned, as of a real one in a short time.
func babble(size int) string {
	rng := rand.New(rand.NewPCG(11, 12))
	text := make([]byte, size)
	for i := range text {
		text[i] = 'A' + byte(min(rng.IntN(60), rng.IntN(60)))
		if rng.IntN(3) == 0 && i > 0 {
			text[i] = 'A' + (text[i-1]*7)%60
		}
	}
	return string(text)
}

// TestNotebook trains the notebook's networks and the engine side by side from the same weights on the same text. The one
// computes in float64, the other in float32, and training makes their differences larger with time: so the losses of a
// thousand windows agree to 1e-4, the weights after a hundred to 1e-3. (Once a text is known by heart, and its loss small,
// the differences grow faster.)
func TestNotebook(t *testing.T) {
	const H = 128
	windows := 300
	if full {
		windows = 1000
	}
	c := chars(t, babble(20000))
	for _, o := range oracles(c.Alphabet.Size(), H) {
		s, err := Defaults(FactsOf(c), with(o.settings))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrainer(c, s, Options{}, f32.NewPool(1))
		if err != nil {
			t.Fatal(err)
		}
		pairs := pairUp(tr.model.Network, o.weights)
		for _, p := range pairs {
			*p.engine = float32(*p.notebook)
		}
		tr.model.Network.Updated()
		for window := 1; window <= windows; window++ {
			n, err := tr.streams.Next(tr.x, tr.y)
			if err != nil {
				t.Fatal(err)
			}
			want := o.window(ints(tr.x[:n]), ints(tr.y[:n]))
			tr.LossSum = 0
			if err := tr.step(n, false); err != nil {
				t.Fatal(err)
			}
			if got := tr.LossSum; math.Abs(got-want) > 1e-4*want {
				t.Fatalf("%s, window %d: loss %v, the notebook's %v", o.name, window, got, want)
			}
			if window != 100 {
				continue
			}
			for _, p := range pairs {
				if math.Abs(float64(*p.engine)-*p.notebook) > 1e-3 {
					t.Fatalf("%s: after %d windows a weight is %v, the notebook's %v", o.name, window, *p.engine, *p.notebook)
				}
			}
		}
	}
}

// A pair is one weight in both.
type pair struct {
	engine   *float32
	notebook *float64
}

// pairUp finds the partner of each of the notebook's weights; the engine has most of its matrices the other way round.
func pairUp(n *rnn.Network, w *notebook.Weights) (pairs []pair) {
	byName := map[string]*rnn.Param{}
	for _, p := range n.Params() {
		byName[p.Name] = p
	}
	add := func(name string, rows ...[]float64) {
		p := byName[name]
		for i := range rows {
			for j := range rows[i] {
				at := i*len(rows[i]) + j
				if p.Transposed {
					at = j*len(rows) + i
				}
				pairs = append(pairs, pair{&p.Value[at], &rows[i][j]})
			}
		}
	}
	add("rnn.weight_ih_l0", w.Wx...)
	add("rnn.weight_hh_l0", w.U...)
	add("rnn.bias_ih_l0", w.Bh)
	add("decoder.weight", w.Wy...)
	add("decoder.bias", w.By)
	return pairs
}

func ints(x []int32) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}
