package f32

import "fmt"

// Add sets dst = a + b. It panics if the lengths differ.
func Add(dst, a, b []float32) { add(dst, a, b) }

// Interpolate sets dst = FMA(to-from, share, from), element by element: from where share is 0. It panics if the lengths
// differ.
func Interpolate(dst, from, to, share []float32) { interpolate(dst, from, to, share) }

// InterpolateCarry adds the two parts of the gradient of dst, dy and carry, and leaves in dy their sum and in carry the
// gradient of from:
//
//	dy = carry+dy    carry = FMA(-share, dy, dy)
//
// It panics if the lengths differ.
func InterpolateCarry(dy, carry, share []float32) { interpolateCarry(dy, carry, share) }

// InterpolateSums adds the gradient of to to two sums, and that of what share is the sigmoid of to two others:
//
//	to: dy*share    share: (dy*(to-from))*share(1-share)
//
// with the derivative rounded as in SigmoidGrad. The sums must not overlap. It panics if the lengths differ.
func InterpolateSums(shareSum, shareRow, toSum, toRow, dy, from, to, share []float32) {
	interpolateSums(shareSum, shareRow, toSum, toRow, dy, from, to, share)
}

// Multiply sets dst = a*b, element by element. It panics if the lengths differ.
func Multiply(dst, a, b []float32) { multiply(dst, a, b) }

// AddRows adds the rows of m to dst one after the other, the first row first: the gradient of a bias. It panics if dst
// is not as long as a row.
func AddRows(dst []float32, m Matrix) {
	sameLength("AddRows", len(dst), m.Cols)
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	data := m.Data[:(m.Rows-1)*m.Stride+m.Cols] // panics if the matrix is larger than its data
	rows := max(1, piece/m.Cols)
	for ; m.Rows > rows; m.Rows -= rows {
		addRows(dst, data, rows, m.Stride)
		data = data[rows*m.Stride:]
	}
	addRows(dst, data, m.Rows, m.Stride)
}

// Scale multiplies every element of x by s.
func Scale(x []float32, s float32) { scale(x, s) }

// AddScaled sets y = FMA(a, x, y) with one number a for all elements. It panics if the lengths differ.
func AddScaled(y []float32, a float32, x []float32) { addScaled(y, a, x) }

// MulAdd sets y = FMA(a, b, y), element by element. It panics if the lengths differ.
func MulAdd(y, a, b []float32) { mulAdd(y, a, b) }

// MulAdds sets y = start and then y = FMA(a[k], b[k], y) for each k in turn, element by element. start may be y. It
// panics if the lengths differ. A y of more than a few tens of thousands of elements should come in pieces.
func MulAdds(y, start []float32, a, b [][]float32) {
	sameLength("MulAdds", len(y), len(start))
	sameLength("MulAdds", len(a), len(b))
	for k := range a {
		sameLengths("MulAdds", len(y), len(a[k]), len(b[k]))
	}
	some := max(1, 2*piece/max(1, len(y)))
	for len(a) > some {
		mulAdds(y, start, a[:some], b[:some])
		start, a, b = y, a[some:], b[some:]
	}
	mulAdds(y, start, a, b)
}

func sameLength(name string, dst, x int) {
	if dst != x {
		panicLength(name, dst, x)
	}
}

func sameLengths(name string, dst, a, b int) {
	if dst != a {
		panicLength(name, dst, a)
	}
	if dst != b {
		panicLength(name, dst, b)
	}
}

func panicLength(name string, want, got int) {
	panic(fmt.Sprintf("f32: %s: a slice of %d elements beside one of %d", name, got, want))
}
