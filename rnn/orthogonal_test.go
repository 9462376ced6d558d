package rnn

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestOrthogonal shows what Orthogonal changes: the recurrence's weights, and no others. Gate by gate the rows stand
// at right angles and are as long as the gain, and no two gates or layers are alike.
func TestOrthogonal(t *testing.T) {
	const H, gain = 7, 1.5
	for _, cell := range cellNames() {
		c := Config{Cell: cell, Symbols: 3, Hidden: H, Layers: 2}
		plain, orthogonal := network(t, c), network(t, c)
		plain.Init(Init{}, 1)
		orthogonal.Init(Init{Orthogonal: gain}, 1)
		var seen []float32
		for i, p := range plain.Params() {
			got := orthogonal.Params()[i]
			if !strings.Contains(p.Name, "weight_hh") {
				if !slices.Equal(got.Value, p.Value) {
					t.Errorf("%s: %s has changed", cell, p.Name)
				}
				continue
			}
			for gate := range p.Cols / H {
				at := func(i, j int) float64 { return float64(got.Value[i*p.Cols+gate*H+j]) }
				seen = append(seen, got.Value[gate*H])
				for a := range H {
					for b := range H {
						product, want := 0.0, 0.0
						for j := range H {
							product += at(a, j) * at(b, j)
						}
						if a == b {
							want = gain * gain
						}
						if math.Abs(product-want) > 1e-6 { // float32 weights
							t.Errorf("%s: gate %d of %s: rows %d and %d have a product of %v, want %v", cell, gate, p.Name, a, b, product, want)
						}
					}
				}
			}
		}
		if slices.Sort(seen); len(slices.Compact(slices.Clone(seen))) != len(seen) || (len(seen) == 0) == plain.Config().HasRecurrence() {
			t.Errorf("%s: first weights of gates and layers %v, want no two equal", cell, seen)
		}
	}
	n := network(t, Config{Symbols: 2, Hidden: 3})
	n.Init(Init{Orthogonal: 1}, 1)
	if got, want := n.Params()[2].Value[:3], []float32{-0.047971223, 0.5309834, -0.84602326}; !slices.Equal(got, want) { // the same on every processor
		t.Errorf("the first weights of %s are %v, want %v", n.Params()[2].Name, got, want)
	}
}
