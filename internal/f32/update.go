package f32

import (
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// The update rules take the gradient g as it came: each element is multiplied by scale (1 leaves it as it is) and then
// clipped to ±limit (0 means no limit) on the way, which saves two passes and leaves g alone. They report whether all of
// g*scale was finite before clipping, and update in any case: the caller stops with the weights it has, or goes back to a
// checkpoint. All panic if the lengths differ.

// SGD sets w = FMA(-lr, g, w).
func SGD(w, g []float32, lr, scale, limit float32) (finite bool) {
	return sgd(w, g, lr, scale, orInf(limit))
}

// SGDOuter is SGD where element i*len(b)+j of the gradient is FMA(a[i], b[j], +0): the outer product of a and b, which is
// the gradient of a weight matrix over one row, and there is no scale: one more product takes a tenth longer on AVX2. It
// panics if w has another length than that product.
func SGDOuter(w, a, b []float32, lr, limit float32) (finite bool) {
	fastpath.Took(fastpath.OuterUpdate)
	if len(w) != len(a)*len(b) {
		panic(fmt.Sprintf("f32: SGDOuter of %d by %d elements on %d", len(a), len(b), len(w)))
	}
	limit, finite = orInf(limit), true
	if len(w) == 0 {
		return true
	}
	for rows := max(1, piece/len(b)); len(a) > rows; { // from the end, as the assembly does
		rest := len(a) - rows
		finite = sgdOuter(w[rest*len(b):], a[rest:], b, lr, limit) && finite
		w, a = w[:rest*len(b)], a[:rest]
	}
	return sgdOuter(w, a, b, lr, limit) && finite
}

// Momentum sets v = FMA(mu, v, g) and w = FMA(-lr, v, w): the heavy ball as PyTorch writes it, without dampening
// (Polyak 1964).
func Momentum(w, v, g []float32, lr, mu, scale, limit float32) (finite bool) {
	return momentum(w, v, g, lr, mu, scale, orInf(limit))
}

// Nesterov sets v = FMA(mu, v, g) and w = FMA(-lr, FMA(mu, v, g), w): Nesterov's momentum as PyTorch writes it
// (Sutskever, Martens, Dahl, Hinton 2013), where the gradient is taken at w itself.
func Nesterov(w, v, g []float32, lr, mu, scale, limit float32) (finite bool) {
	return nesterov(w, v, g, lr, mu, scale, orInf(limit))
}

// Average moves a towards w: a = FMA(share, w-a, a), a running mean of the weights in which the newest count for share.
// Where w equals a nothing changes. It panics if the lengths differ.
func Average(a, w []float32, share float32) { average(a, w, share) }

// orInf replaces a limit of 0, which stands for none.
func orInf(limit float32) float32 {
	if limit == 0 {
		return float32(math.Inf(1))
	}
	return limit
}
