package f32

// The functions of this file agree to the bit on every kernel set. Errors are in units in the last place of the exact
// result and are tested against float64 over all finite arguments at a stride.

// piece is the most elements one assembly call works on, a few tens of microseconds at worst (see the package comment).
// It is a multiple of 16, so that the lanes of a reduction go on from one piece to the next.
const piece = 1 << 15

// Sigmoid sets dst[i] = 1/(1+e^-x[i]), within 2.6 ulp, on the negative side down to the smallest denormal. It panics if
// the lengths differ.
func Sigmoid(dst, x []float32) {
	sameLength("Sigmoid", len(dst), len(x))
	for len(x) > piece {
		Sigmoid(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case avx512:
		sigmoidAVX512(dst, x)
	case avx2:
		sigmoidAVX2(dst, x)
	default:
		sigmoidGeneric(dst, x)
	}
}

// Tanh sets dst[i] = tanh x[i], within 2.6 ulp. It is odd to the bit: tanh(-x) = -tanh x, and tanh -0 = -0. It panics if
// the lengths differ.
func Tanh(dst, x []float32) {
	sameLength("Tanh", len(dst), len(x))
	for len(x) > piece {
		Tanh(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case avx512:
		tanhAVX512(dst, x)
	case avx2:
		tanhAVX2(dst, x)
	default:
		tanhGeneric(dst, x)
	}
}

// Log1 returns ln x, within 1 ulp. The logarithm of either zero is -Inf, of a negative number NaN.
func Log1(x float32) float32 {
	switch active {
	case avx512:
		return log1AVX512(x)
	case avx2:
		return log1AVX2(x)
	default:
		return log1(x)
	}
}

// Relu sets dst[i] = max(0, x[i]). A NaN stays, and so does -0. It panics if the lengths differ.
func Relu(dst, x []float32) {
	sameLength("Relu", len(dst), len(x))
	for len(x) > piece {
		Relu(dst[:piece], x[:piece])
		dst, x = dst[piece:], x[piece:]
	}
	switch active {
	case avx512:
		reluAVX512(dst, x)
	case avx2:
		reluAVX2(dst, x)
	default:
		reluGeneric(dst, x)
	}
}

// SigmoidGrad sets dz = dy * FMA(-y, y, y): the gradient of y = Sigmoid(z), since dy/dz = y(1-y). It panics if the
// lengths differ.
func SigmoidGrad(dz, dy, y []float32) {
	sameLengths("SigmoidGrad", len(dz), len(dy), len(y))
	for len(dz) > piece {
		SigmoidGrad(dz[:piece], dy[:piece], y[:piece])
		dz, dy, y = dz[piece:], dy[piece:], y[piece:]
	}
	switch active {
	case avx512:
		sigmoidGradAVX512(dz, dy, y)
	case avx2:
		sigmoidGradAVX2(dz, dy, y)
	default:
		sigmoidGradGeneric(dz, dy, y)
	}
}

// TanhGrad sets dz = dy * FMA(-y, y, 1): the gradient of y = Tanh(z), since dy/dz = 1-y^2. It panics if the lengths
// differ.
func TanhGrad(dz, dy, y []float32) {
	sameLengths("TanhGrad", len(dz), len(dy), len(y))
	for len(dz) > piece {
		TanhGrad(dz[:piece], dy[:piece], y[:piece])
		dz, dy, y = dz[piece:], dy[piece:], y[piece:]
	}
	switch active {
	case avx512:
		tanhGradAVX512(dz, dy, y)
	case avx2:
		tanhGradAVX2(dz, dy, y)
	default:
		tanhGradGeneric(dz, dy, y)
	}
}

// ReluGrad sets dz = dy where y > 0 and dz = 0 elsewhere: the gradient of y = Relu(z). Where y is NaN so is dz. It
// panics if the lengths differ.
func ReluGrad(dz, dy, y []float32) {
	sameLengths("ReluGrad", len(dz), len(dy), len(y))
	for len(dz) > piece {
		ReluGrad(dz[:piece], dy[:piece], y[:piece])
		dz, dy, y = dz[piece:], dy[piece:], y[piece:]
	}
	switch active {
	case avx512:
		reluGradAVX512(dz, dy, y)
	case avx2:
		reluGradAVX2(dz, dy, y)
	default:
		reluGradGeneric(dz, dy, y)
	}
}
