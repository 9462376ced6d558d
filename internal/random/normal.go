package random

import (
	"math"
	"math/rand/v2"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// Normal draws a number of mean 0 and standard deviation 1 by the polar method (Marsaglia and Bray 1964), in float32 and
// with this project's logarithm, so that it is the same on every processor.
func Normal(r *rand.Rand) float32 {
	for {
		u, v := r.Float32()*2-1, r.Float32()*2-1
		s := float32(u*u) + float32(v*v)
		if s > 0 && s < 1 {
			// The root of a float32 in float64, rounded to float32, is the rounded root: sqrt is exact everywhere.
			return u * float32(math.Sqrt(float64(-2*f32.Log1(s)/s)))
		}
	}
}
