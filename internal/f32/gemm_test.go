package f32

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// chain is the definition of a product: one chain of fused multiply-adds for each element.
func chain(c, a, b Matrix, accumulate bool) {
	for i := range c.Rows {
		for j := range c.Cols {
			s := float32(0)
			if accumulate {
				s = c.Data[i*c.Stride+j]
			}
			for k := range a.Cols {
				s = FMA(a.Data[i*a.Stride+k], b.Data[k*b.Stride+j], s)
			}
			c.Data[i*c.Stride+j] = s
		}
	}
}

// strided returns a matrix of the given numbers with a gap of junk after each row and a guard after the last.
func strided(rng *rand.Rand, fill func(*rand.Rand, int) []float32, rows, cols int) Matrix {
	gap := rng.IntN(3) * rng.IntN(20)
	return Matrix{Data: fill(rng, rows*(cols+gap)+70), Rows: rows, Cols: cols, Stride: cols + gap}
}

func transposed(m Matrix) Matrix {
	t := Mat(make([]float32, m.Rows*m.Cols), m.Cols, m.Rows)
	for i := range m.Rows {
		for j := range m.Cols {
			t.Data[j*t.Stride+i] = m.Data[i*m.Stride+j]
		}
	}
	return t
}

// edge draws a size, most often close to the sizes of vectors, tiles and panels.
func edge(rng *rand.Rand, limit int) int {
	near := []int{1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 65, 80, 96, 128, 192, 256}
	n := near[rng.IntN(len(near))] + rng.IntN(3) - 1
	if rng.IntN(4) == 0 {
		n = rng.IntN(limit + 1)
	}
	return min(n, limit)
}

// TestProductsAreChains compares every product on every set with the definition, the guard and the gaps included.
func TestProductsAreChains(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for trial := range 1500 {
			m, n, k := edge(rng, 50), edge(rng, 200), edge(rng, 70)
			if trial%100 == 0 {
				m, n, k = edge(rng, 20), edge(rng, 100), 200+rng.IntN(400)
			}
			checkProducts(t, rng, m, n, k)
		}
	})
}

func checkProducts(t *testing.T, rng *rand.Rand, m, n, k int) {
	t.Helper()
	fill := odd
	if rng.IntN(2) == 0 {
		fill = ordinary // with odd numbers most long chains end as NaN
	}
	accumulate := rng.IntN(2) == 0
	a, b, c := strided(rng, fill, m, k), strided(rng, fill, k, n), strided(rng, fill, m, n)
	want := c
	want.Data = slices.Clone(c.Data)
	chain(want, a, b, accumulate)

	packed, packedT := NewPacked(k, n), NewPacked(k, n)
	packed.Pack(b)
	packedT.PackTransposed(transposed(b))
	for _, p := range []struct {
		name string
		run  func(c Matrix)
	}{
		{"Mul", func(c Matrix) { Mul(c, a, b, accumulate) }},
		{"MulPacked", func(c Matrix) { MulPacked(c, a, packed, accumulate) }},
		{"MulPacked, packed transposed", func(c Matrix) { MulPacked(c, a, packedT, accumulate) }},
		{"MulTransA", func(c Matrix) { MulTransA(c, transposed(a), b, accumulate, nil) }},
		{"MulTransA, packing", func(c Matrix) { MulTransA(c, transposed(a), b, accumulate, NewPacked(longK, panelWidth)) }},
	} {
		got := c
		got.Data = slices.Clone(c.Data)
		p.run(got)
		if i := firstDifference(got.Data, want.Data); i >= 0 {
			t.Fatalf("%s of [%d x %d] and [%d x %d], accumulate %v: element %d (row %d) is %v, want %v",
				p.name, m, k, k, n, accumulate, i, i/c.Stride, got.Data[i], want.Data[i])
		}
	}
}

func TestTransposeOfEdges(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for range 500 {
			src := strided(rng, odd, edge(rng, 200), edge(rng, 200))
			dst := strided(rng, odd, src.Cols, src.Rows)
			want := slices.Clone(dst.Data)
			for i := range src.Rows {
				for j := range src.Cols {
					want[j*dst.Stride+i] = src.Data[i*src.Stride+j]
				}
			}
			Transpose(dst, src)
			if i := firstDifference(dst.Data, want); i >= 0 {
				t.Fatalf("transpose of %v: element %d is %v, want %v", src, i, dst.Data[i], want[i])
			}
		}
	})
}

func TestProductsOfWrongShapesPanic(t *testing.T) {
	defer func() {
		if got, want := fmt.Sprint(recover()), "f32: Mul of [2 x 3] and [4 x 5] into [2 x 5]"; got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	m := func(rows, cols int) Matrix { return Mat(make([]float32, rows*cols), rows, cols) }
	Mul(m(2, 5), m(2, 3), m(4, 5), false)
}

func TestProductsDoNotAllocate(t *testing.T) {
	c, a, b := Mat(make([]float32, 15*65), 15, 65), Mat(make([]float32, 15*128), 15, 128), Mat(make([]float32, 128*65), 128, 65)
	dw, p, scratch := Mat(make([]float32, 128*65), 128, 65), NewPacked(128, 65), NewPacked(longK, panelWidth)
	if n := testing.AllocsPerRun(10, func() {
		p.Pack(b)
		Mul(c, a, b, false)
		MulPacked(c, a, p, true)
		MulTransA(dw, a, c, false, scratch)
	}); n != 0 {
		t.Errorf("products allocate %v times", n)
	}
}
