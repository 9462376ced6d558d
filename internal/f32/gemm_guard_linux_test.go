package f32

import (
	"math/rand/v2"
	"testing"
)

// thin is the step from one number of columns to the next: at less than full size some of the many are left out.
func thin(n int) int {
	if full {
		return 1
	}
	return 1 + n/24
}

// Tiles are masked at the right and end at the bottom: neither may touch what lies before or behind a matrix.
func TestProductsStayWithinTheirPages(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, atEnd := range []bool{false, true} {
			matrix := func() func(rows, cols int) Matrix {
				page := paged(t, 1024, atEnd)
				return func(rows, cols int) Matrix {
					m := Matrix{Data: page[:rows*cols], Rows: rows, Cols: cols, Stride: cols}
					if atEnd {
						m.Data = page[len(page)-rows*cols:]
					}
					copy(m.Data, ordinary(rng, rows*cols))
					return m
				}
			}
			a, b, c, room, turned := matrix(), matrix(), matrix(), matrix(), matrix()
			for _, k := range []int{1, 2, 3, 4, 5, 7} { // a stray access ends the test binary
				for n := 1; n <= 1024/max(k, 8); n += thin(n) {
					for m := 1; m*n <= 1024 && m <= 17; m += 1 + m/9 {
						a, b, c := a(m, k), b(k, n), c(m, n)
						packed := &Packed{k: k, n: n, panels: newPanels(n), data: room(1, min(1024, k*roundUp16(n))).Data}
						Mul(c, a, b, n%2 == 0)
						at := turned(k, m)
						Transpose(at, a)
						MulTransA(c, at, b, 0, b.Rows, n%2 == 1, nil)
						if k*roundUp16(n) > 1024 {
							continue
						}
						packed.Pack(b)
						MulPacked(c, a, packed, true)
						bt := turned(n, k)
						Transpose(bt, b)
						packTransposed(packed, bt)
					}
				}
			}
			for m := 1; m <= 64; m++ {
				for n := 1; n <= 64 && m*n <= 1024; n++ {
					Transpose(a(n, m), b(m, n))
				}
			}
		}
	})
}
