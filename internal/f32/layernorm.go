package f32

import "math"

// LayerNorm sets x = inv*(x-mean), where mean = Sum(x)/n and n is the length of x, and returns
// inv = 1/Sqrt(SumSquares(x-mean)/n + 1e-5), each operation rounded on its own (Ba, Kiros and Hinton 2016, without gain and
// bias). The length must not be 0.
func LayerNorm(x []float32) (inv float32) {
	n := float32(len(x))
	subtract(x, Sum(x)/n)
	variance := SumSquares(x)/n + normEpsilon
	inv = 1 / float32(math.Sqrt(float64(variance))) // rounded as in RMSNorm
	Scale(x, inv)
	return inv
}

// LayerNormGrad turns d, the gradient of LayerNorm's result y, into that of what it read:
//
//	c = dot(d, y)/n    mean = Sum(d)/n    d = inv*(FMA(-c, y, d)-mean)
//
// It panics if the lengths differ.
func LayerNormGrad(d, y []float32, inv float32) {
	n := float32(len(d))
	c, mean := dot(d, y)/n, Sum(d)/n
	AddScaled(d, -c, y)
	subtract(d, mean)
	Scale(d, inv)
}
