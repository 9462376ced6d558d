//go:build !amd64 || purego

package f32

// Without assembly available lists plain Go alone, and none of these is ever called.

func tilesAVX512(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride, kStride int, b *float32, bStride, k, last, masked int, accumulate bool, next uintptr, nextTile int) {
}
func tilesPackedAVX512(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride int, b *float32, bStride, k, last int, accumulate bool, next uintptr, nextTile int) {
}
func tilesAVX2(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride, kStride int, b *float32, bStride, k, last, masked int, accumulate bool, next uintptr, nextTile int) {
}
func tilesPackedAVX2(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride int, b *float32, bStride, k, last int, accumulate bool, next uintptr, nextTile int) {
}
func packPanelAVX512(dst, src *float32, rows, stride, vectors, last int)                     {}
func packPanelAVX2(dst, src *float32, rows, stride, vectors, last int)                       {}
func transpose16AVX512(dst *float32, dstStride int, src *float32, srcStride, high, wide int) {}
func transpose8AVX2(dst *float32, dstStride int, src *float32, srcStride, high, wide int)    {}
func peakAVX512(n int)                                                                       {}
func peakAVX2(n int)                                                                         {}
