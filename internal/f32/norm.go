package f32

import "math"

// normEpsilon keeps RMSNorm from dividing by zero.
const normEpsilon = 1e-5

// RMSNorm sets dst = inv*x and returns inv = 1/Sqrt(SumSquares(x)/n + 1e-5), each operation rounded on its own, where n is
// the length of x (Zhang and Sennrich 2019, without the gain). It panics if the lengths differ or are 0.
func RMSNorm(dst, x []float32) (inv float32) {
	sameLength("RMSNorm", len(dst), len(x))
	mean := SumSquares(x)/float32(len(x)) + normEpsilon
	// The root of a float32 in float64, rounded to float32, is the rounded root.
	inv = 1 / float32(math.Sqrt(float64(mean)))
	copy(dst, x)
	Scale(dst, inv)
	return inv
}

// RMSNormGrad adds to dx the gradient of what RMSNorm read, given the gradient dy of its result y:
//
//	c = Dot(dy, y)/n    dy = FMA(-c, y, dy)    dx = FMA(inv, dy, dx)
//
// It panics if the lengths differ or are 0.
func RMSNormGrad(dx, dy, y []float32, inv float32) {
	c := Dot(dy, y) / float32(len(y))
	AddScaled(dy, -c, y)
	AddScaled(dx, inv, dy)
}
