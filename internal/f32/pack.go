package f32

import "fmt"

// panelWidth is the most columns of a panel: four vectors of 16.
const panelWidth = 64

// A Packed is the right-hand side of a product, [K x N], in the layout that kernels read fastest: panels of up to 64
// columns, each a [K x width] block without gaps, the last padded with zeros to a multiple of 16. The panels of a matrix
// are about equally wide (65 columns make panels of 48 and 32), because a narrow panel keeps few of a processor's
// multipliers busy.
type Packed struct {
	k, n int
	data []float32
}

// NewPacked returns room for a packed [k x n] matrix of zeros.
func NewPacked(k, n int) *Packed {
	return &Packed{k: k, n: n, data: Aligned(k * roundUp16(n))}
}

// Panels returns the number of panels: the units in which workers may share the packing.
func (p *Packed) Panels() int { return panelCount(p.n) }

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
	packPanel(p.panel(i), Matrix{Data: w.Data[min(lo, len(w.Data)):], Rows: p.k, Cols: min(hi, p.n) - lo, Stride: w.Stride}, hi-lo)
}

// PackTransposed fills p with the transpose of w [N x K].
func (p *Packed) PackTransposed(w Matrix) {
	for i := range p.Panels() {
		p.PackTransposedPanel(w, i)
	}
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
		panic(fmt.Sprintf("f32: packing %v as [%d x %d]", w, p.k, p.n))
	}
}

func (p *Packed) columns(i int) (lo, hi int) { return panelColumns(p.n, i) }

func (p *Packed) width(i int) int {
	lo, hi := p.columns(i)
	return hi - lo
}

func (p *Packed) panel(i int) []float32 {
	lo, hi := p.columns(i)
	return p.data[lo*p.k : hi*p.k]
}

// panelCount returns how many panels n columns make.
func panelCount(n int) int { return (n + panelWidth - 1) / panelWidth }

// panelColumns returns the columns of panel i of n columns, padding included.
func panelColumns(n, i int) (lo, hi int) {
	vectors, panels := (n+15)/16, panelCount(n)
	each, more := vectors/panels, vectors%panels // the first panels take one more
	first := i*each + min(i, more)
	if i < more {
		each++
	}
	return first * 16, (first + each) * 16
}

func roundUp16(n int) int { return (n + 15) &^ 15 }

// packPanel copies w into rows of the given width, padding each with zeros.
func packPanel(dst []float32, w Matrix, width int) {
	for k := range w.Rows {
		row := dst[k*width:][:width]
		n := copy(row, w.Data[k*w.Stride:][:w.Cols])
		clear(row[n:])
	}
}

// Transpose sets dst [N x M] to the transpose of src [M x N]. It panics if the shapes do not fit.
func Transpose(dst, src Matrix) {
	if dst.Rows != src.Cols || dst.Cols != src.Rows {
		panic(fmt.Sprintf("f32: transpose of %v into %v", src, dst))
	}
	transposeGeneric(dst, src)
}

// transposeGeneric walks in blocks, so that the rows it reads and those it writes both stay in the first-level cache.
func transposeGeneric(dst, src Matrix) {
	const block = 16
	for i0 := 0; i0 < src.Rows; i0 += block {
		for j0 := 0; j0 < src.Cols; j0 += block {
			for i := i0; i < min(i0+block, src.Rows); i++ {
				for j, x := range src.Row(i)[j0:min(j0+block, src.Cols)] {
					dst.Data[(j0+j)*dst.Stride+i] = x
				}
			}
		}
	}
}
