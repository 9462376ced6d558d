package inspect

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
)

// network returns a network with weights large enough that its units do something.
func network(t testing.TB, c rnn.Config) *rnn.Network {
	t.Helper()
	n, err := rnn.New(c)
	if err != nil {
		t.Fatal(err)
	}
	n.Init(rnn.Init{Normal: 0.3}, 1)
	r := rand.New(rand.NewPCG(8, 9))
	for _, p := range n.Params() {
		if p.Rows == 0 && !p.Frozen {
			for i := range p.Value {
				p.Value[i] += r.Float32() - 0.5
			}
		}
	}
	n.Updated()
	return n
}

func symbols(seed uint64, V, n int) []int32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]int32, n)
	for i := range x {
		x[i] = r.Int32N(int32(V))
	}
	return x
}

// TestGradientReachOfOnePlace compares the reach on a text with room for one place alone with the slopes of a single stream,
// which reads the text from its beginning: documents start within it.
func TestGradientReachOfOnePlace(t *testing.T) {
	const V, K, warm = 5, 6, 9
	for _, info := range rnn.Cells() {
		cell := info.Name
		n := network(t, rnn.Config{Cell: cell, Symbols: V, Hidden: 7, Layers: 2})
		text := SequenceOf(symbols(1, V, warm+K+2))
		for _, start := range []int{0, warm - 3, warm + 2} {
			text.Starts = make([]bool, text.Len())
			text.Starts[start] = true
			h, err := GradientReachOf(context.Background(), n, text, GradientReachSettings{Reach: K, Positions: 3, WarmUp: warm})
			if err != nil {
				t.Fatal(err)
			}
			w := n.NewWindow(text.Len(), 1, nil)
			copy(w.Starts(), text.Starts)
			want := w.StateGradNorms(text.X, text.Y[text.Len()-1:])
			for l, own := range h.Layers {
				for k := range K + 1 {
					row := text.Len() - 1 - k
					positions, wantH, wantState := 3, want[l].H[row], want[l].H[row]
					if want[l].C != nil {
						wantState = math.Hypot(wantH, want[l].C[row])
					}
					if row < start {
						positions, wantH, wantState = 0, 0, 0
					}
					if got := h.Positions[k]; got != positions {
						t.Errorf("%s: %d positions look %d back, want %d", cell, got, k, positions)
					}
					for i, got := range []float64{own.H.Mean[k], own.H.Geometric[k], own.State.Mean[k], own.State.Geometric[k]} {
						if want := []float64{wantH, wantH, wantState, wantState}[i]; math.Abs(got-want) > 1e-9*want {
							t.Errorf("%s, layer %d, %d back: number %d is %v, want %v", cell, l, k, i, got, want)
						}
					}
				}
			}
			if want := float64(w.Losses()[text.Len()-1]); math.Abs(h.Loss-want) > 1e-12 {
				t.Errorf("%s: loss %v, want %v", cell, h.Loss, want)
			}
		}
	}
}

// TestGradientReachAnywhere runs the same on every kernel set with 1, 2 and 7 workers.
func TestGradientReachAnywhere(t *testing.T) {
	defer f32.Use(f32.Active())
	n := network(t, rnn.Config{Cell: "lstm", Symbols: 5, Hidden: 7, Layers: 2})
	text := SequenceOf(symbols(1, 5, 300))
	var want *GradientReach
	for _, set := range f32.Kernels() {
		if err := f32.Use(set); err != nil {
			t.Fatal(err)
		}
		for _, workers := range []int{1, 2, 7} {
			h, err := GradientReachOf(context.Background(), n, text, GradientReachSettings{Reach: 8, Positions: 70, Seed: 1, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = h
			}
			if !reflect.DeepEqual(h, want) {
				t.Errorf("%s, %d workers: %v, want %v", set, workers, h, want)
			}
		}
	}
	if h, err := GradientReachOf(context.Background(), n, text, GradientReachSettings{Reach: 8, Positions: 70, Seed: 2}); err != nil || h.Loss == want.Loss {
		t.Errorf("another seed gives %v, %v", h.Loss, err)
	}
}

func TestGradientReachOfTooLittle(t *testing.T) {
	n := network(t, rnn.Config{Symbols: 5, Hidden: 7})
	if _, err := GradientReachOf(context.Background(), n, SequenceOf(symbols(1, 5, 51)), GradientReachSettings{}); err == nil ||
		err.Error() != "a text of 50 symbols is too short to look back 50 time steps; it takes 51 symbols" {
		t.Error(err)
	}
	if _, err := GradientReachOf(context.Background(), n, SequenceOf(symbols(1, 5, 52)), GradientReachSettings{}); err != nil {
		t.Error(err)
	}
}

// TestGradientReachOfRounded: weights of 16 bits have a gradient, those of 8 bits none.
func TestGradientReachOfRounded(t *testing.T) {
	for p, want := range map[rnn.Precision]error{rnn.BF16: nil, rnn.Int8: errNoGradient} {
		n, err := network(t, rnn.Config{Symbols: 5, Hidden: 7}).Round(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := GradientReachOf(context.Background(), n, SequenceOf(symbols(1, 5, 52)), GradientReachSettings{}); err != want {
			t.Errorf("%v: error %v, want %v", p, err, want)
		}
	}
}
