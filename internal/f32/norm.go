package f32

// RMSNorm adds h to x, unless h is nil, and sets y to the rows of x, n elements each, divided by their root mean square
// (Zhang and Sennrich 2019, without the gain):
//
//	x = x+h    inv = 1/Sqrt(SumSquares(x)/n + 1e-5)    y = inv*x
//
// each operation rounded on its own. inv has an element for each row. It panics if the lengths do not fit.
func RMSNorm(y, inv, x, h []float32, n int) {
	rows := cellRows("RMSNorm", n, len(y))
	if h == nil {
		rmsNorm(y, inv, x, rows, n)
	} else {
		addRMSNorm(y, inv, x, h, rows, n)
	}
}

// RMSNormGrad adds to dx the gradient of what RMSNorm read, given the gradient dy of its result y, and copies dx to dh:
//
//	c = dot(dy, y)/n    dx = FMA(inv, FMA(-c, y, dy), dx)    dh = dx
//
// for each row; dh may be dx. It panics if the lengths do not fit.
func RMSNormGrad(dx, dh, dy, y, inv []float32, n int) {
	rmsNormGrad(dx, dh, dy, y, inv, cellRows("RMSNormGrad", n, len(dx)), n)
}
