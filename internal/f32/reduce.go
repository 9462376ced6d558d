package f32

// A reduction of n elements to one number: element i goes to lane i mod 16, in order; then lanes 0 to 7 take lanes 8 to
// 15, and so on until one is left. Lanes are kept in memory only between the pieces of a long vector.
type lanes = [16]float32

// Sum returns the sum of x in 16 lanes.
func Sum(x []float32) float32 {
	if len(x) <= piece {
		return sumPiece(x, nil)
	}
	var l lanes
	for len(x) > piece {
		sumPiece(x[:piece], &l)
		x = x[piece:]
	}
	return sumPiece(x, &l)
}

// SumSquares returns the sum of the squares of x in 16 lanes, each a chain of fused multiply-adds.
func SumSquares(x []float32) float32 {
	if len(x) <= piece {
		return sumSquaresPiece(x, nil)
	}
	var l lanes
	for len(x) > piece {
		sumSquaresPiece(x[:piece], &l)
		x = x[piece:]
	}
	return sumSquaresPiece(x, &l)
}

// dot returns the sum of a[i]*b[i] in 16 lanes, each a chain of fused multiply-adds. It panics if the lengths differ.
func dot(a, b []float32) float32 {
	sameLength("dot", len(a), len(b))
	if len(a) <= piece {
		return dotPiece(a, b, nil)
	}
	var l lanes
	for len(a) > piece {
		dotPiece(a[:piece], b[:piece], &l)
		a, b = a[piece:], b[piece:]
	}
	return dotPiece(a, b, &l)
}

// Max returns the largest element of x, passing over NaNs; -Inf if there is none.
func Max(x []float32) float32 {
	if len(x) <= piece {
		return maxPiece(x, nil)
	}
	l := newMaxLanes()
	for len(x) > piece {
		maxPiece(x[:piece], &l)
		x = x[piece:]
	}
	return maxPiece(x, &l)
}

// sumPiece goes on with the lanes of earlier pieces, or starts at zero if l is nil, and returns the fold of them. Like
// the other pieces it stays a call of its own, so that the runtime can stop the goroutine between pieces.
//
//go:noinline
func sumPiece(x []float32, l *lanes) float32 {
	switch active {
	case avx512:
		return sumAVX512(x, l)
	case avx2:
		return sumAVX2(x, l)
	default:
		return sumGeneric(x, l)
	}
}

//go:noinline
func sumSquaresPiece(x []float32, l *lanes) float32 {
	switch active {
	case avx512:
		return sumSquaresAVX512(x, l)
	case avx2:
		return sumSquaresAVX2(x, l)
	default:
		return sumSquaresGeneric(x, l)
	}
}

//go:noinline
func dotPiece(a, b []float32, l *lanes) float32 {
	switch active {
	case avx512:
		return dotAVX512(a, b, l)
	case avx2:
		return dotAVX2(a, b, l)
	default:
		return dotGeneric(a, b, l)
	}
}

//go:noinline
func maxPiece(x []float32, l *lanes) float32 {
	switch active {
	case avx512:
		return maxAVX512(x, l)
	case avx2:
		return maxAVX2(x, l)
	default:
		return maxGeneric(x, l)
	}
}
