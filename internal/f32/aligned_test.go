package f32

import (
	"testing"
	"unsafe"
)

func TestAligned(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, hugePage/8 - 1, hugePage / 8, hugePage/2 + 1} {
		x := Aligned(n)
		if len(x) != n || cap(x) != n {
			t.Fatalf("Aligned(%d): length %d, capacity %d", n, len(x), cap(x))
		}
		if n == 0 {
			continue
		}
		if at := uintptr(unsafe.Pointer(&x[0])); at%cacheLine != 0 || n >= hugePage/8 && at%hugePage != 0 {
			t.Errorf("Aligned(%d) starts at %#x", n, at)
		}
		for i := range x {
			if x[i] != 0 {
				t.Fatalf("Aligned(%d): element %d is %v", n, i, x[i])
			}
			x[i] = 1 // all of it can be written
		}
	}
}
