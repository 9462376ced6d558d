package inspect

import (
	"math"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/rnn"
)

// TestSpectra: an orthogonal start has the gain as radius and norm, in every gate of every layer; a matrix by hand what can
// be worked out; and a cell without a recurrence has none.
func TestSpectra(t *testing.T) {
	for cell, gates := range map[string][]string{"elman": {""}, "lstm": {"i", "f", "g", "o"}, "gru": {"r", "z", "n"}, "mingru": nil} {
		n, err := rnn.New(rnn.Config{Cell: cell, Symbols: 3, Hidden: 6, Layers: 2})
		if err != nil {
			t.Fatal(err)
		}
		n.Init(rnn.Init{Orthogonal: 1.5}, 1)
		var seen []string
		for i, s := range SpectraOf(n) {
			if seen = append(seen, s.Gate); s.Layer != i/len(gates) || math.Abs(s.Radius-1.5) > 1e-6 || math.Abs(s.Norm-1.5) > 1e-6 {
				t.Errorf("%s: %+v, want layer %d, radius and norm 1.5", cell, s, i/len(gates))
			}
		}
		if want := append(slices.Clone(gates), gates...); !slices.Equal(seen, want) {
			t.Errorf("%s: gates %q, want %q", cell, seen, want)
		}
	}
	n, err := rnn.New(rnn.Config{Symbols: 2, Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		u            []float32
		radius, norm float64
	}{
		{[]float32{0, 3, 0, 0}, 0, 3},  // forgets after two time steps, whatever it does in one
		{[]float32{0, -2, 2, 0}, 2, 2}, // turns: the eigenvalues are imaginary
		{[]float32{1, 0, 0, -4}, 4, 4},
		{[]float32{1, 0, 0, float32(math.NaN())}, math.NaN(), math.NaN()},
	} {
		for _, p := range n.Params() {
			if p.Name == "rnn.weight_hh_l0" {
				copy(p.Value, tt.u)
			}
		}
		s := SpectraOf(n)[0]
		if !(math.Abs(s.Radius-tt.radius) < 1e-12 && math.Abs(s.Norm-tt.norm) < 1e-12 || s.Radius != s.Radius && tt.norm != tt.norm) {
			t.Errorf("of %v: %+v, want radius %v and norm %v", tt.u, s, tt.radius, tt.norm)
		}
	}
}
