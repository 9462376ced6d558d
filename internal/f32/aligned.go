package f32

import "unsafe"

// Aligned returns n zeroed floats that start at a multiple of 64 bytes: a cache line, and the widest vector.
func Aligned(n int) []float32 {
	x := make([]float32, n+15)
	skip := 0
	for uintptr(unsafe.Pointer(unsafe.SliceData(x[skip:])))%64 != 0 {
		skip++
	}
	return x[skip : skip+n : skip+n]
}
