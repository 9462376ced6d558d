package f32

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// paged returns room for n float32s that touches, at its end or its start, a page that must not be read or written.
func paged(t *testing.T, n int, atEnd bool) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no anonymous memory: %v", err)
	}
	t.Cleanup(func() { syscall.Munmap(m) })
	for _, forbidden := range [][]byte{m[:page], m[2*page:]} {
		if err := syscall.Mprotect(forbidden, syscall.PROT_NONE); err != nil {
			t.Skipf("pages cannot be closed: %v", err)
		}
	}
	x := unsafe.Slice((*float32)(unsafe.Pointer(&m[page])), page/4)
	if atEnd {
		return x[len(x)-n:]
	}
	return x[:n:n]
}

// A masked load may name addresses beyond the slice as long as it does not touch them.
func TestVectorsStayWithinTheirPages(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for _, atEnd := range []bool{false, true} {
			var room [][]float32
			for range mostSlices {
				room = append(room, paged(t, 80, atEnd))
			}
			for n := range 81 {
				for _, c := range vectorCases {
					v := make([][]float32, c.slices)
					for i := range v {
						if v[i] = room[i][:n:n]; atEnd {
							v[i] = room[i][80-n:]
						}
						copy(v[i], ordinary(rng, n))
					}
					c.call(v) // a stray access ends the test binary
				}
			}
		}
	})
}
