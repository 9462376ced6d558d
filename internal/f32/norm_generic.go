package f32

import "math"

// normEpsilon keeps RMSNorm from dividing by zero.
const normEpsilon = 1e-5

func rmsNormGeneric(y, inv, x []float32, rows, n int) {
	for r := range rows {
		y, x := y[r*n:][:n], x[r*n:][:n]
		mean := sumSquaresLanesGeneric(x, nil)/float32(n) + normEpsilon
		inv[r] = 1 / float32(math.Sqrt(float64(mean))) // the root of a float32 in float64, rounded, is the rounded root
		for i := range y {
			y[i] = x[i] * inv[r]
		}
	}
}

func addRMSNormGeneric(y, inv, x, h []float32, rows, n int) {
	addGeneric(x, x, h)
	rmsNormGeneric(y, inv, x, rows, n)
}

func rmsNormGradGeneric(dx, dh, dy, y, inv []float32, rows, n int) {
	for r := range rows {
		dx, dh, dy, y := dx[r*n:][:n], dh[r*n:][:n], dy[r*n:][:n], y[r*n:][:n]
		c := dotLanesGeneric(dy, y, nil) / float32(n)
		for i := range dx {
			dx[i] = FMA(inv[r], FMA(-c, y[i], dy[i]), dx[i])
			dh[i] = dx[i]
		}
	}
}
