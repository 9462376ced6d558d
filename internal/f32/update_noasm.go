//go:build !amd64 || purego

package f32

// As in pointwise_noasm.go.

func sgdAVX2(w, g []float32, lr, scale, limit float32) bool {
	return sgdGeneric(w, g, lr, scale, limit)
}
func sgdOuterAVX2(w, a, b []float32, lr, limit float32) bool {
	return sgdOuterGeneric(w, a, b, lr, limit)
}
func momentumAVX2(w, v, g []float32, lr, mu, scale, limit float32) bool {
	return momentumGeneric(w, v, g, lr, mu, scale, limit)
}
func nesterovAVX2(w, v, g []float32, lr, mu, scale, limit float32) bool {
	return nesterovGeneric(w, v, g, lr, mu, scale, limit)
}
func adagradAVX2(w, sum, g []float32, lr, eps, scale, limit float32) bool {
	return adagradGeneric(w, sum, g, lr, eps, scale, limit)
}
func rmspropAVX2(w, s, g []float32, rate, alpha, rest, eps, scale, limit float32) bool {
	return rmspropGeneric(w, s, g, rate, alpha, rest, eps, scale, limit)
}
func rmspropMomentumAVX2(w, s, v, g []float32, rate, alpha, rest, eps, mu, scale, limit float32) bool {
	return rmspropMomentumGeneric(w, s, v, g, rate, alpha, rest, eps, mu, scale, limit)
}
func adamAVX2(w, m, v, g []float32, rate, root, keep, beta1, rest1, beta2, rest2, eps, scale, limit float32) bool {
	return adamGeneric(w, m, v, g, rate, root, keep, beta1, rest1, beta2, rest2, eps, scale, limit)
}
func averageAVX2(a, w []float32, share float32) { averageGeneric(a, w, share) }
func sgdAVX512(w, g []float32, lr, scale, limit float32) bool {
	return sgdGeneric(w, g, lr, scale, limit)
}
func sgdOuterAVX512(w, a, b []float32, lr, limit float32) bool {
	return sgdOuterGeneric(w, a, b, lr, limit)
}
func momentumAVX512(w, v, g []float32, lr, mu, scale, limit float32) bool {
	return momentumGeneric(w, v, g, lr, mu, scale, limit)
}
func nesterovAVX512(w, v, g []float32, lr, mu, scale, limit float32) bool {
	return nesterovGeneric(w, v, g, lr, mu, scale, limit)
}
func adagradAVX512(w, sum, g []float32, lr, eps, scale, limit float32) bool {
	return adagradGeneric(w, sum, g, lr, eps, scale, limit)
}
func rmspropAVX512(w, s, g []float32, rate, alpha, rest, eps, scale, limit float32) bool {
	return rmspropGeneric(w, s, g, rate, alpha, rest, eps, scale, limit)
}
func rmspropMomentumAVX512(w, s, v, g []float32, rate, alpha, rest, eps, mu, scale, limit float32) bool {
	return rmspropMomentumGeneric(w, s, v, g, rate, alpha, rest, eps, mu, scale, limit)
}
func adamAVX512(w, m, v, g []float32, rate, root, keep, beta1, rest1, beta2, rest2, eps, scale, limit float32) bool {
	return adamGeneric(w, m, v, g, rate, root, keep, beta1, rest1, beta2, rest2, eps, scale, limit)
}
func averageAVX512(a, w []float32, share float32) { averageGeneric(a, w, share) }
