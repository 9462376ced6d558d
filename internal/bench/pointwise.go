package bench

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A pointwise is a kernel that makes no product: its speed is in results, of which an operation on rows of H has rows*H.
type pointwise struct {
	name    string
	rows, H int
	build   func(rows, H int) func() // what a call does; repeated on its own results it must stay clear of denormals
}

var pointwises = []pointwise{
	{"tanh", 32, 256, func(rows, H int) func() {
		x, y := matrix(rows, H).Data, matrix(rows, H).Data
		return func() { f32.Tanh(y, x) }
	}},
	{"gates of the LSTM", 32, 256, func(rows, H int) func() {
		z, c, before := matrix(rows, 4*H).Data, matrix(rows, H).Data, matrix(rows, H).Data
		tanhC, h := matrix(rows, H).Data, matrix(rows, H).Data
		return func() { f32.LSTM(z, c, before, tanhC, h, H) }
	}},
	{"gates of the GRU", 32, 256, func(rows, H int) func() {
		z, u, bias := matrix(rows, 3*H).Data, matrix(rows, 3*H).Data, make([]float32, H)
		before, h := matrix(rows, H).Data, matrix(rows, H).Data
		return func() { f32.GRU(z, u, bias, before, h, H) }
	}},
	{"gates of the minimal GRU", 32, 256, func(rows, H int) func() {
		z, before, h := matrix(rows, 2*H).Data, matrix(rows, H).Data, matrix(rows, H).Data
		return func() { f32.MinGRU(z, before, h, H) }
	}},
	{"cross-entropy and its gradient", 32, 65, func(rows, V int) func() {
		logits := matrix(rows, V)
		return func() {
			for r := range rows {
				f32.SoftmaxCrossEntropy(logits.Row(r), 1, 1)
			}
		}
	}},
	{"update by Adam", 256, 256, func(rows, H int) func() {
		w, g := matrix(rows, H).Data, matrix(rows, H).Data
		m, v := matrix(rows, H).Data, matrix(rows, H).Data
		s := f32.AdamStep{Rate: 1e-3, Beta1: 0.9, Rest1: 0.1, Beta2: 0.999, Rest2: 0.001, Epsilon: 1e-8}
		return func() { f32.Adam(w, m, v, g, s, 1, 0) }
	}},
}

func (p pointwise) String() string { return fmt.Sprintf("%s, %dx%d", p.name, p.rows, p.H) }

func (p pointwise) workers(int) []int { return []int{1} }

func (p pointwise) measure(context.Context, int) (Figure, error) {
	runs, results := kernel(p.build(p.rows, p.H)), float64(p.rows*p.H)
	f := runs.cycles(results)
	f.Numbers = runs.speed() * results
	return f, nil
}
