package f32

import "math"

// bf16RowGeneric adds to the columns of a panel, whose weights are [len(x) x columns], what they make of x.
func bf16RowGeneric(y, x []float32, w []uint32) {
	const half = bf16Group / 2
	for k, v := range x {
		w := w[k*len(y)/2:][:len(y)/2]
		for j := 0; j < len(w); j += half {
			low, high := y[2*j:][:half], y[2*j+half:][:half]
			for i, two := range w[j:][:half] {
				low[i] = FMA(v, math.Float32frombits(two<<16), low[i])
				high[i] = FMA(v, math.Float32frombits(two&^0xffff), high[i])
			}
		}
	}
}
