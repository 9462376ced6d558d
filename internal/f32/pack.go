package f32

import (
	"fmt"
	"sync/atomic"
)

// panelWidth is the most columns of a panel: three vectors of 16, as wide as the best tiles of AVX-512, and with AVX2 three
// strips of 16 or two of 24. A row is three cache lines, so that those of a strip are spread over all of the first-level
// cache, as they would be in a panel of their own. Panels of 64 with tiles of 6 x 64 were as fast for many rows, but where 8 rows are computed
// with weights from the third-level cache, the first of two tiles of 4 x 64 had to wait for it: 91 instead of 95 % of
// Peak.
const panelWidth = 48

// A Packed is the right-hand side of a product, [K x N], in the layout that kernels read fastest: panels of up to 48
// columns, each a [K x width] block without gaps, the last padded with zeros to a multiple of 16. The panels of a matrix
// are about equally wide (65 columns make panels of 48 and 32), because a narrow panel keeps few of a processor's
// multipliers busy.
type Packed struct {
	k, n   int
	panels panels
	data   []float32

	passes atomic.Uint32 // of products of few rows
}

// NewPacked returns room for a packed [k x n] matrix of zeros.
func NewPacked(k, n int) *Packed {
	return &Packed{k: k, n: n, panels: newPanels(n), data: Aligned(PackedLen(k, n))}
}

// PackedLen returns the floats that a packed matrix [K x N] takes.
func PackedLen(k, n int) int { return k * roundUp16(n) }

// Panels returns the number of panels: the units in which workers may share the packing.
func (p *Packed) Panels() int { return p.panels.count }

// Pack fills p from w [K x N].
func (p *Packed) Pack(w Matrix) {
	for i := range p.Panels() {
		p.PackPanel(w, i)
	}
}

// PackPanel fills panel i of p from w [K x N]. It panics if w has another shape.
func (p *Packed) PackPanel(w Matrix, i int) {
	p.check(w, w.Rows, w.Cols)
	lo, hi := p.columns(i)
	packColumns(p.panel(i), Matrix{Data: w.Data[min(lo, len(w.Data)):], Rows: p.k, Cols: min(hi, p.n) - lo, Stride: w.Stride}, hi-lo)
}

// PackTransposedPanel fills panel i of p with columns of the transpose of w [N x K]. It panics if w has another shape.
func (p *Packed) PackTransposedPanel(w Matrix, i int) {
	p.check(w, w.Cols, w.Rows)
	lo, hi := p.columns(i)
	panel := Matrix{Data: p.panel(i), Rows: p.k, Cols: min(hi, p.n) - lo, Stride: hi - lo}
	Transpose(panel, w.Slice(lo, min(hi, p.n)))
}

func (p *Packed) check(w Matrix, k, n int) {
	if k != p.k || n != p.n {
		panic(fmt.Sprintf("f32: packing [%d x %d] as [%d x %d]", w.Rows, w.Cols, p.k, p.n))
	}
	checkData("Pack", &w)
}

func (p *Packed) columns(i int) (lo, hi int) { return p.panels.columns(i) }

func (p *Packed) panel(i int) []float32 {
	lo, hi := p.columns(i)
	return p.data[lo*p.k : hi*p.k]
}

// panels is how columns are divided. It keeps the quotient, as a division takes longer than the rest of the way into
// assembly.
type panels struct {
	count int
	each  int // vectors of 16 columns in a panel
	more  int // the first panels have one more
}

func newPanels(n int) panels {
	p := panels{count: (n + panelWidth - 1) / panelWidth}
	if p.count > 0 {
		vectors := (n + 15) / 16
		p.each, p.more = vectors/p.count, vectors%p.count
	}
	return p
}

// columns returns the columns of panel i, padding included.
func (p panels) columns(i int) (lo, hi int) {
	lo = i*p.each + min(i, p.more)
	hi = (i+1)*p.each + min(i+1, p.more)
	return 16 * lo, 16 * hi
}

func roundUp16(n int) int { return (n + 15) &^ 15 }

// packColumns copies w into rows of the given width, padding each with zeros.
func packColumns(dst []float32, w Matrix, width int) {
	for k := 0; k < w.Rows; k += packRows {
		packPanel(dst[k*width:], w.Data[k*w.Stride:], min(packRows, w.Rows-k), w.Stride, width/16, w.Cols-(width-16))
	}
}

// packRows is how many rows one call of a kernel copies.
const packRows = 512

func packPanelGeneric(dst, src []float32, rows, stride, vectors, last int) {
	for k := range rows {
		row := dst[k*16*vectors:][:16*vectors]
		n := copy(row, src[k*stride:][:16*(vectors-1)+last])
		clear(row[n:])
	}
}
