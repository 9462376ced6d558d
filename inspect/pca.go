package inspect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
)

// A PCA is an Observer that finds the principal components of a layer's states over a text, and the mean state after each
// symbol. Model is the model that reads the text.
type PCA struct {
	Model    *model.Model
	Layer    int    // from 0
	Quantity string // "" means h

	n          int64
	origin     []float32   // mean of the first chunk, which is subtracted from states
	sum        []float64   // [H]
	products   []float64   // [H x H]
	symbols    [][]float64 // [V][H] sums, nil for a symbol that is not in the text
	count      []int64     // [V]
	moved      []float32
	products32 []float32
	scratch    *f32.Packed
}

// Components are the directions along which the states of a layer vary most.
type Components struct {
	Layer    int           `json:"layer"`
	Quantity string        `json:"quantity"`
	Mean     []float64     `json:"-"`        // [H] state
	Axes     [][]float64   `json:"-"`        // [k][H] unit vectors, by falling variance; the largest element of each is positive
	Variance []float64     `json:"variance"` // [k] along each axis
	Share    []float64     `json:"share"`    // [k] of the total variance of all units
	Symbols  []SymbolState `json:"symbols"`  // of the text, in the order of the alphabet
}

// A SymbolState is the mean of the states after a symbol.
type SymbolState struct {
	ID    int32     `json:"id"`
	Count int64     `json:"count"`
	Mean  []float64 `json:"-"`  // [H]
	At    []float64 `json:"at"` // [k] coordinates of the mean along the axes
}

// Needs implements Observer.
func (p *PCA) Needs() []string { return []string{cmp.Or(p.Quantity, "h")} }

// Observe implements Observer.
func (p *PCA) Observe(s *Chunk) error {
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

// Components returns the first k components, or all if there are fewer units. It fails if the text had no symbol, or its
// states are not finite. The last digits may differ between processors.
func (p *PCA) Components(k int) (*Components, error) {
	if p.n == 0 {
		return nil, errShort(0, 1)
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

// components makes components of eigenvectors, the last of which has the largest eigenvalue.
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

// At returns the coordinates of a state, [H], along the axes, relative to the mean.
func (c *Components) At(state []float64) []float64 {
	at := make([]float64, len(c.Axes))
	for i, axis := range c.Axes {
		for j, a := range axis {
			at[i] += float64(a * (state[j] - c.Mean[j]))
		}
	}
	return at
}

const (
	usualComponents = 10
	mostLabelled    = 60 // symbols for which a figure has room
)

// beginComponents finds the principal components of a layer.
func beginComponents(a *Analysis) (Observer, conclusion) {
	p := &PCA{Model: a.Model, Layer: a.Layer}
	return p, func(_ context.Context, s *report.Section) (any, error) {
		c, err := p.Components(usualComponents)
		if err != nil {
			return nil, err
		}
		c.tell(s, a.Model.Alphabet)
		return c, nil
	}
}

func (c *Components) tell(s *report.Section, a *corpus.Alphabet) {
	layer := LayerName(c.Layer)
	s.Say("The principal components of the outputs of %s: the directions in which they vary most. Each symbol is placed at the mean of the states after reading it.", layer)
	t := &report.Table{Columns: []string{"component", "of the variance", "up to here"}}
	all := 0.0
	for i, share := range c.Share {
		all += share
		number := report.Whole(i + 1)
		number.Unit = &report.Unit{Group: "components of " + layer, Quantity: fmt.Sprintf("component %d", i+1)}
		t.Row(number, report.Number(share, report.Percent(1)), report.Number(all, report.Percent(1)))
	}
	if len(c.Share) > 1 {
		most := slices.Clone(c.Symbols)
		slices.SortStableFunc(most, func(a, b SymbolState) int { return cmp.Compare(b.Count, a.Count) })
		var points chart.Points
		for _, x := range most[:min(len(most), mostLabelled)] {
			points.X, points.Y = append(points.X, x.At[0]), append(points.Y, x.At[1])
			points.Labels = append(points.Labels, label(a, x.ID))
		}
		axis := func(i int) string {
			return fmt.Sprintf("component %d, %s of the variance", i+1, report.Percent(0)(c.Share[i]))
		}
		s.Add(&report.Figure{
			Caption: fmt.Sprintf("Mean states after the %d most frequent symbols, along the first two components.", len(points.X)),
			Charts:  []chart.Chart{{X: axis(0), Y: axis(1), Points: []chart.Points{points}}},
		})
	}
	s.Add(t)
}

// label is what a symbol is called in a picture.
func label(a *corpus.Alphabet, id int32) string {
	if id == a.Escape() {
		return "other"
	}
	return labelOf(a.Symbol(id))
}

// labelOf is what a symbol's text is called in a picture.
func labelOf(s string) string {
	switch s {
	case " ":
		return "space"
	case "":
		return "no space"
	default:
		text := strconv.Quote(s)
		return text[1 : len(text)-1]
	}
}
