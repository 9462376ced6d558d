package f32

import (
	"math"
	"unsafe"
)

// tilesGeneric is the twin of all kernels of products. For plain Go a vector is one element.
func tilesGeneric(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride, kStride int,
	b *float32, bStride, k, last, masked int, accumulate bool, next uintptr, nextTile, nextRound int) {
	height, columns := rows*(tiles+lower)-lower, strips*vectors
	C := unsafe.Slice(c, (height-1)*cStride+columns)
	A := unsafe.Slice(a, (height-1)*rowStride+(k-1)*kStride+1)
	B := unsafe.Slice(b, (k-1)*bStride+columns)
	for i := range height {
		row := C[i*cStride:][:columns]
		if !accumulate {
			clear(row)
		}
		for j := range k {
			axpyGeneric(row, A[i*rowStride+j*kStride], B[j*bStride:][:columns])
		}
	}
}

func tilesPanelsGeneric(rows, vectors, strips, tiles, lower, panels int, c *float32, cStride int, a *float32, rowStride int,
	b *float32, bStride, k int, accumulate bool) {
	columns := strips * vectors
	for i := range panels {
		ci := (*float32)(unsafe.Add(unsafe.Pointer(c), 4*i*columns))
		bi := (*float32)(unsafe.Add(unsafe.Pointer(b), 4*i*k*bStride))
		tilesGeneric(rows, vectors, strips, tiles, lower, ci, cStride, a, rowStride, 1, bi, bStride, k, 1, 0, accumulate, 0, 0, 0)
	}
}

// peakGeneric does as many multiply-adds as kernels with vectors of one element do, in the innermost loop of products.
func peakGeneric(n int) {
	var c, b [512]float32
	for left := peakAdds * n; left > 0; left -= len(c) {
		axpyGeneric(c[:min(left, len(c))], 1, b[:])
	}
}

// axpyGeneric sets c = FMA(a, b, c). It is FMA written out, since a call for each element would double the time. b[j] is not
// kept in a variable: on amd64 the compiler would then convert it into another register than it was loaded to, whose upper
// part the conversion keeps, so that each element would wait for the one before, and take 12 instead of 4 cycles.
func axpyGeneric(c []float32, a float32, b []float32) {
	x := float64(a)
	b = b[:len(c)]
	for j := range c {
		s := x*float64(b[j]) + float64(c[j]) // the product is exact, so fusing it changes nothing
		if roundsTwice(math.Float64bits(s)) {
			c[j] = fmaOdd(a, b[j], c[j])
		} else {
			c[j] = float32(s)
		}
	}
}
