package f32

// A reduction of n elements to one number: element i goes to lane i mod 16, in order; then lanes 0 to 7 take lanes 8 to
// 15, and so on until one is left. Lanes are kept in memory only between the pieces of a long vector: kernels take
// nil for lanes that start anew.
type lanes = [16]float32

// Sum returns the sum of x in 16 lanes.
func Sum(x []float32) float32 {
	if len(x) <= piece {
		return sumLanes(x, nil)
	}
	return sumLanes(x, new(lanes))
}

// SumSquares returns the sum of the squares of x in 16 lanes, each a chain of fused multiply-adds.
func SumSquares(x []float32) float32 {
	if len(x) <= piece {
		return sumSquaresLanes(x, nil)
	}
	return sumSquaresLanes(x, new(lanes))
}

// dot returns the sum of a[i]*b[i] in 16 lanes, each a chain of fused multiply-adds. It panics if the lengths
// differ.
func dot(a, b []float32) float32 {
	if len(a) <= piece {
		return dotLanes(a, b, nil)
	}
	return dotLanes(a, b, new(lanes))
}

// Max returns the largest element of x, passing over NaNs; -Inf if there is none.
func Max(x []float32) float32 {
	if len(x) <= piece {
		return maxLanes(x, nil)
	}
	l := newMaxLanes()
	return maxLanes(x, &l)
}
