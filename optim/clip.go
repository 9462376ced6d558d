package optim

// ClipByNorm returns the factor that scales a gradient of the given L2 norm down to limit (Pascanu, Mikolov, Bengio 2013,
// algorithm 1): 1 where the norm is within the limit, or the limit is 0, which means none.
func ClipByNorm(norm, limit float32) float32 {
	if limit == 0 || !(norm > limit) {
		return 1
	}
	return limit / norm
}
