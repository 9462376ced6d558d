package f32

import (
	"fmt"
	"sync/atomic"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// Weights must be below maxRounded to be rounded, so that nothing overflows; a row of smaller ones than minRounded is zero in
// 8 bits.
const (
	minRounded = 0x1p-100
	maxRounded = 0x1p+100
)

// CanRound reports whether weights can be rounded to 8 or 16 bits: whether all are finite and not too large.
func CanRound(w []float32) bool {
	for _, v := range w {
		if !(v < maxRounded && v > -maxRounded) {
			return false
		}
	}
	return true
}

// narrowPanel is the columns of a panel of narrow weights: 8 vectors of 8 sums.
const narrowPanel = 64

// A narrow is the shape of a right-hand side in 8 or 16 bits, [K x N], in panels of 64 columns, of which the last may have
// fewer: a multiple of unit.
type narrow struct {
	k, n, unit int
	passes     atomic.Uint32 // over the weights
}

// Panels returns the number of panels: the units in which workers may share the packing.
func (p *narrow) Panels() int { return (p.n + narrowPanel - 1) / narrowPanel }

// columns returns the columns of panel i, padding included.
func (p *narrow) columns(i int) (lo, hi int) {
	return i * narrowPanel, min((i+1)*narrowPanel, (p.n+p.unit-1)/p.unit*p.unit)
}

func (p *narrow) check(w Matrix, k, n int) {
	if k != p.k || n != p.n {
		panic(fmt.Sprintf("f32: packing [%d x %d] as [%d x %d]", w.Rows, w.Cols, p.k, p.n))
	}
	checkData("PackPanel", &w)
}

// turn returns the first panel of a pass and the step from one to the next: the next time from the last to the first, as
// MulPacked takes those of large weights. What a pass used last is near when the next one begins. (An iterator would be on the
// heap in WebAssembly, where the compiler does not inline it.)
func (p *narrow) turn() (first, step int) {
	if p.passes.Add(1)&1 == 0 {
		fastpath.Took(fastpath.AlternatePanels)
		return p.Panels() - 1, -1
	}
	return 0, 1
}
