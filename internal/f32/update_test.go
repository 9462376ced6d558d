package f32

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The rules written out in float64, which is good to the last bit or two of float32.
func TestUpdateRulesAgainstFloat64(t *testing.T) {
	const lr, mu, eps, limit = 0.1, 0.9, 1e-8, 5
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		n := 131
		w0, s0, g := ordinary(rng, n), ordinary(rng, n), ordinary(rng, n)
		for i := range s0 {
			s0[i] *= s0[i]
		}
		for _, rule := range []struct {
			name  string
			run   func(w, s []float32) bool
			exact func(w, s, g float64) (nextW, nextS float64)
		}{
			{"SGD", func(w, s []float32) bool { return SGD(w, g, lr, limit) },
				func(w, s, g float64) (float64, float64) { return w - lr*g, s }},
			{"Momentum", func(w, s []float32) bool { return Momentum(w, s, g, lr, mu, limit) },
				func(w, s, g float64) (float64, float64) { s = mu*s + g; return w - lr*s, s }},
			{"Adagrad", func(w, s []float32) bool { return Adagrad(w, s, g, lr, eps, limit) },
				func(w, s, g float64) (float64, float64) { s += g * g; return w - lr*g/math.Sqrt(s+eps), s }},
		} {
			w, s := slices.Clone(w0), slices.Clone(s0)
			if !rule.run(w, s) {
				t.Errorf("%s reports a gradient that is not finite", rule.name)
			}
			for i := range w {
				clipped := max(-limit, min(limit, float64(g[i])))
				wantW, wantS := rule.exact(float64(w0[i]), float64(s0[i]), clipped)
				if math.Abs(float64(w[i])-wantW) > 2e-6*(1+math.Abs(wantW)) || math.Abs(float64(s[i])-wantS) > 2e-6*(1+math.Abs(wantS)) {
					t.Errorf("%s(w=%v, s=%v, g=%v) = %v, %v; want %v, %v", rule.name, w0[i], s0[i], g[i], w[i], s[i], wantW, wantS)
				}
			}
		}
	})
}

func TestUpdateRulesReportWhatIsNotFinite(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	rules := map[string]func(w, s, g []float32, limit float32) bool{
		"SGD":      func(w, s, g []float32, limit float32) bool { return SGD(w, g, 1, limit) },
		"Momentum": func(w, s, g []float32, limit float32) bool { return Momentum(w, s, g, 1, 1, limit) },
		"Adagrad":  func(w, s, g []float32, limit float32) bool { return Adagrad(w, s, g, 1, 1, limit) },
		"Clip":     func(w, s, g []float32, limit float32) bool { return Clip(slices.Clone(g), max(limit, 1)) },
	}
	eachSet(t, func(t *testing.T) {
		for name, rule := range rules {
			for _, n := range []int{1, 8, 16, 17, 31, 64, 65, 200, piece + 1} {
				w, s, g := make([]float32, n), make([]float32, n), make([]float32, n)
				for i := range g {
					g[i] = math.MaxFloat32 // finite, though its square is not
				}
				if !rule(w, s, g, 0) {
					t.Errorf("%s of %d elements: finite gradient reported", name, n)
				}
				for _, at := range []int{0, n / 2, n - 1} {
					for _, bad := range []float32{inf, -inf, nan} {
						keep := g[at]
						g[at] = bad
						if rule(w, s, g, 0) || rule(w, s, g, 5) {
							t.Errorf("%s of %d elements: %v at %d not reported", name, n, bad, at)
						}
						g[at] = keep
					}
				}
			}
		}
	})
}

func TestAdagradLeavesRestingWeightsAlone(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		minus0 := float32(math.Copysign(0, -1))
		w, sum, g := []float32{1.5, minus0, -3, 0}, []float32{0, 0, 2, 7}, make([]float32, 4)
		wantW, wantSum := slices.Clone(w), slices.Clone(sum)
		if !Adagrad(w, sum, g, 0.1, 1e-8, 0) || firstDifference(w, wantW) >= 0 || firstDifference(sum, wantSum) >= 0 {
			t.Errorf("a gradient of 0 leaves w = %v, sum = %v; want %v, %v", w, sum, wantW, wantSum)
		}
	})
}

func TestNoLimitIsAnInfiniteLimit(t *testing.T) {
	inf := float32(math.Inf(1))
	a, b, g := []float32{1, 2}, []float32{1, 2}, []float32{-1e30, 1e30}
	SGD(a, g, 1, 0)
	SGD(b, g, 1, inf)
	if firstDifference(a, b) >= 0 || a[0] != 1e30 {
		t.Errorf("limit 0 gives %v, +Inf %v; want ±1e30", a, b)
	}
}

// SGDOuter must give the bits of SGD on the gradient that MulTransA would have computed, over one row.
func TestSGDOuter(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		for range 2000 {
			rows, cols := 1+rng.IntN(20), 1+rng.IntN(200)
			if rng.IntN(200) == 0 {
				rows, cols = 1+rng.IntN(4), piece/2+rng.IntN(piece)
			}
			a, b, w := odd(rng, rows), odd(rng, cols), odd(rng, rows*cols)
			if rng.IntN(2) == 0 {
				a, b = ordinary(rng, rows), ordinary(rng, cols)
			}
			limit := []float32{0, 0.5}[rng.IntN(2)]
			g, want := make([]float32, len(w)), slices.Clone(w)
			MulTransA(Mat(g, rows, cols), Mat(a, 1, rows), Mat(b, 1, cols), 0, 1, false, nil)
			wantFinite := SGD(want, g, 0.1, limit)
			finite := SGDOuter(w, a, b, 0.1, limit)
			if at := firstDifference(w, want); at >= 0 || finite != wantFinite {
				t.Fatalf("SGDOuter %dx%d, limit %v: finite %v, element %d is %v; SGD says %v, %v", rows, cols, limit, finite, at, w[max(at, 0)], wantFinite, want[max(at, 0)])
			}
		}
	})
}
