package f32

import "math"

// The twins of the kernels of products in 8 bits.

// maxMagnitudeGeneric returns the largest magnitude of x, 0 of none, and NaN if not all are finite.
func maxMagnitudeGeneric(x []float32) float32 {
	m := float32(0)
	for _, v := range x {
		if a := abs32(v); !(a <= math.MaxFloat32) {
			return float32(math.NaN())
		} else if a > m {
			m = a
		}
	}
	return m
}

// roundRowGeneric sets q to x*inverse in whole numbers, and to 0 beyond the end of x. Of a row with a NaN they do not matter.
func roundRowGeneric(q []int16, x []float32, inverse float32) {
	for k, v := range x {
		q[k] = int16(math.Float32bits(FMA(v, inverse, rounder)))
	}
	clear(q[len(x):])
}

// int8TileGeneric adds to c what a panel makes in a block of k: of rows int8K apart in q, each with its scale, and of columns
// with theirs, whose weights are [pairs x columns x 2].
func int8TileGeneric(c []float32, stride int, q []int16, rowScale, scale []float32, w []int8, pairs int) {
	columns := len(scale)
	for i, own := range rowScale {
		var sums [narrowPanel]int32
		q := q[i*int8K:]
		for k := range pairs {
			x, y := int32(q[2*k]), int32(q[2*k+1])
			w := w[k*2*columns:][:2*columns]
			for j := range columns {
				sums[j] += x*int32(w[2*j]) + y*int32(w[2*j+1])
			}
		}
		c := c[i*stride:][:columns]
		for j := range c {
			c[j] = FMA(float32(sums[j]), float32(own*scale[j]), c[j])
		}
	}
}
