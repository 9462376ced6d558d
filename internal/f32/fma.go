package f32

import "math"

// FMA returns a*b + c rounded once, on every processor.
//
// The product of two float32s is exact in float64, so only the sum s is rounded before the result is. Rounding twice
// differs from rounding once in two cases alone: s lies exactly between two float32s (its low 29 bits are 1000...0), or
// the result is so small that float32 has fewer digits than usual. There s is first rounded to odd, which keeps the
// second rounding right (Boldo and Melquiond 2008). math.FMA would not help: it too rounds to float64 first.
func FMA(a, b, c float32) float32 {
	s := float64(a)*float64(b) + float64(c)
	if u := math.Float64bits(s); roundsTwice(u) {
		return fmaOdd(a, b, c)
	}
	return float32(s)
}

// roundsTwice says whether a float64 with bits u, converted to float32, may differ from the exact sum rounded once: ties,
// and magnitudes below 2^-126. Zero does not count; infinities and NaNs pass through.
func roundsTwice(u uint64) bool { return u<<35 == 1<<63 || u<<1-1 < 0x381<<53-1 }

// fmaOdd is FMA by way of a sum rounded to odd: where the float64 sum is inexact and its last bit even, it moves one
// place towards the exact sum.
func fmaOdd(a, b, c float32) float32 {
	p, d := float64(a)*float64(b), float64(c)
	s := p + d
	t := s - p
	rest := (p - (s - t)) + (d - t) // Knuth's TwoSum: s + rest = p + d exactly
	u := math.Float64bits(s)
	if rest != 0 && u&1 == 0 {
		if (rest > 0) == (s > 0) {
			u++
		} else {
			u--
		}
	}
	return float32(math.Float64frombits(u))
}
