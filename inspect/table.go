package inspect

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A table has a row for each symbol of a chunk of text.
type table struct {
	cols int
	data []float32
}

func newTable(rows, cols int) table { return table{cols, make([]float32, rows*cols)} }

func (t table) rows() int             { return len(t.data) / t.cols }
func (t table) row(i int) []float32   { return t.data[i*t.cols:][:t.cols] }
func (t table) part(lo, hi int) table { return table{t.cols, t.data[lo*t.cols : hi*t.cols]} }
func (t table) matrix() f32.Matrix    { return f32.Mat(t.data, t.rows(), t.cols) }

// means returns the mean of each column over rows lo to hi-1.
func (t table) means(lo, hi int) []float32 {
	means := make([]float32, t.cols)
	for j, sum := range t.sums(lo, hi, nil) {
		means[j] = float32(sum / float64(hi-lo))
	}
	return means
}

// sums returns the sum of each column over rows lo to hi-1, or given means, of the squared deviations.
func (t table) sums(lo, hi int, means []float32) []float64 {
	sums := make([]float64, t.cols)
	for i := lo; i < hi; i++ {
		for j, v := range t.row(i) {
			if means == nil {
				sums[j] += float64(v)
			} else {
				d := float64(v) - float64(means[j])
				sums[j] += float64(d * d)
			}
		}
	}
	return sums
}

// standardise shifts and scales each column to mean 0 and variance 1 over rows lo to hi-1; constant columns become 0.
func (t table) standardise(lo, hi int) {
	means := t.means(lo, hi)
	scales := t.sums(lo, hi, means)
	for j, squares := range scales {
		if scales[j] = 0; squares >= constant*float64(hi-lo) {
			scales[j] = 1 / math.Sqrt(squares/float64(hi-lo))
		}
	}
	for i := range t.rows() {
		row := t.row(i)
		for j, v := range row {
			row[j] = float32((float64(v) - float64(means[j])) * scales[j])
		}
	}
}

// columns returns a copy of some columns.
func (t table) columns(which []int) table {
	c := newTable(t.rows(), len(which))
	for i := range t.rows() {
		for j, from := range which {
			c.row(i)[j] = t.row(i)[from]
		}
	}
	return c
}

// closest returns the largest |r| of each column of f, standardised, with a column of x, which it standardises.
func closest(x, f table) []float64 {
	x.standardise(0, x.rows())
	products := f32.Mat(make([]float32, f.cols*x.cols), f.cols, x.cols)
	f32.MulTransA(products, f.matrix(), x.matrix(), 0, x.rows(), false, nil)
	most := make([]float64, f.cols)
	for i := range most {
		row := products.Row(i)
		f32.Scale(row, 1/float32(x.rows()))
		for _, r := range row {
			most[i] = max(most[i], math.Abs(float64(r)))
		}
	}
	return most
}
