package optim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// rules lists every rule in every variant; each is put through the whole suite of this file.
func rules(t *testing.T) map[string]Rule {
	all := map[string]Rule{}
	for _, name := range Names() {
		r, err := New(Settings{Optimizer: name})
		if err != nil {
			t.Fatal(err)
		}
		all[name] = r
	}
	all["sgd with momentum"] = Momentum{LearningRate: 0.1, Momentum: 0.9}
	return all
}

func eachRule(t *testing.T, f func(t *testing.T, r Rule)) {
	for name, r := range rules(t) {
		t.Run(name, func(t *testing.T) { f(t, r) })
	}
}

// newState returns n zeros for each state vector of a rule.
func newState(r Rule, n int) [][]float32 {
	var s [][]float32
	for range r.State() {
		s = append(s, make([]float32, n))
	}
	return s
}

func numbers(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*4 - 2
	}
	return x
}

// TestRulesDescend: the gradient of (w-3)^2/2 leads every rule to 3.
func TestRulesDescend(t *testing.T) {
	eachRule(t, func(t *testing.T, r Rule) {
		w, g, s := []float32{2.5}, []float32{0}, newState(r, 1)
		for range 4000 {
			g[0] = w[0] - 3
			r.Update(w, g, s, 0)
		}
		if math.Abs(float64(w[0]-3)) > 1e-3 {
			t.Errorf("after 4000 steps at %v, want 3", w[0])
		}
	})
}

// TestRulesDoNotCareHowWorkIsShared: many small parts give the bits of one whole, on every kernel set.
func TestRulesDoNotCareHowWorkIsShared(t *testing.T) {
	defer f32.Use(f32.Active())
	eachRule(t, func(t *testing.T, r Rule) {
		const n = 1000
		var want []float32
		for _, set := range f32.Kernels() {
			f32.Use(set)
			for _, part := range []int{n, 1, 7, 64} {
				w, s := numbers(1, n), newState(r, n)
				for step := range 3 {
					g := numbers(uint64(2+step), n)
					for lo := 0; lo < n; lo += part {
						hi := min(lo+part, n)
						var views [][]float32
						for _, v := range s {
							views = append(views, v[lo:hi])
						}
						r.Update(w[lo:hi], g[lo:hi], views, 1.5)
					}
				}
				if want == nil {
					want = w
				} else if !slices.Equal(w, want) {
					t.Errorf("%s, parts of %d: other bits than in one piece", set, part)
				}
			}
		}
	})
}

// TestSparseRules: what Sparse promises, and that a rule which does not promise it has a reason.
func TestSparseRules(t *testing.T) {
	eachRule(t, func(t *testing.T, r Rule) {
		w, s := numbers(1, 50), newState(r, 50)
		r.Update(w, numbers(2, 50), s, 0)
		before, stateBefore := slices.Clone(w), slices.Concat(s...)
		r.Update(w, make([]float32, 50), s, 0)
		if still := slices.Equal(w, before) && slices.Equal(slices.Concat(s...), stateBefore); still != r.Sparse() {
			t.Errorf("a gradient of zero changes nothing: %v; Sparse() = %v", still, r.Sparse())
		}
	})
}

func TestRulesReportGradientsThatAreNotFinite(t *testing.T) {
	eachRule(t, func(t *testing.T, r Rule) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0} {
			for _, clip := range []float32{0, 1} {
				g := numbers(1, 40)
				g[33] = float32(bad)
				if got := r.Update(numbers(2, 40), g, newState(r, 40), clip); got != (bad == 0) {
					t.Errorf("gradient with %v, clip %v: finite = %v", bad, clip, got)
				}
			}
		}
	})
}

func TestOneStepByHand(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule Rule
		clip float32
		want []float32 // w from {1, 1} after the gradients {3, -4} and {3, -4}
	}{
		{"sgd", SGD{LearningRate: 0.5}, 0, []float32{-2, 5}},
		{"sgd, clipped", SGD{LearningRate: 0.5}, 1, []float32{0, 2}},
		{"momentum", Momentum{LearningRate: 0.5, Momentum: 0.5}, 0, []float32{-2.75, 6}},
		{"adagrad", Adagrad{LearningRate: 1, Epsilon: 1e-8}, 0, []float32{-0.70710677, 2.7071068}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := []float32{1, 1}, newState(tt.rule, 2)
			for range 2 {
				tt.rule.Update(w, []float32{3, -4}, s, tt.clip)
			}
			for i := range w {
				if math.Abs(float64(w[i]-tt.want[i])) > 2e-7*math.Abs(float64(tt.want[i])) { // two roundings
					t.Errorf("w = %v, want %v", w, tt.want)
				}
			}
		})
	}
}

func TestClipNorm(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, tt := range []struct {
		name  string
		g     []float32
		limit float32
		norm  float32
		want  []float32
	}{
		{"below the limit: untouched", []float32{3, 4}, 6, 5, []float32{3, 4}},
		{"at the limit: untouched", []float32{3, 4}, 5, 5, []float32{3, 4}},
		{"above: scaled, direction kept", []float32{3, 4}, 2.5, 5, []float32{1.5, 2}},
		{"no limit: measured", []float32{3, 4}, 0, 5, []float32{3, 4}},
		{"not finite: left for the caller", []float32{inf, 4}, 1, inf, []float32{inf, 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if norm := ClipNorm(tt.g, tt.limit); norm != tt.norm || !slices.Equal(tt.g, tt.want) {
				t.Errorf("ClipNorm(%v) = %v, leaves %v; want %v, %v", tt.limit, norm, tt.g, tt.norm, tt.want)
			}
		})
	}
}

func TestSettingsErrors(t *testing.T) {
	for _, tt := range []struct {
		settings Settings
		want     string
	}{
		{Settings{Optimizer: "adam2"}, `optimizer "adam2": there are adagrad, sgd`},
		{Settings{LearningRate: -1}, "learning rate -1: must be above 0 and at most 1000"},
		{Settings{LearningRate: math.NaN()}, "learning rate NaN: must be above 0 and at most 1000"},
		{Settings{LearningRate: 1e9}, "learning rate 1e+09: must be above 0 and at most 1000"},
		{Settings{Optimizer: "sgd", Momentum: 1}, "momentum 1: must be at least 0 and below 1"},
		{Settings{Momentum: 0.5}, "momentum 0.5: adagrad has none; choose --optimizer sgd"},
		{Settings{Epsilon: -1}, "epsilon -1: must be between 1e-37 and 1e30"},
	} {
		if _, err := New(tt.settings); err == nil || err.Error() != tt.want {
			t.Errorf("New(%+v): %v, want %s", tt.settings, err, tt.want)
		}
	}
}

// TestOuter compares the short cut with the long way round.
func TestOuter(t *testing.T) {
	eachRule(t, func(t *testing.T, r Rule) {
		outer, ok := r.(Outer)
		if !ok {
			t.Skip("has no short cut")
		}
		if len(r.State()) > 0 {
			t.Fatal("has a short cut that leaves its state alone")
		}
		x, dz, w := numbers(1, 5), numbers(2, 19), numbers(3, 5*19)
		x[1], dz[2] = 0, 1e-30
		want, g := slices.Clone(w), make([]float32, len(w))
		for i := range g {
			g[i] = f32.FMA(x[i/19], dz[i%19], 0)
		}
		for _, clip := range []float32{0, 0.3} {
			if r.Update(want, g, nil, clip) != outer.UpdateOuter(w, x, dz, clip) || !slices.Equal(w, want) {
				t.Errorf("clip %v: weights %v, want %v", clip, w, want)
			}
		}
	})
}
