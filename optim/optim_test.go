package optim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// variants lists the settings of every rule: its defaults, and with each hyperparameter that is off by default turned on.
// All are put through the whole suite of this package, so a new rule inherits it.
func variants(t *testing.T) map[string]Settings {
	all := map[string]Settings{}
	for _, r := range Rules() {
		s := defaults(t, r.Name)
		all[r.Name] = s
		for _, h := range Hyperparameters() {
			if def, takes := r.defaults[h.Name]; takes && def == 0 {
				s := s
				*h.In(&s) = 0.9
				all[r.Name+" with "+h.Name] = s
			}
		}
	}
	return all
}

func defaults(t *testing.T, optimizer string) Settings {
	t.Helper()
	s, err := Defaults(optimizer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func eachRule(t *testing.T, f func(t *testing.T, s Settings, r Rule)) {
	for name, s := range variants(t) {
		t.Run(name, func(t *testing.T) {
			r, err := New(s)
			if err != nil {
				t.Fatal(err)
			}
			f(t, s, r)
		})
	}
}

// clipped is training step n of a rule, with each element of the gradient clipped.
func clipped(r Rule, n int64, rate float64, clip float32) Step {
	s := r.Step(n, rate)
	s.Clip = clip
	return s
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

// TestRulesDescend: the gradient of (w-3)^2/2 leads every rule to 3, from the tenfold of its rate down to 0.
func TestRulesDescend(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, _ Rule) {
		const steps = 4000
		set.WeightDecay = 0 // which leads to 0
		r, err := New(set)
		if err != nil {
			t.Fatal(err)
		}
		schedule := Schedule{Name: "cosine", Total: steps}
		w, g, s := []float32{2.5}, []float32{0}, newState(r, 1)
		for n := range int64(steps) {
			g[0] = w[0] - 3
			r.Update(r.Step(n+1, schedule.Rate(10*set.LearningRate, n+1, Plateau{})), w, g, s)
		}
		if math.Abs(float64(w[0]-3)) > 1e-3 {
			t.Errorf("after %d steps at %v, want 3", steps, w[0])
		}
	})
}

// TestRulesDoNotCareHowWorkIsShared: many small parts give the bits of one whole, on every kernel set.
func TestRulesDoNotCareHowWorkIsShared(t *testing.T) {
	defer f32.Use(f32.Active())
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		const n = 1000
		var want []float32
		for _, kernels := range f32.Kernels() {
			f32.Use(kernels)
			for _, part := range []int{n, 1, 7, 64} {
				w, s := numbers(1, n), newState(r, n)
				for step := range int64(3) {
					g := numbers(uint64(2+step), n)
					now := clipped(r, step+1, set.LearningRate, 1.5)
					now.Scale = 0.9
					for lo := 0; lo < n; lo += part {
						hi := min(lo+part, n)
						var views [][]float32
						for _, v := range s {
							views = append(views, v[lo:hi])
						}
						r.Update(now, w[lo:hi], g[lo:hi], views)
					}
				}
				if got := slices.Concat(append(s, w)...); want == nil {
					want = got
				} else if !slices.Equal(got, want) {
					t.Errorf("%s, parts of %d: other bits than in one piece", kernels, part)
				}
			}
		}
	})
}

// TestRulesScaleThenClip: Scale and Clip do what preparing the gradient would, and leave the gradient as it is.
func TestRulesScaleThenClip(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		const n = 100
		w, s, g := numbers(1, n), newState(r, n), numbers(2, n)
		wantW, wantS, prepared := slices.Clone(w), newState(r, n), slices.Clone(g)
		f32.Scale(prepared, 0.7)
		for i, v := range prepared {
			prepared[i] = max(-0.5, min(v, 0.5))
		}
		now := clipped(r, 1, set.LearningRate, 0.5)
		now.Scale = 0.7
		r.Update(now, w, g, s)
		r.Update(r.Step(1, set.LearningRate), wantW, prepared, wantS)
		if !slices.Equal(w, wantW) || !slices.Equal(slices.Concat(s...), slices.Concat(wantS...)) {
			t.Errorf("weights %v\nwant %v", w, wantW)
		}
		if !slices.Equal(g, numbers(2, n)) {
			t.Error("the gradient has changed")
		}
	})
}

// TestSparseRules: what Sparse promises, and that a rule which does not promise it has a reason.
func TestSparseRules(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		w, s := numbers(1, 50), newState(r, 50)
		r.Update(r.Step(1, set.LearningRate), w, numbers(2, 50), s)
		before, stateBefore := slices.Clone(w), slices.Concat(s...)
		r.Update(r.Step(2, set.LearningRate), w, make([]float32, 50), s)
		if still := slices.Equal(w, before) && slices.Equal(slices.Concat(s...), stateBefore); still != r.Sparse() {
			t.Errorf("a gradient of zero changes nothing: %v; Sparse() = %v", still, r.Sparse())
		}
	})
}

func TestRulesReportGradientsThatAreNotFinite(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0} {
			for _, clip := range []float32{0, 1} {
				g := numbers(1, 40)
				g[33] = float32(bad)
				if got := r.Update(clipped(r, 1, set.LearningRate, clip), numbers(2, 40), g, newState(r, 40)); got != (bad == 0) {
					t.Errorf("gradient with %v, clip %v: finite = %v", bad, clip, got)
				}
			}
		}
	})
}

func TestTwoStepsByHand(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule Rule
		rate float64
		clip float32
		want []float32 // w from {1, 1} after the gradients {3, -4} and {3, -4}
	}{
		{"sgd", sgdRule{}, 0.5, 0, []float32{-2, 5}},
		{"sgd, clipped", sgdRule{}, 0.5, 1, []float32{0, 2}},
		{"momentum", momentumRule{0.5}, 0.5, 0, []float32{-2.75, 6}},
		{"nesterov", nesterovRule{0.5}, 0.5, 0, []float32{-3.875, 7.5}},
		{"adagrad", adagradRule{1e-8}, 1, 0, []float32{-0.70710677, 2.7071068}},
		{"rmsprop", rmspropRule{0.75, 1e-8}, 1, 0, []float32{-2.5118578, 4.5118579}}, // 1 - 2 - 1/sqrt(0.4375)
		{"adam: equal gradients make steps of one rate", adamRule{0.9, 0.999, 1e-8, 0}, 0.25, 0, []float32{0.5, 1.5}},
		{"adamw", adamRule{0.9, 0.999, 1e-8, 0.5}, 0.5, 0, []float32{-0.3125, 1.4375}}, // w = 3/4 w -+ 1/2, twice
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := []float32{1, 1}, newState(tt.rule, 2)
			for n := range int64(2) {
				tt.rule.Update(clipped(tt.rule, n+1, tt.rate, tt.clip), w, []float32{3, -4}, s)
			}
			for i := range w {
				if math.Abs(float64(w[i]-tt.want[i])) > 4e-7*math.Abs(float64(tt.want[i])) { // a few roundings
					t.Errorf("w = %v, want %v", w, tt.want)
				}
			}
		})
	}
}

// TestBiasesDoNotDecay: nor does what they share a training step with hear of it.
func TestBiasesDoNotDecay(t *testing.T) {
	plain, decaying := adamRule{0.9, 0.999, 1e-8, 0}, adamRule{0.9, 0.999, 1e-8, 0.1}
	run := func(r Rule, bias bool) []float32 {
		w, s := numbers(1, 20), newState(r, 20)
		for n := range int64(3) {
			now := r.Step(n+1, 0.01)
			now.Bias = bias
			r.Update(now, w, numbers(uint64(n), 20), s)
		}
		return w
	}
	want := run(plain, false)
	if got := run(decaying, true); !slices.Equal(got, want) {
		t.Errorf("biases end as %v, without decay as %v", got, want)
	}
	if got := run(decaying, false); slices.Equal(got, want) {
		t.Error("matrices do not decay")
	}
}

func TestClipByNorm(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, tt := range []struct {
		name        string
		norm, limit float32
		want        float32
	}{
		{"below the limit", 5, 6, 1},
		{"at the limit", 5, 5, 1},
		{"above", 5, 2.5, 0.5},
		{"no limit", 5, 0, 1},
		{"no gradient", 0, 1, 1},
		{"not a number", nan, 1, 1},
		{"infinite", inf, 1, 0},
	} {
		if got := ClipByNorm(tt.norm, tt.limit); got != tt.want {
			t.Errorf("%s: ClipByNorm(%v, %v) = %v, want %v", tt.name, tt.norm, tt.limit, got, tt.want)
		}
	}
}

// TestOuter compares the short cut with the long way round.
func TestOuter(t *testing.T) {
	eachRule(t, func(t *testing.T, set Settings, r Rule) {
		outer, ok := r.(OuterProductRule)
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
			now := clipped(r, 1, set.LearningRate, clip)
			if r.Update(now, want, g, nil) != outer.UpdateOuter(now, w, x, dz) || !slices.Equal(w, want) {
				t.Errorf("clip %v: weights %v, want %v", clip, w, want)
			}
		}
	})
}
