package f32

import "fmt"

//go:generate go run -C _asm ./pointwise -set AVX512 -out ../pointwise_avx512_amd64.s -stubs ../pointwise_avx512_amd64.go -pkg f32
//go:generate go run -C _asm ./pointwise -set AVX2 -out ../pointwise_avx2_amd64.s -stubs ../pointwise_avx2_amd64.go -pkg f32

// Add sets dst = a + b. It panics if the lengths differ.
func Add(dst, a, b []float32) {
	sameLengths("Add", len(dst), len(a), len(b))
	for len(dst) > piece {
		Add(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case avx512:
		addAVX512(dst, a, b)
	case avx2:
		addAVX2(dst, a, b)
	default:
		addGeneric(dst, a, b)
	}
}

// Multiply sets dst = a*b, element by element. It panics if the lengths differ.
func Multiply(dst, a, b []float32) {
	sameLengths("Multiply", len(dst), len(a), len(b))
	for len(dst) > piece {
		Multiply(dst[:piece], a[:piece], b[:piece])
		dst, a, b = dst[piece:], a[piece:], b[piece:]
	}
	switch active {
	case avx512:
		multiplyAVX512(dst, a, b)
	case avx2:
		multiplyAVX2(dst, a, b)
	default:
		multiplyGeneric(dst, a, b)
	}
}

// subtract takes a from every element of x.
func subtract(x []float32, a float32) {
	for len(x) > piece {
		subtract(x[:piece], a)
		x = x[piece:]
	}
	switch active {
	case avx512:
		subtractAVX512(x, a)
	case avx2:
		subtractAVX2(x, a)
	default:
		subtractGeneric(x, a)
	}
}

// AddRows adds the rows of m to dst one after the other, the first row first: the gradient of a bias. It panics if dst
// is not as long as a row.
func AddRows(dst []float32, m Matrix) {
	sameLength("AddRows", len(dst), m.Cols)
	if m.Rows == 0 || m.Cols == 0 {
		return
	}
	for lo, rows := 0, max(1, piece/m.Cols); lo < m.Rows; lo += rows {
		addRowsPiece(dst, m.Slice(lo, min(lo+rows, m.Rows)))
	}
}

// addRowsPiece is an ordinary call between two pieces of AddRows.
//
//go:noinline
func addRowsPiece(dst []float32, m Matrix) {
	last := m.Data[:(m.Rows-1)*m.Stride+m.Cols] // panics if the matrix is larger than its data
	switch active {
	case avx512:
		addRowsAVX512(dst, last, m.Rows, m.Stride)
	case avx2:
		addRowsAVX2(dst, last, m.Rows, m.Stride)
	default:
		addRowsGeneric(dst, last, m.Rows, m.Stride)
	}
}

// Scale multiplies every element of x by s.
func Scale(x []float32, s float32) {
	for len(x) > piece {
		Scale(x[:piece], s)
		x = x[piece:]
	}
	switch active {
	case avx512:
		scaleAVX512(x, s)
	case avx2:
		scaleAVX2(x, s)
	default:
		scaleGeneric(x, s)
	}
}

// AddScaled sets y = FMA(a, x, y) with one number a for all elements. It panics if the lengths differ.
func AddScaled(y []float32, a float32, x []float32) {
	sameLength("AddScaled", len(y), len(x))
	for len(y) > piece {
		AddScaled(y[:piece], a, x[:piece])
		y, x = y[piece:], x[piece:]
	}
	switch active {
	case avx512:
		addScaledAVX512(y, a, x)
	case avx2:
		addScaledAVX2(y, a, x)
	default:
		addScaledGeneric(y, a, x)
	}
}

// MulAdd sets y = FMA(a, b, y), element by element. It panics if the lengths differ.
func MulAdd(y, a, b []float32) {
	sameLengths("MulAdd", len(y), len(a), len(b))
	for len(y) > piece {
		MulAdd(y[:piece], a[:piece], b[:piece])
		y, a, b = y[piece:], a[piece:], b[piece:]
	}
	switch active {
	case avx512:
		mulAddAVX512(y, a, b)
	case avx2:
		mulAddAVX2(y, a, b)
	default:
		mulAddGeneric(y, a, b)
	}
}

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
		mulAddsPiece(y, start, a[:some], b[:some])
		start, a, b = y, a[some:], b[some:]
	}
	mulAddsPiece(y, start, a, b)
}

//go:noinline
func mulAddsPiece(y, start []float32, a, b [][]float32) {
	switch active {
	case avx512:
		mulAddsAVX512(y, start, a, b)
	case avx2:
		mulAddsAVX2(y, start, a, b)
	default:
		mulAddsGeneric(y, start, a, b)
	}
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
