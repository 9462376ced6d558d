package f32

import (
	"math"
	"math/rand/v2"
	"testing"
)

// inSixteenLanes is the order of a reduction written out: element i goes to lane i mod 16, then the lanes are paired.
func inSixteenLanes(x []float32, start float32, step, join func(lane, v float32) float32) float32 {
	var l [16]float32
	for lane := range l {
		l[lane] = start
		for i := lane; i < len(x); i += 16 {
			l[lane] = step(l[lane], x[i])
		}
	}
	a0, a1, a2, a3 := join(l[0], l[8]), join(l[1], l[9]), join(l[2], l[10]), join(l[3], l[11])
	a4, a5, a6, a7 := join(l[4], l[12]), join(l[5], l[13]), join(l[6], l[14]), join(l[7], l[15])
	b0, b1, b2, b3 := join(a0, a4), join(a1, a5), join(a2, a6), join(a3, a7)
	return join(join(b0, b2), join(b1, b3))
}

func TestReductionsRunInSixteenLanes(t *testing.T) {
	plus := func(lane, v float32) float32 { return lane + v }
	greater := func(lane, v float32) float32 {
		if v > lane {
			return v
		}
		return lane
	}
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, n := range append(lengths(), 3*piece, 3*piece+17) {
			x, y, products := ordinary(rng, n), ordinary(rng, n), make([]float32, n)
			for i := range products {
				products[i] = float32(i) // exact: a number of an element
			}
			squares := func(lane, v float32) float32 { return FMA(v, v, lane) }
			for _, r := range []struct {
				name      string
				got, want float32
			}{
				{"Sum", Sum(x), inSixteenLanes(x, 0, plus, plus)},
				{"SumSquares", SumSquares(x), inSixteenLanes(x, 0, squares, plus)},
				{"Dot", dot(x, y), inSixteenLanes(products, 0, func(lane, i float32) float32 { return FMA(x[int(i)], y[int(i)], lane) }, plus)},
				{"Max", Max(x), inSixteenLanes(x, float32(math.Inf(-1)), greater, greater)},
			} {
				if !sameBits(r.got, r.want) {
					t.Errorf("%s of %d elements = %v, want %v", r.name, n, r.got, r.want)
				}
			}
		}
	})
}

func TestReductionsOfSpecialValues(t *testing.T) {
	inf, nan, minus0 := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
	eachSet(t, func(t *testing.T) {
		for _, tt := range []struct {
			name string
			f    func([]float32) float32
			x    []float32
			want float32
		}{
			{"Sum of nothing", Sum, nil, 0},
			{"Sum of -0", Sum, []float32{minus0}, 0},
			{"Sum meets both infinities", Sum, []float32{inf, 1, -inf}, nan},
			{"SumSquares overflows", SumSquares, []float32{0x1p64, 1}, inf},
			{"SumSquares of NaN", SumSquares, []float32{1, nan}, nan},
			{"Max of nothing", Max, nil, -inf},
			{"Max passes over NaN", Max, []float32{nan, -3, nan, -2, nan}, -2},
			{"Max of NaNs", Max, []float32{nan, nan}, -inf},
			{"Max", Max, []float32{-3, inf, 2}, inf},
		} {
			if got := tt.f(tt.x); !sameBits(got, tt.want) {
				t.Errorf("%s: f(%v) = %v, want %v", tt.name, tt.x, got, tt.want)
			}
		}
	})
}

// TestMaxOfZeros has zeros of either sign in all lanes: which one comes out depends on the order.
func TestMaxOfZeros(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(19, 20))
		for range 300 {
			x := make([]float32, 1+rng.IntN(40))
			for i := range x {
				x[i] = []float32{0, float32(math.Copysign(0, -1)), -1, float32(math.NaN())}[rng.IntN(4)]
			}
			if got, want := Max(x), maxLanesGeneric(x, nil); !sameBits(got, want) {
				t.Fatalf("Max(%v) = %v, want %v", x, got, want)
			}
		}
	})
}
