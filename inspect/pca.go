package inspect

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
)

// A PCA is an Observer that finds the principal components of a layer's states over a text, and the mean state behind each
// symbol. Model is what reads the text.
type PCA struct {
	Model    *model.Model
	Layer    int    // from 0
	Quantity string // "" means h

	n          int64
	origin     []float32   // mean of the first stretch, from which states are counted
	sum        []float64   // [H]
	products   []float64   // [H x H]
	symbols    [][]float64 // [V][H] sums, nil for a symbol that is not in the text
	count      []int64     // [V]
	moved      []float32
	products32 []float32
	scratch    *f32.Packed
}

// Components are the directions along which the states of a layer differ most.
type Components struct {
	Layer    int           `json:"layer"`
	Quantity string        `json:"quantity"`
	Mean     []float64     `json:"-"`        // [H] state
	Axes     [][]float64   `json:"-"`        // [k][H] of length 1, the one of the largest variance first; the largest element is positive
	Variance []float64     `json:"variance"` // [k] along each
	Share    []float64     `json:"share"`    // [k] of the variance of all units
	Symbols  []SymbolState `json:"symbols"`  // of the text, in the order of the alphabet
}

// A SymbolState is where the mean of the states behind a symbol lies.
type SymbolState struct {
	ID    int32     `json:"id"`
	Count int64     `json:"count"`
	Mean  []float64 `json:"-"`  // [H]
	At    []float64 `json:"at"` // [k] its coordinates
}

// Needs implements Observer.
func (p *PCA) Needs() []string { return []string{cmp.Or(p.Quantity, "h")} }

// Observe implements Observer.
func (p *PCA) Observe(s *Stretch) error {
	c := p.Model.Network.Config()
	x := table{c.Hidden, s.Values(p.Layer, cmp.Or(p.Quantity, "h"))}
	if p.n == 0 {
		p.origin = x.means(0, x.rows())
		p.sum, p.products, p.products32 = make([]float64, x.cols), make([]float64, x.cols*x.cols), make([]float32, x.cols*x.cols)
		p.symbols, p.count = make([][]float64, c.Symbols), make([]int64, c.Symbols)
		p.scratch = f32.NewPacked(128, 48)
	}
	p.n += int64(x.rows())
	p.moved = append(p.moved[:0], x.data...)
	moved := table{x.cols, p.moved}
	for i, symbol := range s.Symbols {
		row := moved.row(i)
		f32.AddScaled(row, -1, p.origin)
		if p.symbols[symbol.ID] == nil {
			p.symbols[symbol.ID] = make([]float64, x.cols)
		}
		widen(p.symbols[symbol.ID], row)
		p.count[symbol.ID]++
	}
	f32.MulTransA(f32.Mat(p.products32, x.cols, x.cols), moved.matrix(), moved.matrix(), 0, moved.rows(), false, p.scratch)
	widen(p.products, p.products32)
	return nil
}

// Components returns the first k, or as many as there are units. It fails if the text had no symbol, or its states are not
// finite. The last digits may differ between processors.
func (p *PCA) Components(k int) (*Components, error) {
	if p.n == 0 {
		return nil, errors.New("a text without symbols has no components")
	}
	clear(p.sum)
	for _, sum := range p.symbols {
		for j, v := range sum {
			p.sum[j] += v
		}
	}
	H, n := len(p.sum), float64(p.n)
	covariance := mat.NewSymDense(H, nil)
	for i := range H {
		for j := i; j < H; j++ {
			covariance.SetSym(i, j, p.products[i*H+j]/n-float64(p.sum[i]/n*(p.sum[j]/n)))
		}
	}
	var eigen mat.EigenSym
	if total := mat.Trace(covariance); math.IsNaN(total-total) || !eigen.Factorize(covariance, true) {
		return nil, model.ErrNotFinite
	}
	return p.components(k, mat.Trace(covariance), &eigen), nil
}

// components makes them of eigenvectors, the last of which has the largest value.
func (p *PCA) components(k int, total float64, eigen *mat.EigenSym) *Components {
	H := len(p.sum)
	c := &Components{Layer: p.Layer, Quantity: cmp.Or(p.Quantity, "h"), Mean: make([]float64, H)}
	for j := range c.Mean {
		c.Mean[j] = float64(p.origin[j]) + p.sum[j]/float64(p.n)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil)
	for i := range min(k, H) {
		axis := mat.Col(nil, H-1-i, &vectors)
		if largest := slices.MaxFunc(axis, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) }); largest < 0 {
			for j := range axis {
				axis[j] = -axis[j]
			}
		}
		c.Axes = append(c.Axes, axis)
		variance := max(0, values[H-1-i])
		c.Variance = append(c.Variance, variance)
		c.Share = append(c.Share, share64(variance, total))
	}
	for id, count := range p.count {
		if count > 0 {
			state := SymbolState{ID: int32(id), Count: count, Mean: make([]float64, H)}
			for j := range state.Mean {
				state.Mean[j] = float64(p.origin[j]) + p.symbols[id][j]/float64(count)
			}
			state.At = c.At(state.Mean)
			c.Symbols = append(c.Symbols, state)
		}
	}
	return c
}

func share64(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// At returns the coordinates of a state of H numbers along the axes, from the mean.
func (c *Components) At(state []float64) []float64 {
	at := make([]float64, len(c.Axes))
	for i, axis := range c.Axes {
		for j, a := range axis {
			at[i] += float64(a * (state[j] - c.Mean[j]))
		}
	}
	return at
}
