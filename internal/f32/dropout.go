package f32

import "fmt"

// Dropout sets dst[i] = x[i] times keep, or times 0 where drawn[i] is below zeros: dropout. dst may be x. It panics if the
// lengths differ, or if drawn, which is read in groups of 16, does not have as many bytes as the groups of x.
func Dropout(dst, x []float32, drawn []byte, zeros int, keep float32) {
	sameLength("Dropout", len(dst), len(x))
	if len(drawn) < roundUp16(len(x)) {
		panic(fmt.Sprintf("f32: Dropout of %d elements with %d bytes", len(x), len(drawn)))
	}
	dropout(dst, x, drawn, uint32(zeros), keep)
}

func dropoutGeneric(dst, x []float32, drawn []byte, zeros uint32, keep float32) {
	for i, v := range x {
		factor := keep
		if uint32(drawn[i]) < zeros {
			factor = 0
		}
		dst[i] = v * factor
	}
}
