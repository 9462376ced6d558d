package f32

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// The products of matrices. Each element of C is one chain of fused multiply-adds over k ascending, whatever the shape,
// the tile, the layout of B or the kernel set; so a product may be cut anywhere along its rows and columns, and along k
// by accumulating, without changing a bit.

// Mul sets c = a*b, or c += a*b if accumulate. Shapes are c [M x N], a [M x K], b [K x N]; b is used as it lies. It
// panics if they do not fit or a matrix is larger than its data.
func Mul(c, a, b Matrix, accumulate bool) {
	checkProduct("Mul", c, a.Rows, a.Cols, b.Rows, b.Cols)
	checkData("Mul", &a)
	checkData("Mul", &b)
	checkData("Mul", &c)
	p := product{c: c, a: a.Data, rowStride: a.Stride, kStride: 1, k: a.Cols, accumulate: accumulate}
	p.run(b)
}

// MulPacked is Mul with a right-hand side that was packed once for many products.
func MulPacked(c, a Matrix, b *Packed, accumulate bool) {
	MulPackedPrefetch(c, a, b, accumulate, Prefetch{})
}

// alternateRows is the most rows of a product that takes as long as reading b does. The part of b that exceeds the
// second-level cache comes from the third, on an Intel Xeon at 30 GB/s. Every other product therefore begins with the last
// panel, to find in the second-level cache what the one before used last: a row by 512 x 2048 in 84 instead of 138 us.
const alternateRows = 16

// MulPackedPrefetch is MulPacked, which meanwhile prefetches what is needed after it into the second-level cache, if b
// leaves room there.
func MulPackedPrefetch(c, a Matrix, b *Packed, accumulate bool, after Prefetch) {
	checkProduct("MulPacked", c, a.Rows, a.Cols, b.k, b.n)
	checkData("MulPacked", &a)
	checkData("MulPacked", &c)
	p := product{c: c, a: a.Data, rowStride: a.Stride, kStride: 1, k: a.Cols, accumulate: accumulate, packed: true}
	fastpath.Took(fastpath.PackedProduct)
	if t := active.tiling(); t.panels && p.c.Rows > 0 && p.k > 0 && p.k <= t.steps(p.c.Rows) {
		p.manyPanels(b)
		return
	}
	p.prefetch.begin(&after, p.c.Rows, b)
	i, step := 0, 1
	alternate := c.Rows <= alternateRows && len(b.data) > active.tiling().cached
	if alternate && b.passes.Add(1)&1 == 0 {
		fastpath.Took(fastpath.AlternatePanels)
		i, step = b.panels.count-1, -1
	}
	for range b.panels.count {
		lo, hi := b.columns(i)
		next := 0
		if i += step; i >= 0 && i < b.panels.count {
			next, _ = b.columns(i)
		} else if alternate {
			next = lo // the next product begins here
		}
		p.after = address(b.data, next*b.k)
		p.panel(b.data[lo*b.k:hi*b.k], hi-lo, lo, min(hi, b.n))
	}
}

// longK is the steps along k of MulTransA at a time: rows of a and b that stay in the second-level cache while all of c
// passes over them. With more, each panel of c would fetch b from further away: 256 x 256 x 2048 at 60 instead of 87 % of
// Peak.
const longK = 128

// MulTransA sets c = a^T*b, or c += a^T*b if accumulate, over the rows from lo to hi-1 of a and b: the gradient of a
// weight matrix, where k runs over the rows of a window. Meanwhile it prefetches the rows from hi on, because they are
// likely to be next. Shapes are c [M x N], a [K x M], b [K x N]. If scratch is not nil, it may be used to pack pieces of b; it must
// come from NewPacked(128, 48) or larger. It panics if the shapes do not fit or a matrix is larger than its data.
func MulTransA(c, a, b Matrix, lo, hi int, accumulate bool, scratch *Packed) {
	checkProduct("MulTransA", c, a.Cols, a.Rows, b.Rows, b.Cols)
	checkData("MulTransA", &a)
	checkData("MulTransA", &b)
	checkData("MulTransA", &c)
	if lo < 0 || lo > hi || hi > a.Rows {
		panic(fmt.Sprintf("f32: MulTransA of rows %d to %d of %d", lo, hi, a.Rows))
	}
	p := product{c: c, rowStride: 1, kStride: a.Stride, accumulate: accumulate}
	pack := scratch != nil && hi-lo >= longK/2 && active.tiling().packs(c.Rows, b.Stride)
	for k := lo; k == lo || k < hi; k += longK {
		end := min(k+longK, hi)
		p.k, p.a = end-k, a.Data[min(k*a.Stride, len(a.Data)):]
		more := min(longK, a.Rows-end)
		p.later = [2]rowsAhead{newRowsAhead(b, end, more), newRowsAhead(a, end, more)}
		if piece := b.Slice(k, end); pack {
			p.runPacking(piece, scratch.data)
		} else {
			p.run(piece)
		}
		p.accumulate = true
	}
}

// prefetchRows lets the tiles of panel i, which is so many columns wide, prefetch their share of the rows that MulTransA
// needs next: all panels together prefetch b's during their first half and a's during their second.
func (p *product) prefetchRows(i, panels, columns int) {
	p.next, p.share = address(p.c.Data, 0), 0
	half, r := (panels+1)/2, p.later[0]
	if i >= half {
		i, half, r = i-half, panels-half, p.later[1]
	}
	switch {
	case r.rows*r.stride == 0 || p.c.Rows == 0:
	case r.narrow:
		p.next, p.share = r.at+uintptr(i*r.rows/half*r.stride), r.stride
	default:
		size := r.rows * r.stride
		p.next, p.share = r.at+uintptr(i*size/half), size/half/tilesOf(p.c.Rows, columns, p.k)
	}
}

// A rowsAhead is rows of a matrix to be prefetched.
type rowsAhead struct {
	at           uintptr
	rows, stride int  // in bytes
	narrow       bool // only the beginning of each row, which one tile can prefetch
}

// prefetchedFloats is how many floats one tile prefetches in longK steps.
const prefetchedFloats = longK / 4 * cacheLine / 4

func newRowsAhead(m Matrix, row, rows int) rowsAhead {
	return rowsAhead{address(m.Data, row*m.Stride), rows, 4 * m.Stride, m.Cols <= prefetchedFloats && 2*m.Cols <= m.Stride}
}

// runPacking is run with panels of b that are packed before they are used.
func (p *product) runPacking(b Matrix, scratch []float32) {
	fastpath.Took(fastpath.PackedGradient)
	panels := newPanels(b.Cols)
	for i := range panels.count {
		lo, hi := panels.columns(i)
		end := min(hi, b.Cols)
		p.prefetchRows(i, panels.count, hi-lo)
		packColumns(scratch, Matrix{Data: b.Data[lo:], Rows: b.Rows, Cols: end - lo, Stride: b.Stride}, hi-lo)
		p.panel(scratch, hi-lo, lo, end)
	}
}

func checkProduct(name string, c Matrix, m, k, kb, n int) {
	if c.Rows != m || c.Cols != n || k != kb {
		panic(fmt.Sprintf("f32: %s of [%d x %d] and [%d x %d] into [%d x %d]", name, m, k, kb, n, c.Rows, c.Cols))
	}
}

// checkData panics if m is larger than its data: assembly would not notice.
func checkData(name string, m *Matrix) {
	if m.Rows > 0 && m.Cols > 0 && (m.Stride < 0 || len(m.Data) < (m.Rows-1)*m.Stride+m.Cols) {
		panicData(name, m.Rows, m.Cols, m.Stride, len(m.Data))
	}
}

func panicData(name string, rows, cols, stride, data int) {
	panic(fmt.Sprintf("f32: %s: [%d x %d] with stride %d in %d elements", name, rows, cols, stride, data))
}

// A product is the left-hand side of one C (+)= A*B: element (i, k) of A is a[i*rowStride+k*kStride], which covers a
// matrix and its transpose.
type product struct {
	c                  Matrix
	a                  []float32
	rowStride, kStride int
	k                  int
	accumulate         bool
	packed             bool         // b is
	after              uintptr      // where the panel of b lies that is needed next, if it is packed
	prefetch           prefetcher   // what tiles prefetch, if b is packed
	later              [2]rowsAhead // what is needed next in MulTransA, rows of b and a
	next               uintptr      // address of what tiles should prefetch
	share              int          // bytes from what one tile prefetches to what the next one does

	nextNow  uintptr // those of the call of assembly to come
	shareNow int
}

// run computes c from b as it lies. Few rows pass over b in tiles as wide as they come; otherwise a panel of b stays in
// the cache for all rows.
func (p *product) run(b Matrix) {
	if p.c.Rows <= fewRows {
		p.panel(b.Data, b.Stride, 0, b.Cols)
		return
	}
	panels := newPanels(b.Cols)
	for i := range panels.count {
		lo, hi := panels.columns(i)
		p.prefetchRows(i, panels.count, hi-lo)
		p.panel(b.Data[min(lo, len(b.Data)):], b.Stride, lo, min(hi, b.Cols))
	}
}
