package score

import (
	"math"
	"testing"
)

func TestLosses(t *testing.T) {
	for _, tt := range []struct {
		name        string
		nats        []float64
		block       int64
		mean, error float64
	}{
		{"one symbol: no spread is known", []float64{3}, 1, 3, 3},
		{"each symbol a block", []float64{1, 2, 3}, 1, 2, math.Sqrt(2*3./2) / 3},
		{"no spread", make([]float64, 100), 6, 0, 0},
		// Blocks of 2 take 2 and 6 in turns, the mean of a symbol is 2, so each lies 2 from the 4 of the mean.
		{"blocks of two", repeat([]float64{1, 1, 3, 3}, 8), 2, 2, math.Sqrt(16*4*16./15) / 32},
	} {
		x := newLosses(int64(len(tt.nats)))
		for i, nats := range tt.nats {
			x.add(int64(i), nats)
		}
		if x.block != tt.block || math.Abs(x.mean()-tt.mean) > 1e-15 || math.Abs(x.error()-tt.error) > 1e-15 {
			t.Errorf("%s: blocks of %d, mean %v, error %v; want %d, %v, %v", tt.name, x.block, x.mean(), x.error(), tt.block, tt.mean, tt.error)
		}
	}
	// A longer text has blocks of 256, the last of them shorter. Its error is that of independent symbols if they are.
	x, y := newLosses(10_000), newLosses(10_000)
	for i := range int64(10_000) {
		x.add(i, float64(i*i%7))
		y.add(i, float64(i*i%7)+1)
	}
	if d := y.minus(x); len(x.sums) != 40 || math.Abs(d.mean()-1) > 1e-12 || d.error() > 1e-12 {
		t.Errorf("%d blocks; a difference of 1 at each symbol is %v ± %v", len(x.sums), d.mean(), d.error())
	}
	x.join(y)
	if want := 2*y.mean() - 1; math.Abs(x.mean()-want) > 1e-12 {
		t.Errorf("joined %v, want %v", x.mean(), want)
	}
}

func repeat(x []float64, n int) (all []float64) {
	for range n {
		all = append(all, x...)
	}
	return all
}
