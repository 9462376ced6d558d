package f32

import (
	"fmt"
	"math"
)

// The update rules take the gradient g as it came and clip each element to ±limit on the way (0 means no limit), which
// saves a pass and leaves g alone. They report whether all of g was finite before clipping, and update in any case: the
// caller stops with the weights it has, or goes back to a checkpoint.

// SGD sets w = FMA(-lr, g, w). It panics if the lengths differ.
func SGD(w, g []float32, lr, limit float32) (finite bool) {
	sameLength("SGD", len(w), len(g))
	limit, finite = orInf(limit), true
	for len(w) > piece {
		finite = SGD(w[:piece], g[:piece], lr, limit) && finite
		w, g = w[piece:], g[piece:]
	}
	switch active {
	case avx512:
		return sgdAVX512(w, g, lr, limit) && finite
	case avx2:
		return sgdAVX2(w, g, lr, limit) && finite
	default:
		return sgdGeneric(w, g, lr, limit) && finite
	}
}

// SGDOuter is SGD where element i*len(b)+j of the gradient is FMA(a[i], b[j], +0): the outer product of a and b, which is
// the gradient of a weight matrix over one row. It panics if w has another length than that product.
func SGDOuter(w, a, b []float32, lr, limit float32) (finite bool) {
	if len(w) != len(a)*len(b) {
		panic(fmt.Sprintf("f32: SGDOuter of %d by %d elements on %d", len(a), len(b), len(w)))
	}
	limit, finite = orInf(limit), true
	if len(w) == 0 {
		return true
	}
	for rows := max(1, piece/len(b)); len(a) > rows; { // from the end, as the assembly does
		rest := len(a) - rows
		finite = SGDOuter(w[rest*len(b):], a[rest:], b, lr, limit) && finite
		w, a = w[:rest*len(b)], a[:rest]
	}
	switch active {
	case avx512:
		return sgdOuterAVX512(w, a, b, lr, limit) && finite
	case avx2:
		return sgdOuterAVX2(w, a, b, lr, limit) && finite
	default:
		return sgdOuterGeneric(w, a, b, lr, limit) && finite
	}
}

// Momentum sets v = FMA(mu, v, g) and w = FMA(-lr, v, w): the heavy ball as PyTorch writes it, without dampening
// (Polyak 1964). It panics if the lengths differ.
func Momentum(w, v, g []float32, lr, mu, limit float32) (finite bool) {
	sameLengths("Momentum", len(w), len(v), len(g))
	limit, finite = orInf(limit), true
	for len(w) > piece {
		finite = Momentum(w[:piece], v[:piece], g[:piece], lr, mu, limit) && finite
		w, v, g = w[piece:], v[piece:], g[piece:]
	}
	switch active {
	case avx512:
		return momentumAVX512(w, v, g, lr, mu, limit) && finite
	case avx2:
		return momentumAVX2(w, v, g, lr, mu, limit) && finite
	default:
		return momentumGeneric(w, v, g, lr, mu, limit) && finite
	}
}

// Adagrad sets sum = FMA(g, g, sum) and w = w - (lr*g)/sqrt(sum+eps), each of the last four operations rounded on its
// own (Duchi, Hazan, Singer 2011). Where g is +0 and eps is not 0, neither sum nor w changes. It panics if the lengths
// differ.
func Adagrad(w, sum, g []float32, lr, eps, limit float32) (finite bool) {
	sameLengths("Adagrad", len(w), len(sum), len(g))
	limit, finite = orInf(limit), true
	for len(w) > piece {
		finite = Adagrad(w[:piece], sum[:piece], g[:piece], lr, eps, limit) && finite
		w, sum, g = w[piece:], sum[piece:], g[piece:]
	}
	switch active {
	case avx512:
		return adagradAVX512(w, sum, g, lr, eps, limit) && finite
	case avx2:
		return adagradAVX2(w, sum, g, lr, eps, limit) && finite
	default:
		return adagradGeneric(w, sum, g, lr, eps, limit) && finite
	}
}

// orInf replaces a limit of 0, which stands for none.
func orInf(limit float32) float32 {
	if limit == 0 {
		return float32(math.Inf(1))
	}
	return limit
}
