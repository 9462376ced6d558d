package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A cellCase calls the arithmetic of a cell on slices whose rows have the given numbers of blocks of H.
type cellCase struct {
	name   string
	blocks []int
	call   func(v [][]float32, H int)
}

var cellCases = []cellCase{
	{"LSTM", []int{4, 1, 1, 1, 1}, func(v [][]float32, H int) { LSTM(v[0], v[1], v[2], v[3], v[4], H) }},
	{"LSTMGrad", []int{4, 1, 1, 1, 1}, func(v [][]float32, H int) { LSTMGrad(v[0], v[1], v[2], v[3], v[4], H) }},
	{"GRU", []int{3, 3, 1, 1, 1}, func(v [][]float32, H int) { // a row as bias, or none for none
		GRU(v[0], v[1], append(v[2], make([]float32, H)...)[:H:H], v[3], v[4], H)
	}},
	{"GRUGrad", []int{3, 3, 1, 1, 1}, func(v [][]float32, H int) { GRUGrad(v[0], v[1], v[2], v[3], v[4], H) }},
	{"MinGRU", []int{2, 1, 1}, func(v [][]float32, H int) { MinGRU(v[0], v[1], v[2], H) }},
	{"MinGRUGrad", []int{2, 1, 1, 1}, func(v [][]float32, H int) { MinGRUGrad(v[0], v[1], v[2], v[3], H) }},
	{"RMSNorm", []int{1, 1, 1}, func(v [][]float32, H int) { RMSNorm(v[0], v[1][:len(v[0])/H], v[2], nil, H) }},
	{"RMSNorm of a sum", []int{1, 1, 1, 1}, func(v [][]float32, H int) { RMSNorm(v[0], v[1][:len(v[0])/H], v[2], v[3], H) }},
	{"RMSNormGrad", []int{1, 1, 1, 1, 1}, func(v [][]float32, H int) { RMSNormGrad(v[0], v[1], v[2], v[3], v[4][:len(v[0])/H], H) }},
	{"RMSNormGrad without a branch", []int{1, 1, 1, 1}, func(v [][]float32, H int) {
		RMSNormGrad(v[0], v[0], v[1], v[2], v[3][:len(v[0])/H], H)
	}},
}

// TestCellsAgreeWithTheirTwins goes through thousands of shapes, among them several pieces, with numbers of all kinds.
func TestCellsAgreeWithTheirTwins(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, c := range cellCases {
			for H := 1; H <= 100; H++ {
				if !full {
					c.trial(t, rng, rng.IntN(8), H)
					continue
				}
				for rows := range 8 {
					c.trial(t, rng, rows, H)
				}
			}
			c.trial(t, rng, 50, 1000)
			c.trial(t, rng, 2, piece)
			c.trial(t, rng, cellPiece+5, 1)
		}
	})
}

func (c cellCase) trial(t *testing.T, rng *rand.Rand, rows, H int) {
	t.Helper()
	values := make([][]float32, len(c.blocks))
	for i, n := range c.blocks {
		if values[i] = odd(rng, n*rows*H); rng.IntN(2) == 0 {
			values[i] = ordinary(rng, n*rows*H)
		}
	}
	c2 := vectorCase{name: fmt.Sprintf("%s of %d rows of %d", c.name, rows, H), slices: len(values), call: func(v [][]float32) (a, b float32) {
		c.call(v, H)
		return
	}}
	c2.trial(t, values, rng.IntN(16), false)
}

// TestCellsAreTheirEquations compares with the textbook's equations in float64.
func TestCellsAreTheirEquations(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	near := func(t *testing.T, what string, got float32, want float64) {
		t.Helper()
		if math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	eachSet(t, func(t *testing.T) {
		const i, f, g, o, before = 0.3, -0.7, 1.1, 0.2, 0.6 // one unit
		z, c, tanhC, h := []float32{i, f, g, o}, []float32{9}, []float32{9}, []float32{9}
		LSTM(z, c, []float32{before}, tanhC, h, 1)
		wantC := sigmoid(f)*before + sigmoid(i)*math.Tanh(g)
		near(t, "c", c[0], wantC)
		near(t, "tanh c", tanhC[0], math.Tanh(wantC))
		near(t, "h of the LSTM", h[0], sigmoid(o)*math.Tanh(wantC))
		near(t, "f", z[1], sigmoid(f))

		z, u := []float32{0.3, -0.7, 1.1}, []float32{0.2, 0.5, -0.5}
		GRU(z, u, []float32{0.1}, []float32{before}, h, 1)
		r, update := sigmoid(0.3+0.2), sigmoid(-0.7+0.5)
		n := math.Tanh(1.1 + r*-0.4)
		near(t, "n", z[2], n)
		near(t, "h of the GRU", h[0], (1-update)*n+update*before)

		MinGRU([]float32{-0.2, 1.1}, []float32{before}, h, 1)
		near(t, "h of the minimal GRU", h[0], (1-sigmoid(-0.2))*before+sigmoid(-0.2)*1.1)
	})
}
