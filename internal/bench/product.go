package bench

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A product is one of a matrix [m x k] and one [k x n], as training makes them.
type product struct {
	kind    productKind
	m, n, k int
}

type productKind int

const (
	packed   productKind = iota // the weights packed for many products
	plain                       // the weights as they lie, as in windows of few rows
	gradient                    // of weights: the left-hand side is the transpose of a [k x m] one
)

var products = []product{
	{plain, 1, 128, 128},
	{packed, 8, 128, 128},
	{packed, 32, 256, 256},
	{packed, 64, 1024, 1024},
	{packed, 128, 65, 256}, // to logits
	{packed, 128, 256, 65}, // and back
	{gradient, 128, 128, 15},
	{gradient, 256, 256, 2048},
	{gradient, 65, 256, 2048},
}

func (p product) String() string {
	switch {
	case p.kind == gradient:
		return fmt.Sprintf("weight gradient %dx%d of %d rows", p.m, p.n, p.k)
	case p.m == 1:
		return fmt.Sprintf("product of a vector by %dx%d", p.k, p.n)
	}
	return fmt.Sprintf("product of %d rows by %dx%d", p.m, p.k, p.n)
}

func (p product) workers(int) []int { return []int{1} }

func (p product) measure(context.Context, int) (Figure, error) {
	c := matrix(p.m, p.n)
	var run func()
	switch p.kind {
	case packed:
		a, b := matrix(p.m, p.k), f32.NewPacked(p.k, p.n)
		b.Pack(matrix(p.k, p.n))
		run = func() { f32.MulPacked(c, a, b, false) }
	case plain:
		a, b := matrix(p.m, p.k), matrix(p.k, p.n)
		run = func() { f32.Mul(c, a, b, false) }
	case gradient:
		a, b, scratch := matrix(p.k, p.m), matrix(p.k, p.n), f32.NewPacked(128, 48)
		run = func() { f32.MulTransA(c, a, b, 0, p.k, false, scratch) }
	}
	return kernel(run).figure(2*float64(p.m)*float64(p.n)*float64(p.k), 1), nil
}

// matrix returns one without zeros, which some processors are quick with.
func matrix(rows, cols int) f32.Matrix {
	m := f32.Mat(f32.Aligned(rows*cols), rows, cols)
	for i := range m.Data {
		m.Data[i] = 1 + float32(i%7)
	}
	return m
}
