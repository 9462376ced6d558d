//go:build !amd64 || purego

package f32

// The sets whose products are written by hand, which are none of those that run here.
const (
	avx512 kernelSet = -1
	avx2   kernelSet = -2
)
