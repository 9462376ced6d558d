package f32

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// Products in 8 bits. Weights are whole numbers q from -127 to 127 times a scale for each output; the rows they multiply are
// rounded in the same way when the product is made, with a scale for each row. Sums of such numbers are exact, so that their
// order is free, and only the last step rounds:
//
//	m   = max |x_k|          s = m/127          q_k = x_k * (127/m) to the nearest whole number, half to even
//	c_j = fma(float32(sum_k q_k w_kj), s*s_j, c_j)
//
// The sums are of int8K steps of k at a time, each block added to c in turn, so that all of them are exact in float32 too.
// A row whose m is below 2^-100 counts as zero, and one that holds a NaN or an infinity makes all its results NaN.

const (
	// int8K is the steps along k of a sum: 127*127*512 is below 2^24.
	int8K = 512
	// int8Rows is the rows of a tile; what is left over goes row by row.
	int8Rows = 4
	// int8Pass is the most rows that pass over the weights together.
	int8Pass = 8
	int8Max  = 127

	// rounder is 1.5 * 2^23. The sum of it and a number below 2^22 has that number, rounded half to even, in its low bits.
	rounder = 0x1.8p23
)

// Int8Scale returns the scale of the weights of an output whose largest magnitude is m: m/127, rounded up to 16 significant
// bits. Thus q*scale is exact for every q, and rounding weights that are rounded already changes nothing. It returns 0 for an
// m so small that the weights count as zero.
func Int8Scale(m float32) float32 {
	if m < minRounded {
		return 0
	}
	return math.Float32frombits((math.Float32bits(m/int8Max) + 0xff) &^ 0xff)
}

// ToInt8 returns the q of a weight, given the scale of its output.
func ToInt8(w, scale float32) int8 {
	if scale == 0 {
		return 0
	}
	return int8(math.Float32bits(w/scale + rounder))
}

// An Int8 is the right-hand side of a product in 8 bits, [K x N], in panels of 64 columns, the last of which may have fewer
// vectors of 16. In a panel the weights of two steps of k for a column lie side by side, as a processor multiplies and adds
// them: [K/2 x columns x 2].
type Int8 struct {
	narrow
	data  []int8
	scale []float32 // [N], padded with zeros
}

// NewInt8 returns room for a matrix [k x n] of zeros in 8 bits.
func NewInt8(k, n int) *Int8 {
	return &Int8{narrow: narrow{k: k, n: n, unit: 16}, data: alignedAs[int8](evenUp(k) * roundUp16(n)), scale: Aligned(roundUp16(n))}
}

// Int8Bytes returns the bytes that a matrix [k x n] takes in 8 bits.
func Int8Bytes(k, n int) int { return (evenUp(k) + 4) * roundUp16(n) }

func evenUp(n int) int { return n + n&1 }

// PackPanel rounds the columns of panel i of w [K x N]. It panics if w has another shape.
func (p *Int8) PackPanel(w Matrix, i int) {
	p.check(w, w.Rows, w.Cols)
	lo, hi := p.columns(i)
	to, cols := p.data[lo*evenUp(p.k):], hi-lo
	scale := p.scale[lo:min(hi, p.n)]
	clear(scale)
	for k := range p.k {
		for j, v := range w.Row(k)[lo:][:len(scale)] {
			scale[j] = max(scale[j], abs32(v))
		}
	}
	for j, m := range scale {
		scale[j] = Int8Scale(m)
	}
	for k := range p.k {
		to := to[k/2*2*cols+k%2:]
		for j, v := range w.Row(k)[lo:][:len(scale)] {
			to[2*j] = ToInt8(v, scale[j])
		}
	}
}

// PackTransposedPanel rounds the rows of w [N x K] that are the columns of panel i. It panics if w has another shape.
func (p *Int8) PackTransposedPanel(w Matrix, i int) {
	p.check(w, w.Cols, w.Rows)
	lo, hi := p.columns(i)
	to, cols := p.data[lo*evenUp(p.k):], hi-lo
	for j := range min(hi, p.n) - lo {
		row := w.Row(lo + j)
		scale := Int8Scale(maxMagnitude(row))
		p.scale[lo+j] = scale
		for k, v := range row {
			to[k/2*2*cols+2*j+k%2] = ToInt8(v, scale)
		}
	}
}

func abs32(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// MulInt8 sets c = a*b, or c += a*b if accumulate, in 8 bits. Shapes are c [M x N], a [M x K]. A row of c depends on the
// same row of a alone. It panics if shapes do not fit or a matrix is larger than its data.
func MulInt8(c, a Matrix, b *Int8, accumulate bool) {
	checkProduct("MulInt8", c, a.Rows, a.Cols, b.k, b.n)
	checkData("MulInt8", &a)
	checkData("MulInt8", &c)
	fastpath.Took(fastpath.Int8Product)
	if !accumulate {
		for i := range c.Rows {
			clear(c.Row(i))
		}
	}
	if c.Rows <= 1 {
		var q [int8K]int16
		b.mulRows(c, a, q[:])
		return
	}
	var q [int8Pass * int8K]int16
	for i := 0; i < c.Rows; i += int8Pass {
		end := min(i+int8Pass, c.Rows)
		b.mulRows(c.Slice(i, end), a.Slice(i, end), q[:])
	}
}

// mulRows adds the products of up to int8Pass rows. q is room for int8K numbers of each.
func (p *Int8) mulRows(c, a Matrix, q []int16) {
	var scale, inverse [int8Pass]float32
	for i := range a.Rows {
		scale[i], inverse[i] = rowScale(maxMagnitude(a.Row(i)))
	}
	for k := 0; k < p.k; k += int8K {
		n := min(int8K, p.k-k)
		for i := range a.Rows {
			roundRow(q[i*int8K:][:roundUp16(n)], a.Row(i)[k:k+n], inverse[i])
		}
		first, step := p.turn()
		for turn := range p.Panels() {
			panel := first + turn*step
			for i, end := 0, 0; i < c.Rows; i = end {
				if end = i + int8Rows; end > c.Rows {
					end = i + 1
				} else {
					fastpath.Took(fastpath.Int8Rows)
				}
				p.mulPanel(c.Slice(i, end), q[i*int8K:], scale[i:end], panel, k, n)
			}
		}
	}
}

// rowScale returns the scale of a row whose largest magnitude is m, NaN if not all are finite, and its inverse.
func rowScale(m float32) (scale, inverse float32) {
	switch {
	case m < minRounded:
		return 0, 0
	case m != m:
		return m, 0
	}
	return m / int8Max, int8Max / m
}

// mulPanel adds n steps of k, from the given one on, to the columns of a panel in one or int8Rows rows. Between two calls the
// runtime may stop the goroutine.
//
//go:noinline
func (p *Int8) mulPanel(c Matrix, q []int16, rowScale []float32, panel, k, n int) {
	lo, hi := p.columns(panel)
	w, scale := p.data[lo*evenUp(p.k)+k*(hi-lo):], p.scale[lo:hi]
	if hi <= p.n {
		int8Tile(c.Data[lo:], c.Stride, q, rowScale, scale, w, (n+1)/2)
		return
	}
	var room [int8Rows * narrowPanel]float32 // c lacks the columns that pad b
	for i := range c.Rows {
		copy(room[i*narrowPanel:], c.Row(i)[lo:])
	}
	int8Tile(room[:], narrowPanel, q, rowScale, scale, w, (n+1)/2)
	for i := range c.Rows {
		copy(c.Row(i)[lo:], room[i*narrowPanel:])
	}
}
