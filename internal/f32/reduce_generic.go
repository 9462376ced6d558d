package f32

import "math"

func sumLanesGeneric(x []float32, l *lanes) float32 {
	if l == nil {
		l = new(lanes)
	}
	for i, v := range x {
		l[i%16] += v
	}
	return fold(l)
}

func sumSquaresLanesGeneric(x []float32, l *lanes) float32 {
	if l == nil {
		l = new(lanes)
	}
	for i, v := range x {
		l[i%16] = FMA(v, v, l[i%16])
	}
	return fold(l)
}

func dotLanesGeneric(a, b []float32, l *lanes) float32 {
	if l == nil {
		l = new(lanes)
	}
	for i, v := range a {
		l[i%16] = FMA(v, b[i], l[i%16])
	}
	return fold(l)
}

func maxLanesGeneric(x []float32, l *lanes) float32 {
	if l == nil {
		start := newMaxLanes()
		l = &start
	}
	for i, v := range x {
		l[i%16] = max1(l[i%16], v)
	}
	m := *l
	for half := 8; half > 0; half /= 2 {
		for i := range half {
			m[i] = max1(m[i], m[i+half])
		}
	}
	return m[0]
}

// fold adds the lanes up, 16 to 8 to 4 to 2 to 1, and leaves them as they are.
func fold(l *lanes) float32 {
	s := *l
	for half := 8; half > 0; half /= 2 {
		for i := range half {
			s[i] += s[i+half]
		}
	}
	return s[0]
}

// max1 is MAXPS with v as the first source: unless v is greater, so also where it is NaN or an equal zero, m stays.
func max1(m, v float32) float32 {
	if v > m {
		return v
	}
	return m
}

// newMaxLanes returns the lanes of the maximum of nothing.
func newMaxLanes() (l lanes) {
	for i := range l {
		l[i] = float32(math.Inf(-1))
	}
	return l
}
