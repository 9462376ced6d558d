package generate

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// sets runs the test with each kernel set that this processor has.
func sets(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	defer f32.Use("auto")
	for _, name := range f32.Kernels() {
		if err := f32.Use(name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, test)
	}
}

func ln(p ...float64) []float32 {
	logits := make([]float32, len(p))
	for i, x := range p {
		logits[i] = float32(math.Log(x))
	}
	return logits
}

func TestProbabilities(t *testing.T) {
	for _, tt := range []struct {
		name   string
		o      Options
		logits []float32
		want   []float64 // in proportion
	}{
		{"as they are", Options{Temperature: 1, TopP: 1}, ln(.1, .2, .3, .4), []float64{.1, .2, .3, .4}},
		{"temperature 1/2 squares", Options{Temperature: .5, TopP: 1}, ln(.1, .2, .3, .4), []float64{1. / 30, 4. / 30, 9. / 30, 16. / 30}},
		{"a very low temperature leaves the likeliest", Options{Temperature: 1e-30, TopP: 1}, ln(.1, .4, .3, .2), []float64{0, 1, 0, 0}},
		{"a very high one makes all alike", Options{Temperature: 1e30, TopP: 1}, ln(.1, .2, .3, .4), []float64{.25, .25, .25, .25}},
		{"huge logits", Options{Temperature: 1e-3, TopP: 1}, []float32{3e38, -3e38, 3e38}, []float64{.5, 0, .5}},
		{"impossible symbols stay so", Options{Temperature: 2, TopP: 1}, ln(.5, 0, .5), []float64{.5, 0, .5}},

		{"top 2", Options{Temperature: 1, TopK: 2, TopP: 1}, ln(.1, .4, .3, .2), []float64{0, .4, .3, 0}},
		{"top 2 of equals: the first", Options{Temperature: 1, TopK: 2, TopP: 1}, ln(.1, .3, .3, .3), []float64{0, .3, .3, 0}},
		{"top 1", Options{Temperature: 1, TopK: 1, TopP: 1}, ln(.2, .2, .3, .3), []float64{0, 0, .3, 0}},
		{"top V and more", Options{Temperature: 1, TopK: 5, TopP: 1}, ln(.1, .2, .3, .4), []float64{.1, .2, .3, .4}},
		{"equal p, unequal logits: top 1 goes by logit", Options{Temperature: 1, TopK: 1, TopP: 1}, []float32{-200, -199, -201}, []float64{0, 1. / (1 + 1/math.E + 1/(math.E*math.E)), 0}},

		{"mass below the first", Options{Temperature: 1, TopP: .3}, ln(.1, .4, .3, .2), []float64{0, .4, 0, 0}},
		{"mass between", Options{Temperature: 1, TopP: .6}, ln(.1, .4, .3, .2), []float64{0, .4, .3, 0}},
		{"mass that is reached exactly", Options{Temperature: 1, TopP: .75}, []float32{0, 0, 0, 0}, []float64{.25, .25, .25, 0}},
		{"mass just above", Options{Temperature: 1, TopP: .7500001}, []float32{0, 0, 0, 0}, []float64{.25, .25, .25, .25}},
		{"mass of equals: the first", Options{Temperature: 1, TopP: .4}, ln(.2, .4, .4), []float64{0, .4, 0}},
		{"the smallest mass leaves one", Options{Temperature: 1, TopP: 1e-300}, ln(.1, .4, .3, .2), []float64{0, .4, 0, 0}},
		{"top-p of what top-k has left", Options{Temperature: 1, TopK: 2, TopP: .55}, ln(.1, .4, .3, .2), []float64{0, .4, 0, 0}}, // .4/.7 = .571
		{"after the temperature", Options{Temperature: .5, TopP: .5}, ln(.1, .2, .3, .4), []float64{0, 0, 0, 16. / 30}},
	} {
		sets(t, func(t *testing.T) {
			got, err := newSampler(len(tt.logits), nil).probabilities(tt.logits, tasteOf(tt.o))
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if math.Abs(float64(got[i])-tt.want[i]) > 1e-6 { // float32 has 1.2e-7
					t.Fatalf("%s: %+v of %v: %v, want %v", tt.name, tt.o, tt.logits, got, tt.want)
				}
			}
		})
	}
}

func TestChooseTheLikeliest(t *testing.T) {
	s := newSampler(4, nil)
	for _, tt := range []struct {
		logits []float32
		want   int32
	}{
		{[]float32{1, 3, 2, 0}, 1},
		{[]float32{1, 3, 2, 3}, 1},
		{[]float32{-5, -7, -4, -4}, 2},
		{[]float32{float32(math.Inf(-1)), -7, -8, -9}, 1},
	} {
		if got, err := s.choose(tt.logits, taste{}, 0.99); got != tt.want || err != nil {
			t.Errorf("at temperature 0, choose(%v) = %d, %v; want %d", tt.logits, got, err, tt.want)
		}
	}
}

func TestLogitsThatAreNotFinite(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	sets(t, func(t *testing.T) {
		for _, logits := range [][]float32{{nan, 0, 0}, {0, 0, nan}, {0, inf, 0}, {-inf, -inf, -inf}, {nan, nan, nan}} {
			for _, o := range []Options{{}, {Temperature: 1, TopP: 1}, {Temperature: 1, TopK: 1, TopP: .5}} {
				if id, err := newSampler(3, nil).choose(logits, tasteOf(o), 0.5); !errors.Is(err, errNotFinite) {
					t.Errorf("%+v: choose(%v) = %d, %v; want an error", o, logits, id, err)
				}
			}
		}
	})
}

func TestDraw(t *testing.T) {
	p := []float32{0, .25, 0, .5, .125, 0} // sums to .875
	below := math.Nextafter(1, 0)
	for _, tt := range []struct {
		u    float64
		want int32
	}{{0, 1}, {.28, 1}, {.29, 3}, {.85, 3}, {.86, 4}, {below, 4}} {
		if got := draw(p, make([]float64, 6), tt.u); got != tt.want {
			t.Errorf("draw(%v, %v) = %d, want %d", p, tt.u, got, tt.want)
		}
	}
	if got := draw([]float32{1, 1.1920929e-07, 0}, make([]float64, 3), below); got != 1 { // u*total may round up to total
		t.Errorf("draw at the very end = %d, want the last symbol that is possible, 1", got)
	}
}

// 100,000 draws against the exact probabilities: chi-squared with 7 degrees of freedom stays below 24.3 with
// probability 0.999; the seed is fixed.
func TestDrawsFollowTheProbabilities(t *testing.T) {
	const n, seed = 100000, 1
	logits := []float32{0, 1, -1, 2, .5, -3, 1.5, .25}
	for _, temperature := range []float64{.7, 1, 2} {
		var want [8]float64
		var total, chi float64
		for i, x := range logits {
			want[i] = math.Exp(float64(x) / temperature)
			total += want[i]
		}
		s, rng := newSampler(len(logits), nil), rand.New(rand.NewPCG(seed, 0))
		var got [8]int
		for range n {
			id, err := s.choose(logits, taste{float32(temperature), 0, 1}, rng.Float64())
			if err != nil {
				t.Fatal(err)
			}
			got[id]++
		}
		for i := range want {
			expected := n * want[i] / total
			chi += (float64(got[i]) - expected) * (float64(got[i]) - expected) / expected
		}
		if chi > 24.3 {
			t.Errorf("temperature %v, seed %d: counts %v, probabilities %v/%v: chi-squared %.1f", temperature, seed, got, want, total, chi)
		}
	}
}

func tasteOf(o Options) taste { return taste{float32(o.Temperature), o.TopK, o.TopP} }
