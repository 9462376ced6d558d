package f32

// RMSNorm adds h to x, unless h is nil, and sets y to the rows of x, n elements each, divided by their root mean square
// (Zhang and Sennrich 2019, without the gain):
//
//	x = x+h    inv = 1/Sqrt(SumSquares(x)/n + 1e-5)    y = inv*x
//
// each operation rounded on its own. inv has an element for each row. It panics if the lengths do not fit.
func RMSNorm(y, inv, x, h []float32, n int) {
	rows := cellRows("RMSNorm", n, len(y))
	sameLengths("RMSNorm", rows, len(inv), rows)
	sameLength("RMSNorm", len(y), len(x))
	if h != nil {
		sameLength("RMSNorm", len(y), len(h))
	}
	for rows > 0 {
		some := min(rows, pieceRows(n))
		if end := some * n; h == nil {
			rmsNorm(y[:end], inv[:some], x[:end], n)
		} else {
			addRMSNorm(y[:end], inv[:some], x[:end], h[:end], n)
			h = h[end:]
		}
		rows, y, inv, x = rows-some, y[some*n:], inv[some:], x[some*n:]
	}
}

// RMSNormGrad adds to dx the gradient of what RMSNorm read, given the gradient dy of its result y, and copies dx to dh:
//
//	c = dot(dy, y)/n    dx = FMA(inv, FMA(-c, y, dy), dx)    dh = dx
//
// for each row; dh may be dx. It panics if the lengths do not fit.
func RMSNormGrad(dx, dh, dy, y, inv []float32, n int) {
	rows := cellRows("RMSNormGrad", n, len(dx))
	sameLengths("RMSNormGrad", rows, len(inv), rows)
	cellLengths("RMSNormGrad", len(dx), len(dh), len(dy), len(y))
	for rows > 0 {
		some := min(rows, pieceRows(n))
		end := some * n
		rmsNormGrad(dx[:end], dh[:end], dy[:end], y[:end], inv[:some], n)
		rows, dx, dh, dy, y, inv = rows-some, dx[end:], dh[end:], dy[end:], y[end:], inv[some:]
	}
}
