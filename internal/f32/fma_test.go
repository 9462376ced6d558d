package f32

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// denormalTies are sums that float64 rounds to a tie between two denormal numbers, or to one place above it.
var denormalTies = []struct{ a, b, c, want float32 }{
	{0x7ff001p-98, 0x801001p-98, 0x1p-130, 0x1p-130 + 0x1p-149},
	{0x7f64d5p-98, 0x809be8p-98, 0x1p-130, 0x1p-130 + 0x1p-149},
}

// fmaBig is a*b + c in exact arithmetic, rounded once.
func fmaBig(a, b, c float32) float32 {
	x := new(big.Float).SetPrec(700).SetFloat64(float64(a))
	x.Mul(x, new(big.Float).SetFloat64(float64(b)))
	x.Add(x, new(big.Float).SetFloat64(float64(c)))
	f, _ := x.Float32()
	return f
}

// trap returns numbers whose fused multiply-add is often wrong if it rounds twice.
func trap(rng *rand.Rand) (a, b, c float32) {
	a = math.Float32frombits(rng.Uint32()&0x007fffff | uint32(127+rng.IntN(3))<<23)
	b = math.Float32frombits(rng.Uint32()&0x007ff000 | uint32(127-rng.IntN(3))<<23)
	if rng.IntN(3) == 0 { // results around the smallest normal number
		a *= 0x1p-100
		b *= 0x1p-28
	}
	// c far below the product: what it adds is seen only by an exact sum.
	c = float32(math.Ldexp(float64(a)*float64(b), -rng.IntN(60))) * (rng.Float32() - 0.5)
	if rng.IntN(2) == 0 { // and products far below c, a tie apart
		c, a = a*b, math.Float32frombits(math.Float32bits(a)&0xff800000)
		b = math.Float32frombits(math.Float32bits(c)&0xff800000) * 0x1p-24 / a
		if rng.IntN(2) == 0 {
			b *= 1 + 0x1p-23
		}
	}
	return a, b, c
}

func TestFMARoundsOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	twice := 0
	for range 300_000 {
		a, b, c := trap(rng)
		want := fmaBig(a, b, c)
		if want == 0 {
			continue // big.Float keeps other signs of zero
		}
		if got := FMA(a, b, c); got != want {
			t.Fatalf("FMA(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
		if float32(math.FMA(float64(a), float64(b), float64(c))) != want {
			twice++
		}
	}
	if twice == 0 {
		t.Error("no case in which rounding twice goes wrong: the test shows nothing")
	}
}

// TestMulAddRoundsOnce takes the same numbers to the kernels: not every set has an instruction for a fused multiply-add.
func TestMulAddRoundsOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	const n = 1 << 15
	var a, b, c [n]float32
	for i := range n {
		a[i], b[i], c[i] = trap(rng)
		if rng.IntN(2) == 0 {
			a[i], c[i] = -a[i], -c[i]
		}
	}
	for i := range 16 * len(denormalTies) { // in all lanes, as another lane might send them all the long way
		tie := denormalTies[i/16]
		a[i], b[i], c[i] = tie.a, tie.b, tie.c
	}
	eachSet(t, func(t *testing.T) {
		y := slices.Clone(c[:])
		MulAdd(y, a[:], b[:])
		for i, got := range y {
			if want := FMA(a[i], b[i], c[i]); !sameBits(got, want) {
				t.Fatalf("MulAdd of %x, %x, %x: %x, want %x", a[i], b[i], c[i], got, want)
			}
		}
	})
}

func TestFMASpecialValues(t *testing.T) {
	inf, nan, negZero := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
	for _, tt := range []struct{ a, b, c, want float32 }{
		{1, 2, 3, 5},
		{negZero, 1, negZero, negZero},
		{negZero, 1, 0, 0},
		{1, -1, 1, 0},
		{inf, 0, 1, nan},
		{inf, 1, -inf, nan},
		{math.MaxFloat32, 2, -math.MaxFloat32, math.MaxFloat32},
		{math.MaxFloat32, 2, 0, inf},
		{0x1p-149, 0.5, 0, 0},
		{0x1p-149, 0.75, 0, 0x1p-149},
		denormalTies[0],
		denormalTies[1],
	} {
		if got := FMA(tt.a, tt.b, tt.c); !sameBits(got, tt.want) {
			t.Errorf("FMA(%v, %v, %v) = %v, want %v", tt.a, tt.b, tt.c, got, tt.want)
		}
	}
}
