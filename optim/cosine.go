package optim

import "math"

// cosine lowers the rate along half a cosine (Loshchilov and Hutter 2017, without restarts).
var cosine = ScheduleInfo{
	Name: "cosine", Doc: "lowers the rate along half a cosine until the last training step",
	takes: []string{"lr_final"}, needsTotal: true,
	share: func(s Schedule, n int64, _ Plateau) float64 {
		length := s.Total - s.Warmup
		return s.Final + float64((1-s.Final)*halfCosine(max(0, min(n, length)), length))
	},
}

// halfCosine returns (1 + cos(pi n/total))/2 for 0 <= n <= total, which falls from 1 to 0. It is good to 3e-16, and in the
// second half to 9e-16 of itself: both halves go through a sine of at most an eighth of a turn, so that no digits are lost
// near 0.
//
//	(1 + cos 2x)/2 = cos^2 x = 1 - sin^2 x = sin^2(pi/2 - x)
func halfCosine(n, total int64) float64 {
	if n <= total-n {
		s := sine(float64(n) / float64(total))
		return 1 - float64(s*s)
	}
	s := sine(float64(total-n) / float64(total))
	return float64(s * s)
}

// sine returns sin(x pi/2) for 0 <= x <= 1/2: its Taylor polynomial of degree 15, which is good to 5e-17 there, with each
// operation rounded on its own. math.Sin and math.Cos differ between processors in the last place.
func sine(x float64) float64 {
	t := float64(x * (math.Pi / 2))
	q := float64(t * t)
	p := 0.0
	for _, c := range [...]float64{-1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1} {
		p = float64(p*q) + c
	}
	return float64(t * p)
}
