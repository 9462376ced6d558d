package f32

import (
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// Weights in bfloat16, the upper half of a float32. Products are those of float32 on the rounded numbers. One row's is bound by
// reading weights, and reads half as many bytes.

// ToBF16 returns the bfloat16 nearest to x, half to even. x must be one that CanRound accepts.
func ToBF16(x float32) uint16 {
	u := math.Float32bits(x)
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

// FromBF16 returns the value of a bfloat16.
func FromBF16(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// bf16Group is the columns that lie together: the first half in the lower halves of 32-bit numbers, the others in the upper
// ones, so that a shift and a mask make float32s of them.
const bf16Group = 32

// A BF16 is the right-hand side of a product of one row, [K x N], in bfloat16: panels of 64 columns, the last perhaps of 32, each
// [K x columns].
type BF16 struct {
	narrow
	data []uint32 // of two columns each
}

// NewBF16 returns room for a matrix [k x n] of zeros in bfloat16.
func NewBF16(k, n int) *BF16 {
	return &BF16{narrow{k: k, n: n, unit: bf16Group}, alignedAs[uint32](k * roundUp32(n) / 2)}
}

// BF16Bytes returns the bytes that a matrix [k x n] takes in bfloat16.
func BF16Bytes(k, n int) int { return 2 * k * roundUp32(n) }

func roundUp32(n int) int { return (n + 31) &^ 31 }

// PackPanel rounds the columns of panel i of w [K x N]. It panics if w has another shape.
func (p *BF16) PackPanel(w Matrix, i int) {
	p.check(w, w.Rows, w.Cols)
	lo, hi := p.columns(i)
	for k := range p.k {
		for j, v := range w.Row(k)[lo:min(hi, p.n)] {
			p.set(lo, hi, k, j, v)
		}
	}
}

// PackTransposedPanel rounds the rows of w [N x K] that are the columns of panel i. It panics if w has another shape.
func (p *BF16) PackTransposedPanel(w Matrix, i int) {
	p.check(w, w.Cols, w.Rows)
	lo, hi := p.columns(i)
	for j := range min(hi, p.n) - lo {
		for k, v := range w.Row(lo + j) {
			p.set(lo, hi, k, j, v)
		}
	}
}

// set sets column j of the panel from lo to hi at step k.
func (p *BF16) set(lo, hi, k, j int, v float32) {
	two := &p.data[(lo*p.k+k*(hi-lo)+j/bf16Group*bf16Group)/2+j%(bf16Group/2)]
	if j%bf16Group < bf16Group/2 {
		*two = *two&^0xffff | uint32(ToBF16(v))
	} else {
		*two = *two&0xffff | uint32(ToBF16(v))<<16
	}
}

// MulBF16 is Mul for a single row c [1 x N] of a [1 x K]. It panics if shapes do not fit or a matrix is larger than its data.
func MulBF16(c, a Matrix, b *BF16, accumulate bool) {
	checkProduct("MulBF16", c, a.Rows, a.Cols, b.k, b.n)
	checkData("MulBF16", &a)
	checkData("MulBF16", &c)
	if c.Rows != 1 {
		panic(fmt.Sprintf("f32: MulBF16 of %d rows", c.Rows))
	}
	fastpath.Took(fastpath.BF16Product)
	y, x := c.Row(0), a.Row(0)
	if !accumulate {
		clear(y)
	}
	first, step := b.turn()
	for i := range b.Panels() {
		b.mulPanel(y, x, first+i*step)
	}
}

// mulPanel adds to the columns of a panel. Between two calls the runtime may stop the goroutine.
//
//go:noinline
func (p *BF16) mulPanel(y, x []float32, panel int) {
	lo, hi := p.columns(panel)
	w := p.data[lo*p.k/2 : hi*p.k/2]
	if hi <= p.n {
		bf16Steps(y[lo:hi], x, w)
		return
	}
	var room [narrowPanel]float32 // y lacks the columns that pad b
	copy(room[:], y[lo:])
	bf16Steps(room[:hi-lo], x, w)
	copy(y[lo:], room[:])
}

// bf16K is the most steps along k of one call of assembly: 10 microseconds.
const bf16K = 4096

// bf16Steps adds to some columns, the chain of each continuing through memory.
func bf16Steps(y, x []float32, w []uint32) {
	for len(x) > bf16K {
		bf16Row(y, x[:bf16K], w[:bf16K*len(y)/2])
		x, w = x[bf16K:], w[bf16K*len(y)/2:]
	}
	bf16Row(y, x, w)
}
