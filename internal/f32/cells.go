package f32

import "fmt"

// What recurrent cells do between their products, in one pass over memory. Vectors of rows lie without gaps: h is
// [rows x H], where H is the number of hidden units and a row one stream; z is [rows x G*H], where each row has its G gates
// side by side, H elements each, in PyTorch's order.

// LSTM takes the pre-activations z of the gates i, f, g, o, [rows x 4H], and the memory before, and sets
//
//	i, f, o = Sigmoid z    g = Tanh z    in the place of z
//	c = FMA(f, cPrev, i*g)    tanhC = Tanh c    h = o * tanhC
//
// (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000). It panics if the lengths do not fit.
func LSTM(z, c, cPrev, tanhC, h []float32, H int) {
	lstm(z, c, cPrev, tanhC, h, cellRows("LSTM", H, len(h)), H)
}

// LSTMGrad is the way back through LSTM. It takes the gates in z, the gradient dh of h and that part of the gradient of c,
// in dc, which comes from the time step after. It leaves the gradient of the pre-activations in z and that of cPrev in dc:
//
//	dc = FMA(dh*o, 1-tanhC^2, dc)
//	dz = (dc*g)*i(1-i), (dc*cPrev)*f(1-f), (dc*i)*(1-g^2), (dh*tanhC)*o(1-o)    dc = dc*f
//
// with the derivatives rounded as in SigmoidGrad and TanhGrad. It panics if the lengths do not fit.
func LSTMGrad(z, dc, dh, cPrev, tanhC []float32, H int) {
	lstmGrad(z, dc, dh, cPrev, tanhC, cellRows("LSTMGrad", H, len(dh)), H)
}

// GRU takes what inputs, in z, and recurrence, in u, contribute to the gates r, z, n, both [rows x 3H], a bias of H that is
// still to be added to u of n, and the output before, and sets
//
//	u = u + bias    in n
//	r, z = Sigmoid(z + u)    n = Tanh(FMA(r, u, z))    in the place of z
//	h = FMA(z, hPrev-n, n)
//
// (Cho and others 2014, in the form whose reset gate follows the product with the weights.) It panics if the lengths do not
// fit.
func GRU(z, u, bias, hPrev, h []float32, H int) {
	sameLength("GRU", H, len(bias))
	gru(z, u, bias, hPrev, h, cellRows("GRU", H, len(h)), H)
}

// GRUGrad is the way back through GRU. It takes z and u as GRU left them, and the gradient of h in two parts, dh and dy,
// which it adds. It leaves in z the gradient of what the inputs contribute, in u of what the recurrence contributes, and in
// dh that of hPrev by the direct way:
//
//	dh = dh+dy    dn = FMA(-z, dh, dh)*(1-n^2)    dz = (dh*(hPrev-n))*z(1-z)    dr = (dn*u)*r(1-r)
//	z = dr, dz, dn    u = dr, dz, dn*r    dh = dh*z
//
// with the derivatives rounded as in SigmoidGrad and TanhGrad. It panics if the lengths do not fit.
func GRUGrad(z, u, dh, dy, hPrev []float32, H int) {
	gruGrad(z, u, dh, dy, hPrev, cellRows("GRUGrad", H, len(dh)), H)
}

// MinGRU takes what inputs contribute to the gates z and n, [rows x 2H], and the output before, and sets
//
//	z = Sigmoid z, in its place    h = FMA(n-hPrev, z, hPrev)
//
// (Feng and others 2024, "Were RNNs all we needed?") It panics if the lengths do not fit.
func MinGRU(z, hPrev, h []float32, H int) {
	minGRU(z, hPrev, h, cellRows("MinGRU", H, len(h)), H)
}

// MinGRUGrad is the way back through MinGRU. It takes z as MinGRU left it and the gradient of h in two parts, dh and dy,
// which it adds. It leaves in z the gradient of what the inputs contribute and in dh that of hPrev:
//
//	dh = dh+dy    z = (dh*(n-hPrev))*z(1-z), dh*z    dh = FMA(-z, dh, dh)
//
// with the derivative rounded as in SigmoidGrad. It panics if the lengths do not fit.
func MinGRUGrad(z, dh, dy, hPrev []float32, H int) {
	minGRUGrad(z, dh, dy, hPrev, cellRows("MinGRUGrad", H, len(dh)), H)
}

// cellPiece is the most hidden units that one call of assembly works on: at 2 ns each, some 30 microseconds.
const cellPiece = 1 << 14

// cellRows returns how many rows of H make n elements.
func cellRows(name string, H, n int) int {
	if H < 1 || H > piece || n%H != 0 {
		panic(fmt.Sprintf("f32: %s of %d elements in rows of %d", name, n, H))
	}
	return n / H
}
