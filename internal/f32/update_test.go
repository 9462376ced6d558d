package f32

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The rules written out in float64, which is good to the last bit or two of float32.
func TestUpdateRulesAgainstFloat64(t *testing.T) {
	const lr, mu, eps, scale, limit = 0.1, 0.9, 1e-8, 0.75, 5
	eachSet(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(11, 12))
		n := 131
		w0, s0, v0, g := ordinary(rng, n), ordinary(rng, n), ordinary(rng, n), ordinary(rng, n)
		for i := range s0 {
			s0[i] *= s0[i]
		}
		for _, rule := range []struct {
			name  string
			run   func(w, s, v []float32) bool
			exact func(w, s, v, g float64) (nextW, nextS, nextV float64)
		}{
			{"SGD", func(w, s, _ []float32) bool { return SGD(w, g, lr, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) { return w - lr*g, s, v }},
			{"Momentum", func(w, s, _ []float32) bool { return Momentum(w, s, g, lr, mu, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) { s = mu*s + g; return w - lr*s, s, v }},
			{"Nesterov", func(w, s, _ []float32) bool { return Nesterov(w, s, g, lr, mu, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) { s = mu*s + g; return w - lr*(g+mu*s), s, v }},
			{"Average", func(w, s, _ []float32) bool { Average(w, s, 0.25); return true },
				func(w, s, v, g float64) (float64, float64, float64) { return 0.75*w + 0.25*s, s, v }},
			{"Adagrad", func(w, s, _ []float32) bool { return Adagrad(w, s, g, lr, eps, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) {
					s += g * g
					return w - lr*g/math.Sqrt(s+eps), s, v
				}},
			{"RMSprop", func(w, s, _ []float32) bool { return RMSprop(w, s, g, rmsStep, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) {
					s = 0.99*s + 0.01*g*g
					return w - 0.01*g/(math.Sqrt(s)+1e-8), s, v
				}},
			{"RMSpropMomentum", func(w, s, v []float32) bool { return RMSpropMomentum(w, s, v, g, rmsStep, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) {
					s = 0.99*s + 0.01*g*g
					v = 0.9*v + g/(math.Sqrt(s)+1e-8)
					return w - 0.01*v, s, v
				}},
			{"Adam", func(w, s, v []float32) bool { return Adam(w, v, s, g, adamStep, scale, limit) },
				func(w, s, v, g float64) (float64, float64, float64) {
					v = 0.9*v + 0.1*g
					s = 0.999*s + 0.001*g*g
					return 0.9999*w - 0.003*v/(4.7*math.Sqrt(s)+1e-8), s, v
				}},
		} {
			w, s, v := slices.Clone(w0), slices.Clone(s0), slices.Clone(v0)
			if !rule.run(w, s, v) {
				t.Errorf("%s reports a gradient that is not finite", rule.name)
			}
			for i := range w {
				clipped := max(-limit, min(limit, scale*float64(g[i])))
				wantW, wantS, wantV := rule.exact(float64(w0[i]), float64(s0[i]), float64(v0[i]), clipped)
				if away(w[i], wantW) || away(s[i], wantS) || away(v[i], wantV) {
					t.Errorf("%s(w=%v, s=%v, v=%v, g=%v) = %v, %v, %v; want %v, %v, %v",
						rule.name, w0[i], s0[i], v0[i], g[i], w[i], s[i], v[i], wantW, wantS, wantV)
				}
			}
		}
	})
}

func away(got float32, want float64) bool {
	return math.Abs(float64(got)-want) > 2e-6*(1+math.Abs(want))
}

func TestUpdateRulesClip(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		for _, tt := range []struct {
			name   string
			g      []float32
			want   []float32
			finite bool
		}{
			{"within and beyond", []float32{-7, -5, -0.5, 0, 5, 5.5}, []float32{-5, -5, -0.5, 0, 5, 5}, true},
			{"infinities become the limit", []float32{inf, 1, -inf}, []float32{5, 1, -5}, false},
			{"NaN stays", []float32{1, nan, 9}, []float32{1, nan, 5}, false},
			{"the largest is finite", []float32{math.MaxFloat32, -math.MaxFloat32}, []float32{5, -5}, true},
			{"nothing", nil, nil, true},
		} {
			got := make([]float32, len(tt.g))
			if finite := SGD(got, tt.g, -1, 1, 5); finite != tt.finite || firstDifference(got, tt.want) >= 0 {
				t.Errorf("%s: SGD(0, %v, -1, 1, 5) = %v, leaves %v; want %v, %v", tt.name, tt.g, finite, got, tt.finite, tt.want)
			}
		}
	})
}

func TestUpdateRulesReportWhatIsNotFinite(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	rules := map[string]func(w, s, g []float32, limit float32) bool{
		"SGD":      func(w, s, g []float32, limit float32) bool { return SGD(w, g, 1, 1, limit) },
		"Momentum": func(w, s, g []float32, limit float32) bool { return Momentum(w, s, g, 1, 1, 1, limit) },
		"Nesterov": func(w, s, g []float32, limit float32) bool { return Nesterov(w, s, g, 1, 1, 1, limit) },
		"Adagrad":  func(w, s, g []float32, limit float32) bool { return Adagrad(w, s, g, 1, 1, 1, limit) },
		"RMSprop":  func(w, s, g []float32, limit float32) bool { return RMSprop(w, s, g, rmsStep, 1, limit) },
		"RMSpropMomentum": func(w, s, g []float32, limit float32) bool {
			return RMSpropMomentum(w, s, slices.Clone(s), g, rmsStep, 1, limit)
		},
		"Adam": func(w, s, g []float32, limit float32) bool { return Adam(w, s, slices.Clone(s), g, adamStep, 1, limit) },
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
		if !Adagrad(w, sum, g, 0.1, 1e-8, 1, 0) || firstDifference(w, wantW) >= 0 || firstDifference(sum, wantSum) >= 0 {
			t.Errorf("a gradient of 0 leaves w = %v, sum = %v; want %v, %v", w, sum, wantW, wantSum)
		}
	})
}

// A gradient that only the scale makes infinite counts as infinite, one that it makes finite again does not.
func TestUpdateRulesScaleFirst(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, tt := range []struct {
			g, scale float32
			finite   bool
		}{{math.MaxFloat32, 2, false}, {math.MaxFloat32, 0.5, true}, {float32(math.Inf(1)), 0, false}} {
			if finite := SGD([]float32{1}, []float32{tt.g}, 1, tt.scale, 1); finite != tt.finite {
				t.Errorf("SGD with the gradient %v times %v: finite = %v", tt.g, tt.scale, finite)
			}
		}
	})
}

func TestNoLimitIsAnInfiniteLimit(t *testing.T) {
	inf := float32(math.Inf(1))
	a, b, g := []float32{1, 2}, []float32{1, 2}, []float32{-1e30, 1e30}
	SGD(a, g, 1, 1, 0)
	SGD(b, g, 1, 1, inf)
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
			wantFinite := SGD(want, g, 0.1, 1, limit)
			finite := SGDOuter(w, a, b, 0.1, limit)
			if at := firstDifference(w, want); at >= 0 || finite != wantFinite {
				t.Fatalf("SGDOuter %dx%d, limit %v: finite %v, element %d is %v; SGD says %v, %v", rows, cols, limit, finite, at, w[max(at, 0)], wantFinite, want[max(at, 0)])
			}
		}
	})
}

// What fades becomes zero instead of a denormal, which would make every later update slow.
func TestFadingMeansBecomeZero(t *testing.T) {
	const least, below, n = 0x1p-126, -0x1.8p-127, 19
	eachSet(t, func(t *testing.T) {
		for name, rule := range map[string]func(w, a, b, g []float32){
			"Momentum":        func(w, a, b, g []float32) { Momentum(w, a, g, 1, 0.9, 1, 0) },
			"Nesterov":        func(w, a, b, g []float32) { Nesterov(w, a, g, 1, 0.9, 1, 0) },
			"RMSprop":         func(w, a, b, g []float32) { RMSprop(w, a, g, rmsStep, 1, 0) },
			"RMSpropMomentum": func(w, a, b, g []float32) { RMSpropMomentum(w, a, b, g, rmsStep, 1, 0) },
			"Adam":            func(w, a, b, g []float32) { Adam(w, a, b, g, adamStep, 1, 0) },
		} {
			w, a, b, g := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
			for i := range a {
				a[i], b[i] = least, least
				if name == "Momentum" && i%2 == 0 {
					a[i] = below
				}
			}
			rule(w, a, b, g)
			for i := range a {
				usesB := name == "RMSpropMomentum" || name == "Adam"
				if math.Float32bits(a[i]) != 0 || usesB && math.Float32bits(b[i]) != 0 || w[i] != 0 {
					t.Errorf("%s: element %d fades to %v, %v and moves the weight by %v; want 0", name, i, a[i], b[i], w[i])
				}
			}
		}
	})
}
