package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// int8Product is the definition of MulInt8 for one element, in numbers of 64 bits.
func int8Product(c float32, x []float32, w []float32, accumulate bool) float32 {
	if !accumulate {
		c = 0
	}
	largest := 0.0
	for _, v := range x {
		largest = max(largest, math.Abs(float64(v))) // NaN if any is
	}
	m := float32(0)
	for _, v := range w {
		m = max(m, abs32(v))
	}
	scale, inverse := float32(largest)/127, 127/float32(largest)
	switch {
	case largest-largest != 0:
		return float32(math.NaN())
	case largest < 0x1p-100:
		scale, inverse = 0, 0
	}
	for k := 0; k < len(x); k += 512 {
		sum := int64(0)
		for i := k; i < min(k+512, len(x)); i++ {
			q := math.RoundToEven(float64(x[i]) * float64(inverse)) // exact in float64
			sum += int64(q) * int64(ToInt8(w[i], Int8Scale(m)))
		}
		c = FMA(float32(sum), scale*Int8Scale(m), c)
	}
	return c
}

func TestMulInt8(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 1))
		sizes := []sizes{{1, 1, 1}, {1, 64, 512}, {2, 65, 513}, {3, 16, 2}, {4, 17, 3}, {5, 80, 511}, {9, 130, 1100}, {1, 200, 1024}, {7, 15, 0}, {2, 0, 4}}
		for range 30 {
			sizes = append(sizes, sizeOf(rng))
		}
		for i, s := range sizes {
			make := ordinary
			if i%2 == 1 {
				make = odd
			}
			a, w := Mat(make(rng, s.m*s.k), s.m, s.k), Mat(ordinary(rng, s.k*s.n), s.k, s.n)
			for r := range s.m { // not all rows of odd numbers hold a NaN
				if r%3 == 1 {
					copy(a.Row(r), ordinary(rng, s.k))
				}
				if r%3 == 2 {
					clear(a.Row(r))
				}
				if r%6 == 5 && s.k > 0 { // so small that it counts as zero
					a.Row(r)[s.k/2] = 0x1p-101
				}
			}
			for j := range s.n {
				if j%5 == 4 { // a column of small weights
					for k := range s.k {
						w.Row(k)[j] *= 0x1p-110
					}
				}
			}
			transposed := Mat(Aligned(s.n*s.k), s.n, s.k)
			Transpose(transposed, w)
			straight, across := NewInt8(s.k, s.n), NewInt8(s.k, s.n)
			larger := Mat(slices.Repeat([]float32{1e3}, s.k*s.n), s.k, s.n) // which must leave nothing behind
			for i := range straight.Panels() {
				straight.PackPanel(larger, i)
				straight.PackPanel(w, i)
				across.PackTransposedPanel(transposed, i)
			}
			if !slices.Equal(straight.data, across.data) || !slices.Equal(straight.scale, across.scale) {
				t.Fatalf("%v: packed from the matrix and from its transpose differ", s)
			}
			c := Matrix{Data: ordinary(rng, s.m*(s.n+3)), Rows: s.m, Cols: s.n, Stride: s.n + 3}
			for _, accumulate := range []bool{false, true} {
				got := c
				got.Data = slices.Clone(c.Data)
				MulInt8(got, a, straight, accumulate)
				for r := range s.m {
					for j := range s.n + 3 {
						want := c.Data[min(r*c.Stride+j, len(c.Data)-1)]
						if j < s.n {
							want = int8Product(want, a.Row(r), transposed.Row(j), accumulate)
						}
						if have := got.Data[r*c.Stride+j]; !sameBits(have, want) {
							t.Fatalf("MulInt8 %v, accumulate %v: row %d, column %d is %v, want %v", s, accumulate, r, j, have, want)
						}
					}
				}
			}
		}
	})
}

// TestNarrowTurns: every other pass over the weights begins with the last panel.
func TestNarrowTurns(t *testing.T) {
	p := NewInt8(4, 130)
	for pass, want := range [][2]int{{0, 1}, {2, -1}, {0, 1}, {2, -1}} {
		if first, step := p.turn(); first != want[0] || step != want[1] {
			t.Errorf("pass %d begins with panel %d and goes on by %d, want %v", pass, first, step, want)
		}
	}
}

func sizeOf(rng *rand.Rand) sizes {
	return sizes{1 + rng.IntN(10), 1 + rng.IntN(150), 1 + rng.IntN(1200)}
}

// TestInt8Scale: numbers that are rounded already stay as they are, which lets a file, a network and its windows round
// anew.
func TestInt8Scale(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	for range 300000 {
		m := math.Float32frombits(uint32(rng.Uint64())&0x7fffffff%math.Float32bits(maxRounded-1) + 1)
		s := Int8Scale(m)
		if s == 0 {
			if m >= minRounded {
				t.Fatalf("Int8Scale(%v) = 0", m)
			}
			continue
		}
		if q := ToInt8(m, s); q != 127 {
			t.Fatalf("the largest weight, %v, is rounded to %d times %v", m, q, s)
		}
		if again := Int8Scale(127 * s); again != s {
			t.Fatalf("Int8Scale(%v) = %v, but that of the rounded weight %v is %v", m, s, 127*s, again)
		}
		q := int8(rng.IntN(255) - 127)
		v := float32(q) * s
		if float64(v) != float64(q)*float64(s) {
			t.Fatalf("%d times %v is not exact", q, s)
		}
		if again := ToInt8(v, s); again != q {
			t.Fatalf("ToInt8(%v, %v) = %d, want %d", v, s, again, q)
		}
		if w := (2*rng.Float32() - 1) * m; math.Abs(float64(w)-float64(ToInt8(w, s))*float64(s)) > float64(s)*0.5000001 {
			t.Fatalf("ToInt8(%v, %v) = %d is not the nearest", w, s, ToInt8(w, s))
		}
	}
}

func BenchmarkMulInt8(b *testing.B) {
	for _, k := range []int{128, 256, 512, 1024} {
		for _, m := range []int{1, 4, 64} {
			for _, n := range []int{4 * k, 65} {
				onEverySet(b, fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
					c, a, w := randomMatrix(m, n), randomMatrix(m, k), NewInt8(k, n)
					for i := range w.Panels() {
						w.PackPanel(randomMatrix(k, n), i)
					}
					report(b, sizes{m, n, k}, func() { MulInt8(c, a, w, false) })
				})
			}
		}
	}
}
