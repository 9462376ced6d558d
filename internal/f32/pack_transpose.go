package f32

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// Transpose sets dst [N x M] to the transpose of src [M x N]. The two must not overlap. It panics if the shapes do not
// fit or a matrix is larger than its data.
func Transpose(dst, src Matrix) {
	if dst.Rows != src.Cols || dst.Cols != src.Rows {
		panic(fmt.Sprintf("f32: Transpose of [%d x %d] into [%d x %d]", src.Rows, src.Cols, dst.Rows, dst.Cols))
	}
	checkData("Transpose", &src)
	checkData("Transpose", &dst)
	if lanes := active.tiling().lanes; min(src.Rows, src.Cols) >= lanes {
		transposeSquares(dst, src, lanes)
	} else {
		transposePlain(dst, src)
	}
}

// transposeSquares transposes squares of n x n, n <= both sides of src. The last squares overlap those before where the
// sides are not multiples of n: what is written twice is the same.
func transposeSquares(dst, src Matrix, n int) {
	fastpath.Took(fastpath.TransposeSquares)
	if rest := src.Rows % n; rest <= 2 { // squares for so few rows would take longer
		src.Rows -= rest
		for i := src.Rows; i < src.Rows+rest; i++ {
			for j, x := range src.Data[i*src.Stride:][:src.Cols] {
				dst.Data[j*dst.Stride+i] = x
			}
		}
	}
	for i, high := 0, 0; i < src.Rows; i += high * n {
		high = max(1, min(blockHeight, src.Rows-i)/n)
		i := min(i, src.Rows-n)
		for j, wide := 0, 0; j < src.Cols; j += wide * n {
			wide = max(1, min(blockWidth, src.Cols-j)/n)
			j := min(j, src.Cols-n)
			transposeBlock(dst.Data[j*dst.Stride+i:], dst.Stride, src.Data[i*src.Stride+j:], src.Stride, high, wide)
		}
	}
}

// One call of a kernel transposes up to this many rows and columns of src.
const (
	blockHeight = 64
	blockWidth  = 1024
)

// transposePlain is for matrices narrower than a square.
func transposePlain(dst, src Matrix) {
	for i := range src.Rows {
		for j, x := range src.Row(i) {
			dst.Data[j*dst.Stride+i] = x
		}
	}
}

// transposeBlockGeneric transposes squares of one element. It walks in blocks, so that the rows it reads and those it writes
// both stay in the first-level cache.
func transposeBlockGeneric(dst []float32, dstStride int, src []float32, srcStride, high, wide int) {
	const block = 16
	for i0 := 0; i0 < high; i0 += block {
		for j0 := 0; j0 < wide; j0 += block {
			for i := i0; i < min(i0+block, high); i++ {
				for j := j0; j < min(j0+block, wide); j++ {
					dst[j*dstStride+i] = src[i*srcStride+j]
				}
			}
		}
	}
}
