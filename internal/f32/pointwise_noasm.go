//go:build !amd64 || purego

package f32

// The switches over kernel sets name these functions. In a build without assembly they are never called: available then
// lists plain Go alone.

func log1AVX2(x float32) float32                        { return log1(x) }
func sigmoidAVX2(dst, x []float32)                      { sigmoidGeneric(dst, x) }
func tanhAVX2(dst, x []float32)                         { tanhGeneric(dst, x) }
func reluAVX2(dst, x []float32)                         { reluGeneric(dst, x) }
func sigmoidGradAVX2(dz, dy, y []float32)               { sigmoidGradGeneric(dz, dy, y) }
func tanhGradAVX2(dz, dy, y []float32)                  { tanhGradGeneric(dz, dy, y) }
func reluGradAVX2(dz, dy, y []float32)                  { reluGradGeneric(dz, dy, y) }
func addAVX2(dst, a, b []float32)                       { addGeneric(dst, a, b) }
func addRowsAVX2(dst, data []float32, rows, stride int) { addRowsGeneric(dst, data, rows, stride) }
func multiplyAVX2(dst, a, b []float32)                  { multiplyGeneric(dst, a, b) }
func subtractAVX2(x []float32, a float32)               { subtractGeneric(x, a) }
func scaleAVX2(x []float32, s float32)                  { scaleGeneric(x, s) }
func addScaledAVX2(y []float32, a float32, x []float32) { addScaledGeneric(y, a, x) }
func mulAddAVX2(y, a, b []float32)                      { mulAddGeneric(y, a, b) }
func sumAVX2(x []float32, l *lanes) float32             { return sumGeneric(x, l) }
func sumSquaresAVX2(x []float32, l *lanes) float32      { return sumSquaresGeneric(x, l) }
func dotAVX2(a, b []float32, l *lanes) float32          { return dotGeneric(a, b, l) }
func maxAVX2(x []float32, l *lanes) float32             { return maxGeneric(x, l) }
func softmaxAVX2(dst, x []float32, scale float32) (m, sum float32) {
	return softmaxGeneric(dst, x, scale)
}
func expStoreSumAVX2(dst, x []float32, m float32, l *lanes) float32 {
	return expStoreSumGeneric(dst, x, m, l)
}
func maxExpSumAVX2(x []float32) (m, sum float32)          { return maxExpSumGeneric(x) }
func expSumAVX2(x []float32, m float32, l *lanes) float32 { return expSumGeneric(x, m, l) }
func log1AVX512(x float32) float32                        { return log1(x) }
func sigmoidAVX512(dst, x []float32)                      { sigmoidGeneric(dst, x) }
func tanhAVX512(dst, x []float32)                         { tanhGeneric(dst, x) }
func reluAVX512(dst, x []float32)                         { reluGeneric(dst, x) }
func sigmoidGradAVX512(dz, dy, y []float32)               { sigmoidGradGeneric(dz, dy, y) }
func tanhGradAVX512(dz, dy, y []float32)                  { tanhGradGeneric(dz, dy, y) }
func reluGradAVX512(dz, dy, y []float32)                  { reluGradGeneric(dz, dy, y) }
func addAVX512(dst, a, b []float32)                       { addGeneric(dst, a, b) }
func addRowsAVX512(dst, data []float32, rows, stride int) { addRowsGeneric(dst, data, rows, stride) }
func multiplyAVX512(dst, a, b []float32)                  { multiplyGeneric(dst, a, b) }
func subtractAVX512(x []float32, a float32)               { subtractGeneric(x, a) }
func scaleAVX512(x []float32, s float32)                  { scaleGeneric(x, s) }
func addScaledAVX512(y []float32, a float32, x []float32) { addScaledGeneric(y, a, x) }
func mulAddAVX512(y, a, b []float32)                      { mulAddGeneric(y, a, b) }
func sumAVX512(x []float32, l *lanes) float32             { return sumGeneric(x, l) }
func sumSquaresAVX512(x []float32, l *lanes) float32      { return sumSquaresGeneric(x, l) }
func dotAVX512(a, b []float32, l *lanes) float32          { return dotGeneric(a, b, l) }
func maxAVX512(x []float32, l *lanes) float32             { return maxGeneric(x, l) }
func softmaxAVX512(dst, x []float32, scale float32) (m, sum float32) {
	return softmaxGeneric(dst, x, scale)
}
func expStoreSumAVX512(dst, x []float32, m float32, l *lanes) float32 {
	return expStoreSumGeneric(dst, x, m, l)
}
func maxExpSumAVX512(x []float32) (m, sum float32)          { return maxExpSumGeneric(x) }
func expSumAVX512(x []float32, m float32, l *lanes) float32 { return expSumGeneric(x, m, l) }
func rmsNormAVX2(y, inv, x []float32, n int)                { rmsNormGeneric(y, inv, x, n) }
func addRMSNormAVX2(y, inv, x, h []float32, n int)          { addRMSNormGeneric(y, inv, x, h, n) }
func rmsNormGradAVX2(dx, dh, dy, y, inv []float32, n int)   { rmsNormGradGeneric(dx, dh, dy, y, inv, n) }
func dropoutAVX2(dst, x []float32, drawn []byte, zeros uint32, keep float32) {
	dropoutGeneric(dst, x, drawn, zeros, keep)
}
func rmsNormAVX512(y, inv, x []float32, n int)       { rmsNormGeneric(y, inv, x, n) }
func addRMSNormAVX512(y, inv, x, h []float32, n int) { addRMSNormGeneric(y, inv, x, h, n) }
func rmsNormGradAVX512(dx, dh, dy, y, inv []float32, n int) {
	rmsNormGradGeneric(dx, dh, dy, y, inv, n)
}
func dropoutAVX512(dst, x []float32, drawn []byte, zeros uint32, keep float32) {
	dropoutGeneric(dst, x, drawn, zeros, keep)
}
func mulAddsAVX2(y, start []float32, a, b [][]float32)   { mulAddsGeneric(y, start, a, b) }
func mulAddsAVX512(y, start []float32, a, b [][]float32) { mulAddsGeneric(y, start, a, b) }
