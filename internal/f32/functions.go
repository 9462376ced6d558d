package f32

// The functions of this file agree to the bit on every kernel set. Errors are in units in the last place of the exact
// result and are tested against float64 over all finite arguments at a stride.

// piece is the most elements one assembly call works on, a few tens of microseconds at worst (see the package comment).
// It is a multiple of 16, so that the lanes of a reduction go on from one piece to the next.
const piece = 1 << 15

// Sigmoid sets dst[i] = 1/(1+e^-x[i]), within 2.6 ulp, on the negative side down to the smallest denormal. It panics if
// the lengths differ.
func Sigmoid(dst, x []float32) { sigmoid(dst, x) }

// Tanh sets dst[i] = tanh x[i], within 2.6 ulp. It is odd to the bit: tanh(-x) = -tanh x, and tanh -0 = -0. It panics if
// the lengths differ.
func Tanh(dst, x []float32) { tanh(dst, x) }

// Log1 returns ln x, within 1 ulp. The logarithm of either zero is -Inf, of a negative number NaN.
func Log1(x float32) float32 { return log1(x) }

// Relu sets dst[i] = max(0, x[i]). A NaN stays, and so does -0. It panics if the lengths differ.
func Relu(dst, x []float32) { relu(dst, x) }

// SigmoidGrad sets dz = dy * FMA(-y, y, y): the gradient of y = Sigmoid(z), since dy/dz = y(1-y). It panics if the
// lengths differ.
func SigmoidGrad(dz, dy, y []float32) { sigmoidGrad(dz, dy, y) }

// TanhGrad sets dz = dy * FMA(-y, y, 1): the gradient of y = Tanh(z), since dy/dz = 1-y^2. It panics if the lengths
// differ.
func TanhGrad(dz, dy, y []float32) { tanhGrad(dz, dy, y) }

// ReluGrad sets dz = dy where y > 0 and dz = 0 elsewhere: the gradient of y = Relu(z). Where y is NaN so is dz. It
// panics if the lengths differ.
func ReluGrad(dz, dy, y []float32) { reluGrad(dz, dy, y) }
