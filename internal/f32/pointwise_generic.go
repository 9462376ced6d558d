package f32

func addGeneric(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

func multiplyGeneric(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

func subtractGeneric(x []float32, a float32) {
	for i := range x {
		x[i] -= a
	}
}

func addRowsGeneric(dst, data []float32, rows, stride int) {
	for i := range rows {
		row := data[i*stride:][:len(dst)]
		for j, v := range row {
			dst[j] += v
		}
	}
}

func scaleGeneric(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

func addScaledGeneric(y []float32, a float32, x []float32) {
	for i, v := range x {
		y[i] = FMA(a, v, y[i])
	}
}

func interpolateGeneric(dst, from, to, share []float32) {
	for i, x := range from {
		dst[i] = FMA(to[i]-x, share[i], x)
	}
}

func interpolateCarryGeneric(dy, carry, share []float32) {
	for i, s := range share {
		d := carry[i] + dy[i]
		dy[i], carry[i] = d, FMA(-s, d, d)
	}
}

func interpolateSumsGeneric(shareSum, shareRow, toSum, toRow, dy, from, to, share []float32) {
	for i, s := range share {
		d := float32(dy[i]*(to[i]-from[i])) * FMA(-s, s, s)
		shareSum[i], shareRow[i] = shareSum[i]+float32(d), shareRow[i]+float32(d)
		d = dy[i] * s
		toSum[i], toRow[i] = toSum[i]+float32(d), toRow[i]+float32(d)
	}
}

func mulAddGeneric(y, a, b []float32) {
	for i, v := range a {
		y[i] = FMA(v, b[i], y[i])
	}
}

// clip1 lets NaN pass: both comparisons fail.
func clip1(v, limit float32) float32 {
	if v > limit {
		v = limit
	}
	if v < -limit {
		v = -limit
	}
	return v
}

// isFinite reports whether v is neither NaN nor an infinity. The assembly adds up v*0 instead, which is NaN for those.
func isFinite(v float32) bool { return v-v == 0 }

func mulAddsGeneric(y, start []float32, a, b [][]float32) {
	copy(y, start)
	for k := range a {
		mulAddGeneric(y, a[k], b[k])
	}
}
