package f32

import "math"

func sgdGeneric(w, g []float32, lr, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
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

func momentumGeneric(w, v, g []float32, lr, mu, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
		finite = finite && isFinite(d)
		v[i] = flush(FMA(mu, v[i], clip1(d, limit)))
		w[i] = FMA(-lr, v[i], w[i])
	}
	return finite
}

func nesterovGeneric(w, v, g []float32, lr, mu, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
		finite = finite && isFinite(d)
		d = clip1(d, limit)
		v[i] = flush(FMA(mu, v[i], d))
		w[i] = FMA(-lr, FMA(mu, v[i], d), w[i])
	}
	return finite
}

func averageGeneric(a, w []float32, share float32) {
	for i, x := range w {
		a[i] = FMA(share, x-a[i], a[i])
	}
}

func adagradGeneric(w, sum, g []float32, lr, eps, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
		finite = finite && isFinite(d)
		d = clip1(d, limit)
		sum[i] = FMA(d, d, sum[i])
		w[i] -= float32(lr*d) / sqrt(sum[i]+eps)
	}
	return finite
}

func rmspropGeneric(w, s, g []float32, rate, alpha, rest, eps, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
		finite = finite && isFinite(d)
		d = clip1(d, limit)
		s[i] = flush(FMA(alpha, s[i], float32(float32(rest*d)*d)))
		w[i] -= float32(rate*d) / (sqrt(s[i]) + eps)
	}
	return finite
}

func rmspropMomentumGeneric(w, s, v, g []float32, rate, alpha, rest, eps, mu, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
		finite = finite && isFinite(d)
		d = clip1(d, limit)
		s[i] = flush(FMA(alpha, s[i], float32(float32(rest*d)*d)))
		v[i] = flush(FMA(mu, v[i], d/(sqrt(s[i])+eps)))
		w[i] = FMA(-rate, v[i], w[i])
	}
	return finite
}

func adamGeneric(w, m, v, g []float32, rate, root, keep, beta1, rest1, beta2, rest2, eps, scale, limit float32) bool {
	finite := true
	for i, d := range g {
		d = float32(d * scale)
		finite = finite && isFinite(d)
		d = clip1(d, limit)
		m[i] = flush(FMA(beta1, m[i], float32(rest1*d)))
		v[i] = flush(FMA(beta2, v[i], float32(float32(rest2*d)*d)))
		w[i] = FMA(keep, w[i], -(float32(rate*m[i]) / FMA(sqrt(v[i]), root, eps)))
	}
	return finite
}

// sqrt is the float32 square root: that of a float32 in float64, rounded to float32, is the same.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// flush returns +0 for denormals and for -0.
func flush(x float32) float32 {
	if -0x1p-126 < x && x < 0x1p-126 {
		return 0
	}
	return x
}
