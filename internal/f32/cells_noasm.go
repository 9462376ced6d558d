//go:build !amd64 || purego

package f32

func lstmAVX2(z, c, cPrev, tanhC, h []float32, rows, H int) {
	lstmGeneric(z, c, cPrev, tanhC, h, rows, H)
}
func lstmGradAVX2(z, dc, dh, cPrev, tanhC []float32, rows, H int) {
	lstmGradGeneric(z, dc, dh, cPrev, tanhC, rows, H)
}
func gruAVX2(z, u, bias, hPrev, h []float32, rows, H int) { gruGeneric(z, u, bias, hPrev, h, rows, H) }
func gruGradAVX2(z, u, dh, dy, hPrev []float32, rows, H int) {
	gruGradGeneric(z, u, dh, dy, hPrev, rows, H)
}
func lstmAVX512(z, c, cPrev, tanhC, h []float32, rows, H int) {
	lstmGeneric(z, c, cPrev, tanhC, h, rows, H)
}
func lstmGradAVX512(z, dc, dh, cPrev, tanhC []float32, rows, H int) {
	lstmGradGeneric(z, dc, dh, cPrev, tanhC, rows, H)
}
func gruAVX512(z, u, bias, hPrev, h []float32, rows, H int) {
	gruGeneric(z, u, bias, hPrev, h, rows, H)
}
func gruGradAVX512(z, u, dh, dy, hPrev []float32, rows, H int) {
	gruGradGeneric(z, u, dh, dy, hPrev, rows, H)
}
func minGRUAVX2(z, hPrev, h []float32, rows, H int) { minGRUGeneric(z, hPrev, h, rows, H) }
func minGRUGradAVX2(z, dh, dy, hPrev []float32, rows, H int) {
	minGRUGradGeneric(z, dh, dy, hPrev, rows, H)
}
func minGRUAVX512(z, hPrev, h []float32, rows, H int) { minGRUGeneric(z, hPrev, h, rows, H) }
func minGRUGradAVX512(z, dh, dy, hPrev []float32, rows, H int) {
	minGRUGradGeneric(z, dh, dy, hPrev, rows, H)
}
