package f32

// Multiply sets dst = a*b, element by element, each product rounded once. It is plain Go on every kernel set, for what is
// small beside the matrix products next to it. It panics if the lengths differ.
func Multiply(dst, a, b []float32) {
	sameLengths("Multiply", len(dst), len(a), len(b))
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}
