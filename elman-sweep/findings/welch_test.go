package findings

import (
	"math"
	"testing"
)

// TestWelch compares with the density of t integrated numerically, by another program.
func TestWelch(t *testing.T) {
	a := []float64{27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4}
	b := []float64{27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 22.1}
	got, ok := welch(a, b)
	if !ok {
		t.Fatal("no test")
	}
	near := func(x, want, within float64) bool { return math.Abs(x-want) < within }
	if !near(got.T, -2.68882, 1e-5) || !near(got.Freedom, 27.91275, 1e-5) || !near(got.P, 0.0119573, 1e-7) {
		t.Errorf("t = %v with %v degrees of freedom, p = %v", got.T, got.Freedom, got.P)
	}
	if _, ok := welch(a[:1], b); ok {
		t.Error("a single value was tested")
	}
	if _, ok := welch([]float64{1, 1}, []float64{1, 1}); ok {
		t.Error("values without spread were tested")
	}
}

func TestHolm(t *testing.T) {
	tests := []Test{{P: 0.04}, {P: 0.01}, {P: 0.03}, {P: 0.9}}
	holm(tests)
	for i, want := range []float64{0.09, 0.04, 0.09, 0.9} {
		if math.Abs(tests[i].Adjusted-want) > 1e-12 {
			t.Errorf("p = %v becomes %v, want %v", tests[i].P, tests[i].Adjusted, want)
		}
	}
}
