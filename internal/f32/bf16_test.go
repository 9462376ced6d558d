package f32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestBF16(t *testing.T) {
	for _, tt := range []struct {
		name string
		x    float32
		want uint16
	}{
		{"exact", 1.5, 0x3fc0}, {"negative", -1.5, 0xbfc0}, {"zero", 0, 0}, {"-0", float32(math.Copysign(0, -1)), 0x8000},
		{"a tie to even, down", math.Float32frombits(0x3f808000), 0x3f80}, {"a tie to even, up", math.Float32frombits(0x3f818000), 0x3f82},
		{"above a tie", math.Float32frombits(0x3f808001), 0x3f81}, {"into the next power", math.Float32frombits(0x3fffffff), 0x4000},
		{"denormal", 0x1p-140, 0}, {"denormal that stays", 0x1p-130, 0x0008},
	} {
		if got := ToBF16(tt.x); got != tt.want {
			t.Errorf("%s: ToBF16(%v) = %#x, want %#x", tt.name, tt.x, got, tt.want)
		}
	}
	for b := range 1 << 16 {
		if x := FromBF16(uint16(b)); CanRound([]float32{x}) && ToBF16(x) != uint16(b) {
			t.Fatalf("ToBF16(FromBF16(%#x)) = %#x", b, ToBF16(x))
		}
	}
}

func TestCanRound(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, x := range []float32{maxRounded, -maxRounded, inf, -inf, float32(math.NaN())} {
		if CanRound([]float32{1, x}) {
			t.Errorf("CanRound(%v) = true", x)
		}
	}
	if below := math.Nextafter32(maxRounded, 0); !CanRound([]float32{below, -below, 0}) {
		t.Errorf("CanRound(%v) = false", below)
	}
}

// TestMulBF16 compares a row's product with that of float32 on the same numbers.
func TestMulBF16(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(16, 1))
		sizes := []sizes{{1, 1, 1}, {1, 64, 512}, {1, 65, 513}, {1, 32, 2}, {1, 31, 3}, {1, 97, 511}, {1, 70, 2*bf16K + 3}, {1, 200, 0}, {1, 0, 4}}
		for range 30 {
			s := sizeOf(rng)
			s.m = 1
			sizes = append(sizes, s)
		}
		for i, s := range sizes {
			make := ordinary
			if i%2 == 1 {
				make = odd
			}
			a, w := Mat(make(rng, s.k), 1, s.k), Mat(ordinary(rng, s.k*s.n), s.k, s.n)
			for i, v := range w.Data {
				w.Data[i] = FromBF16(ToBF16(v))
			}
			transposed := Mat(Aligned(s.n*s.k), s.n, s.k)
			Transpose(transposed, w)
			straight, across := NewBF16(s.k, s.n), NewBF16(s.k, s.n)
			for i := range straight.Panels() {
				straight.PackPanel(w, i)
				across.PackTransposedPanel(transposed, i)
			}
			if !slices.Equal(straight.data, across.data) {
				t.Fatalf("%v: packed from the matrix and from its transpose differ", s)
			}
			for _, accumulate := range []bool{false, true} {
				got := ordinary(rng, s.n+3)
				want := slices.Clone(got)
				MulBF16(Mat(got[:s.n], 1, s.n), a, straight, accumulate)
				Mul(Mat(want[:s.n], 1, s.n), a, w, accumulate)
				for j := range got {
					if !sameBits(got[j], want[j]) {
						t.Fatalf("MulBF16 %v, accumulate %v: column %d is %v, want %v", s, accumulate, j, got[j], want[j])
					}
				}
			}
		}
	})
}

func BenchmarkMulBF16(b *testing.B) {
	for _, k := range []int{128, 256, 512, 1024} {
		for _, n := range []int{4 * k, 65} {
			onEverySet(b, fmt.Sprintf("1x%dx%d", n, k), func(b *testing.B) {
				c, a, w := randomMatrix(1, n), randomMatrix(1, k), NewBF16(k, n)
				for i := range w.Panels() {
					w.PackPanel(randomMatrix(k, n), i)
				}
				report(b, sizes{1, n, k}, func() { MulBF16(c, a, w, false) })
			})
		}
	}
}
