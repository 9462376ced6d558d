package f32

import "fmt"

//go:generate go run -C _asm ./gemm -set AVX512 -out ../gemm_avx512_amd64.s -stubs ../gemm_avx512_amd64.go -pkg f32
//go:generate go run -C _asm ./gemm -set AVX2 -out ../gemm_avx2_amd64.s -stubs ../gemm_avx2_amd64.go -pkg f32

// The products of matrices. Each element of C is one chain of fused multiply-adds over k ascending, whatever the shape,
// the tile, the layout of B or the kernel set; so a product may be cut anywhere along its rows and columns, and along k
// by accumulating, without changing a bit.

// Mul sets c = a*b, or c += a*b if accumulate. Shapes are c [M x N], a [M x K], b [K x N]; b is used as it lies. It
// panics if they do not fit.
func Mul(c, a, b Matrix, accumulate bool) {
	checkProduct("Mul", c, a.Rows, a.Cols, b.Rows, b.Cols)
	product{c: c, a: a.Data, rowStride: a.Stride, kStride: 1, k: a.Cols, accumulate: accumulate}.run(b.Data, b.Stride, c.Cols)
}

// MulPacked is Mul with a right-hand side that was packed once for many products.
func MulPacked(c, a Matrix, b *Packed, accumulate bool) {
	checkProduct("MulPacked", c, a.Rows, a.Cols, b.k, b.n)
	p := product{c: c, a: a.Data, rowStride: a.Stride, kStride: 1, k: a.Cols, accumulate: accumulate}
	for i := range b.Panels() {
		lo, hi := b.columns(i)
		p.c.Data = c.Data[min(lo, len(c.Data)):]
		p.run(b.panel(i), b.width(i), min(hi, b.n)-lo)
	}
}

// longK is the number of steps along k from which a panel of b is worth packing, and the steps that are packed at a time.
const longK = 256

// MulTransA sets c = a^T*b, or c += a^T*b if accumulate: the gradient of a weight matrix, where k runs over the rows of
// a window. Shapes are c [M x N], a [K x M], b [K x N]. If scratch is not nil, it is used to pack pieces of b when K is
// large; it must come from NewPacked(256, 64) or larger. It panics if the shapes do not fit.
func MulTransA(c, a, b Matrix, accumulate bool, scratch *Packed) {
	checkProduct("MulTransA", c, a.Cols, a.Rows, b.Rows, b.Cols)
	p := product{c: c, a: a.Data, rowStride: 1, kStride: a.Stride, k: a.Rows, accumulate: accumulate}
	if scratch == nil || a.Rows <= longK {
		p.run(b.Data, b.Stride, b.Cols)
		return
	}
	panels := panelCount(b.Cols)
	for i := range panels {
		lo, hi := panelColumns(b.Cols, i)
		piece := Matrix{Data: b.Data[lo:], Cols: min(hi, b.Cols) - lo, Stride: b.Stride}
		p.c.Data, p.accumulate = c.Data[lo:], accumulate
		for k := 0; k < a.Rows; k += longK {
			piece.Data, piece.Rows = b.Data[k*b.Stride+lo:], min(longK, a.Rows-k)
			packPanel(scratch.data, piece, hi-lo)
			p.a, p.k = a.Data[k*a.Stride:], piece.Rows
			p.run(scratch.data, hi-lo, piece.Cols)
			p.accumulate = true
		}
	}
}

func checkProduct(name string, c Matrix, m, k, kb, n int) {
	if c.Rows != m || c.Cols != n || k != kb {
		panic(fmt.Sprintf("f32: %s of [%d x %d] and [%d x %d] into [%d x %d]", name, m, k, kb, n, c.Rows, c.Cols))
	}
}

// A product is the left-hand side of one C (+)= A*B: element (i, k) of A is a[i*rowStride+k*kStride], which covers a
// matrix and its transpose.
type product struct {
	c                  Matrix
	a                  []float32
	rowStride, kStride int
	k                  int
	accumulate         bool
}

// run computes the first n columns of c from b, in which row k starts at b[k*stride]. It panics if a matrix is larger
// than its data.
func (p product) run(b []float32, stride, n int) {
	switch {
	case p.c.Rows == 0 || n == 0:
	case p.k == 0 || active == plainGo:
		p.runGeneric(b, stride, n)
	default:
		p.runTiles(b, stride, n)
	}
}
