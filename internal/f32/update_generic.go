package f32

import "math"

func sgdGeneric(w, g []float32, lr, limit float32) bool {
	finite := true
	for i, d := range g {
		finite = finite && isFinite(d)
		w[i] = FMA(-lr, clip1(d, limit), w[i])
	}
	return finite
}

func sgdOuterGeneric(w, a, b []float32, lr, limit float32) bool {
	finite := true
	for i, x := range a {
		row := w[i*len(b):][:len(b)]
		for j, y := range b {
			d := FMA(x, y, 0)
			finite = finite && isFinite(d)
			row[j] = FMA(-lr, clip1(d, limit), row[j])
		}
	}
	return finite
}

func momentumGeneric(w, v, g []float32, lr, mu, limit float32) bool {
	finite := true
	for i, d := range g {
		finite = finite && isFinite(d)
		v[i] = FMA(mu, v[i], clip1(d, limit))
		w[i] = FMA(-lr, v[i], w[i])
	}
	return finite
}

func adagradGeneric(w, sum, g []float32, lr, eps, limit float32) bool {
	finite := true
	for i, d := range g {
		finite = finite && isFinite(d)
		d = clip1(d, limit)
		sum[i] = FMA(d, d, sum[i])
		// The square root of a float32 in float64, rounded to float32, is the float32 square root.
		root := float32(math.Sqrt(float64(sum[i] + eps)))
		w[i] -= float32(lr*d) / root
	}
	return finite
}
