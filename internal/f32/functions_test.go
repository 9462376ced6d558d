package f32

import (
	"math"
	"testing"
)

// A function is one with its float64 counterparts and the error their comments promise, in units in the
// last place.
type function struct {
	name  string
	f     func(dst, x []float32)
	exact func(float64) float64
	bound float64
}

var functions = []function{
	{"Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2.6},
	{"Tanh", Tanh, math.Tanh, 2.6},
	{"Log1", each(Log1), math.Log, 1},
}

// each applies a function of one number to vectors.
func each(f func(x float32) float32) func(dst, x []float32) {
	return func(dst, x []float32) {
		for i, v := range x {
			dst[i] = f(v)
		}
	}
}

// sweep calls f with float32s at a stride over all bit patterns but NaNs, 4096 at a time.
func sweep(stride uint64, f func(x []float32)) {
	x := make([]float32, 0, 4096)
	for u := uint64(0); u < 1<<32; u += stride {
		if v := math.Float32frombits(uint32(u)); v == v {
			x = append(x, v)
		}
		if len(x) == cap(x) {
			f(x)
			x = x[:0]
		}
	}
	f(x)
}

// ulps returns the distance of got from want in units of the last place of a float32 near want.
func ulps(got float32, want float64) float64 {
	switch {
	case math.IsNaN(want) && got != got:
		return 0
	case math.Abs(want) > math.MaxFloat32 && math.IsInf(float64(got), int(math.Copysign(1, want))):
		return 0
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

func TestFunctionsKeepTheirErrorBounds(t *testing.T) {
	stride := uint64(2003) // a prime: two million arguments
	switch {
	case full:
		stride = 503
	case testing.Short():
		stride = 40009
	}
	for _, f := range append(functions, function{"exp1", each(exp1), math.Exp, 1}) {
		worst, at := 0.0, float32(0)
		y := make([]float32, 4096)
		sweep(stride, func(x []float32) {
			f.f(y[:len(x)], x)
			for i, v := range x {
				if d := ulps(y[i], f.exact(float64(v))); !(d <= worst) {
					worst, at = d, v
				}
			}
		})
		t.Logf("%s: at most %.3f ulp, at %v", f.name, worst, at)
		if !(worst <= f.bound) {
			t.Errorf("%s(%v) is off by %v ulp, want at most %v", f.name, at, worst, f.bound)
		}
	}
}

func TestFunctionsAgreeWithTheirTwins(t *testing.T) {
	stride := uint64(5003)
	if testing.Short() {
		stride = 400009
	}
	want, got := make([]float32, 4096), make([]float32, 4096)
	for _, f := range functions {
		sweep(stride, func(x []float32) {
			Use("go")
			f.f(want, append(x, x[:4096-len(x)]...))
			for _, set := range Kernels() {
				Use(set)
				f.f(got[:len(x)], x)
				if i := firstDifference(got[:len(x)], want); i >= 0 {
					t.Fatalf("%s(%v) = %v on %s, %v in plain Go", f.name, x[i], got[i], set, want[i])
				}
			}
		})
	}
	Use("auto")
}

func TestFunctionsAtTheEdges(t *testing.T) {
	inf, nan, minus0 := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
	const denormal = 0x1p-149
	for _, tt := range []struct {
		name    string
		f       func(dst, x []float32)
		x, want float32
	}{
		{"exp", each(exp1), inf, inf},
		{"exp", each(exp1), -inf, 0},
		{"exp", each(exp1), nan, nan},
		{"exp", each(exp1), minus0, 1},
		{"exp, the largest that fits", each(exp1), 0x1.62e42ep6, 0x1.ffff08p127},
		{"exp, the smallest that does not", each(exp1), 0x1.62e43p6, inf},
		{"exp, denormal", each(exp1), -100, 0x1.bp-145},
		{"exp, the smallest that counts", each(exp1), -103.97, denormal},
		{"exp, nothing left", each(exp1), -103.98, 0},
		{"Sigmoid", Sigmoid, inf, 1},
		{"Sigmoid", Sigmoid, -inf, 0},
		{"Sigmoid", Sigmoid, nan, nan},
		{"Sigmoid", Sigmoid, 0, 0.5},
		{"Sigmoid, denormal", Sigmoid, -100, 0x1.bp-145},
		{"Tanh", Tanh, inf, 1},
		{"Tanh", Tanh, -inf, -1},
		{"Tanh", Tanh, nan, nan},
		{"Tanh", Tanh, minus0, minus0},
		{"Tanh is x for small x", Tanh, 0x1.234566p-14, 0x1.234566p-14},
		{"Tanh is x for denormals", Tanh, -denormal, -denormal},
		{"log", each(Log1), 1, 0},
		{"log", each(Log1), inf, inf},
		{"log", each(Log1), 0, -inf},
		{"log", each(Log1), minus0, -inf},
		{"log", each(Log1), -denormal, nan},
		{"log", each(Log1), -inf, nan},
		{"log", each(Log1), nan, nan},
		{"log, denormal", each(Log1), denormal, -103.278929903},
		{"Relu", Relu, -3, 0},
		{"Relu", Relu, 3, 3},
		{"Relu", Relu, minus0, minus0},
		{"Relu", Relu, nan, nan},
		{"Relu", Relu, -inf, 0},
	} {
		eachSet(t, func(t *testing.T) {
			y := []float32{7}
			if tt.f(y, []float32{tt.x}); !sameBits(y[0], tt.want) {
				t.Errorf("%s: f(%v) = %v (%x), want %v", tt.name, tt.x, y[0], y[0], tt.want)
			}
		})
	}
}

func TestTanhIsOdd(t *testing.T) {
	sweep(100003, func(x []float32) {
		for _, v := range x {
			if a, b := tanh1(v), tanh1(-v); !sameBits(a, -b) {
				t.Fatalf("tanh(%v) = %v, tanh(%v) = %v", v, a, -v, b)
			}
		}
	})
}

func TestGradientsAreTheDerivatives(t *testing.T) {
	nan := float32(math.NaN())
	for _, tt := range []struct {
		name        string
		f           func(dz, dy, y []float32)
		dy, y, want float32
	}{
		{"SigmoidGrad", SigmoidGrad, 2, 0.25, 0.375},
		{"SigmoidGrad, saturated", SigmoidGrad, 2, 1, 0},
		{"TanhGrad", TanhGrad, 2, 0.5, 1.5},
		{"TanhGrad, one rounding near 1", TanhGrad, 1, 1 - 0x1p-24, 0x1.ffffffp-24},
		{"ReluGrad", ReluGrad, 2, 0.5, 2},
		{"ReluGrad, at rest", ReluGrad, 2, 0, 0},
		{"ReluGrad, no product with infinity", ReluGrad, float32(math.Inf(1)), 0, 0},
		{"ReluGrad, NaN", ReluGrad, 2, nan, nan},
	} {
		eachSet(t, func(t *testing.T) {
			dz := []float32{7}
			if tt.f(dz, []float32{tt.dy}, []float32{tt.y}); !sameBits(dz[0], tt.want) {
				t.Errorf("%s(%v, %v) = %v, want %v", tt.name, tt.dy, tt.y, dz[0], tt.want)
			}
		})
	}
}
