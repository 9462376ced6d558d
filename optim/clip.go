package optim

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// NormScale returns the factor that brings a gradient of the given L2 norm down to limit: 1 where it is no longer than
// that, or the limit is 0 (Pascanu, Mikolov, Bengio 2013, algorithm 1).
func NormScale(norm, limit float32) float32 {
	if limit == 0 || !(norm > limit) {
		return 1
	}
	return limit / norm
}

// ClipNorm scales g to an L2 norm of at most limit and returns the norm it had. A limit of 0 only measures, and a norm
// that is not finite leaves g as it is, for the caller to stop on.
func ClipNorm(g []float32, limit float32) float32 {
	norm := float32(math.Sqrt(float64(f32.SumSquares(g))))
	if s := NormScale(norm, limit); s != 1 && !math.IsInf(float64(norm), 0) {
		f32.Scale(g, s)
	}
	return norm
}
