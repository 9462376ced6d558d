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
		trials := 200
		if full {
			trials = 700
		}
		for range trials {
			checkProducts(t, rng, edge(rng, 50), edge(rng, 200), edge(rng, 70))
		}
	})
}

// Every tile of every kernel set has a loop of its own, and so has every way to end one.
func TestProductsOfEverySize(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for m := range 18 {
			columns := 100 // two panels
			if m <= fewRows {
				columns = 270 // the widest tile of one row, and more
			}
			for n := range columns {
				checkProducts(t, rng, m, n, rng.IntN(10))
			}
		}
		for k := range 20 {
			for m := range 10 {
				checkProducts(t, rng, m, 1+rng.IntN(64), k)
			}
		}
	})
}

// Long products are cut along every side.
func TestProductsAcrossBlocks(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, s := range []struct{ m, n, k int }{
			{150, 48, active.tiling().steps(150) + 1}, {9, 100, 2*active.tiling().steps(9) + 3}, {2, 300, 2 * active.tiling().steps(2)}, {1, 600, 3*active.tiling().steps(1) - 1}, {4, 530, 500}, {70, 17, longK},
			{70, 17, longK + 1}, {1100, 40, 40},
		} {
			checkProducts(t, rng, s.m, s.n, s.k)
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
	packTransposed(packedT, transposed(b))
	for _, p := range []struct {
		name string
		run  func(c Matrix)
	}{
		{"Mul", func(c Matrix) { Mul(c, a, b, accumulate) }},
		{"MulPacked", func(c Matrix) { MulPacked(c, a, packed, accumulate) }},
		{"MulPacked, again", func(c Matrix) { MulPacked(c, a, packed, accumulate) }}, // which may begin at the other end
		{"MulPacked, packed transposed", func(c Matrix) { MulPacked(c, a, packedT, accumulate) }},
		{"MulTransA", func(c Matrix) { MulTransA(c, transposed(a), b, 0, b.Rows, accumulate, nil) }},
		{"MulTransA, in two", func(c Matrix) {
			middle := b.Rows / 3
			MulTransA(c, transposed(a), b, 0, middle, accumulate, nil)
			MulTransA(c, transposed(a), b, middle, b.Rows, true, nil)
		}},
		{"MulTransA, packing", func(c Matrix) { MulTransA(c, transposed(a), b, 0, b.Rows, accumulate, NewPacked(longK, 64)) }},
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

func TestTransposeOfEverySize(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for m := range 50 {
			for n := range 50 {
				checkTranspose(t, rng, m, n)
			}
		}
		for range 100 {
			checkTranspose(t, rng, edge(rng, 200), edge(rng, 200))
		}
		checkTranspose(t, rng, 70, 2*blockWidth+20)
		checkTranspose(t, rng, 1030, 33)
	})
}

func checkTranspose(t *testing.T, rng *rand.Rand, m, n int) {
	t.Helper()
	src, dst := strided(rng, odd, m, n), strided(rng, odd, n, m)
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

// Packing also clears the padding, which in scratch space is not zero before.
func TestPackingCopiesAndPads(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		for n := range 130 {
			for _, k := range []int{0, 1, 2, 7, packRows + 1} {
				w, p := strided(rng, odd, k, n), NewPacked(k, n)
				copy(p.data, odd(rng, len(p.data)))
				p.Pack(w)
				for i := range p.Panels() {
					lo, hi := p.columns(i)
					for j, got := range p.panel(i) {
						row, col := j/(hi-lo), lo+j%(hi-lo)
						want := float32(0)
						if col < n {
							want = w.Data[row*w.Stride+col]
						}
						if !sameBits(got, want) {
							t.Fatalf("%v packed: row %d, column %d is %v, want %v", w, row, col, got, want)
						}
					}
				}
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

// Assembly checks no bounds, so the products must, also where the shapes agree.
func TestProductsLargerThanTheirDataPanic(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		whole := func() Matrix { return Mat(make([]float32, 20*20), 20, 20) }
		short := whole()
		short.Data = short.Data[:20*20-1]
		packed := NewPacked(20, 20)
		for name, call := range map[string]func(){
			"Mul, c":         func() { Mul(short, whole(), whole(), false) },
			"Mul, a":         func() { Mul(whole(), short, whole(), false) },
			"Mul, b":         func() { Mul(whole(), whole(), short, false) },
			"MulPacked, c":   func() { MulPacked(short, whole(), packed, true) },
			"MulPacked, a":   func() { MulPacked(whole(), short, packed, true) },
			"MulTransA, a":   func() { MulTransA(whole(), short, whole(), 0, short.Rows, false, nil) },
			"Pack":           func() { packed.Pack(short) },
			"Transpose, dst": func() { Transpose(short, whole()) },
			"Transpose, src": func() { Transpose(whole(), short) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic though its data is one element short", name)
					}
				}()
				call()
			}()
		}
	})
}

func TestProductsDoNotAllocate(t *testing.T) {
	c, a, b := Mat(make([]float32, 15*65), 15, 65), Mat(make([]float32, 15*128), 15, 128), Mat(make([]float32, 128*65), 128, 65)
	dw, p, scratch := Mat(make([]float32, 128*65), 128, 65), NewPacked(128, 65), NewPacked(longK, 64)
	long, bt := Mat(make([]float32, 300*128), 300, 128), Mat(make([]float32, 65*128), 65, 128)
	dl, small := Mat(make([]float32, 128*128), 128, 128), NewPacked(16, 8)
	eachSet(t, func(t *testing.T) {
		if n := testing.AllocsPerRun(5, func() {
			var x, y [128]float32 // must stay on the stack
			Mul(Mat(y[:65], 1, 65), Mat(x[:], 1, 128), b, false)
			Transpose(Mat(x[:], 8, 16), Mat(y[:], 16, 8))
			small.Pack(Mat(x[:], 16, 8))
			p.Pack(b)
			Mul(c, a, b, false)
			MulPacked(c, a, p, true)
			Transpose(bt, b)
			packTransposed(p, bt)
			MulTransA(dw, a, c, 0, a.Rows, false, scratch)
			MulTransA(dl, long, long, 0, long.Rows, false, scratch)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestPeakIsPlausible(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		if p := Peak(); p < 1e7 || p > 1e13 {
			t.Errorf("Peak() = %g operations per second", p)
		}
	})
}

// TestPrefetchCoversAll counts what tiles are told to prefetch: every block of large weights, or all that is needed after.
func TestPrefetchCoversAll(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, s := range []struct{ m, k, n int }{{8, 128, 512}, {32, 512, 128}, {64, 512, 2048}, {32, 2048, 512}, {30, 256, 1000}} {
			after := Prefetch{make([]float32, s.m*s.n), nil, make([]float32, s.m*s.k), make([]float32, 3)}
			b := NewPacked(s.k, s.n)
			var f prefetcher
			f.begin(&after, s.m, b)
			for i := range b.Panels() {
				lo, hi := b.columns(i)
				for k := 0; k < s.k; k += active.tiling().steps(s.m) {
					f.newBlock(0, s.m, min(active.tiling().steps(s.m), s.k-k), hi-lo)
					for left := tilesOf(s.m, hi-lo, min(active.tiling().steps(s.m), s.k-k)); left > 0; {
						left -= f.take(left)
					}
					if f.block.bytes > 0 || f.blocks != (s.k*s.n > active.tiling().cached) {
						t.Errorf("%+v, panel %d: blocks %v, %d bytes of the next block are not prefetched", s, i, f.blocks, f.block.bytes)
					}
				}
			}
			for i, rest := range f.after {
				if !f.blocks && rest.bytes > 0 {
					t.Errorf("%+v: of after[%d], %d of %d bytes are not prefetched", s, i, rest.bytes, 4*len(after[i]))
				}
			}
		}
	})
}

// TestPrefetchIsOnlyAHint compares products that prefetch something with those that do not, with small weights, which leave
// room for it, and large ones.
func TestPrefetchIsOnlyAHint(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(21, 22))
		for _, s := range []struct{ m, k, n, after int }{{1, 5, 7, 3}, {4, 16, 48, 0}, {9, 30, 100, 5000}, {33, 128, 512, 16384}, {5, 600, 230, 100}} {
			a, w := Mat(ordinary(rng, s.m*s.k), s.m, s.k), Mat(ordinary(rng, s.k*s.n), s.k, s.n)
			b := NewPacked(s.k, s.n)
			b.Pack(w)
			want, got := Mat(make([]float32, s.m*s.n), s.m, s.n), Mat(make([]float32, s.m*s.n), s.m, s.n)
			Mul(want, a, w, false)
			for _, after := range []Prefetch{{make([]float32, s.after)}, {1: make([]float32, s.after), 3: make([]float32, 2*s.after)}} {
				MulPackedPrefetch(got, a, b, false, after)
				if i := firstDifference(got.Data, want.Data); i >= 0 {
					t.Errorf("%+v: element %d is %v, want %v", s, i, got.Data[i], want.Data[i])
				}
			}
		}
	})
}

// packTransposed fills all panels of p with the transpose of w.
func packTransposed(p *Packed, w Matrix) {
	for i := range p.Panels() {
		p.PackTransposedPanel(w, i)
	}
}
