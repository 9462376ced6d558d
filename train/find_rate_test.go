package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

var small = Settings{Network: rnn.Config{Hidden: 12}, Batch: 4, Window: 16}

// TestFindRate runs the same test on every kernel set with three workers, and on one with one.
func TestFindRate(t *testing.T) {
	defer f32.Use("auto")
	c := chars(t, rhyme(60))
	var want *RateTest
	for i, set := range f32.Kernels() {
		for _, workers := range []int{1, 3}[min(i, 1):] {
			if err := f32.Use(set); err != nil {
				t.Fatal(err)
			}
			told := 0.0
			got, err := FindRate(t.Context(), c, partial(small), Options{Threads: workers}, func(done float64) { told = done })
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got.Points, want.Points) || got.Suggested != want.Suggested {
				t.Errorf("%s, %d workers: another test, which suggests %v, not %v", set, workers, got.Suggested, want.Suggested)
			}
			if got.Highest != (told == 1) {
				t.Errorf("%s: %v is done, and the highest rate was tried: %v", set, told, got.Highest)
			}
		}
	}
	if want.Each != 4 || !(want.Steepest > 1e-4 && want.Steepest <= want.Suggested && want.Suggested <= want.Lowest && want.Lowest <= 1) {
		t.Errorf("%d training steps at each rate; steepest %v, suggested %v, lowest %v", want.Each, want.Steepest, want.Suggested, want.Lowest)
	}
	if last := want.Points[len(want.Points)-1]; want.Highest && math.Abs(last.Rate-1) > 1e-12 {
		t.Errorf("the highest rate is %v", last.Rate)
	}
}

// TestFindRateIgnores: what a training would do with its rate does not count.
func TestFindRateIgnores(t *testing.T) {
	c := chars(t, rhyme(100))
	s := small
	s.Optimizer = optim.Settings{Optimizer: "adam"}
	want, err := FindRate(t.Context(), c, partial(s), Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Optimizer.LearningRate, s.Schedule, s.Budget, s.ReportEvery, s.ReportEpochs, s.Average = 7, optim.Schedule{Name: "cosine", Warmup: 9}, Budget{Epochs: 1}, 1, true, 0.9
	got, err := FindRate(t.Context(), c, partial(s), Options{}, nil)
	if err != nil || !slices.Equal(got.Points, want.Points) {
		t.Errorf("another test, error %v", err)
	}
}

// TestFindRateEnds when the loss is no number any more, and when it has risen.
func TestFindRateEnds(t *testing.T) {
	c := chars(t, rhyme(100))
	s := small
	s.Network.Cell, s.Network.Activation = "elman", "relu"
	s.Optimizer.Optimizer, s.Sum = "sgd", true
	r, err := FindRate(t.Context(), c, partial(s), Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Highest || len(r.Points) == 0 || len(r.Points) > 190 {
		t.Errorf("%d rates, the highest was tried: %v", len(r.Points), r.Highest)
	}
	for _, p := range r.Points {
		if math.IsNaN(p.Loss+p.Smooth+p.Slope) || math.IsInf(p.Loss+p.Smooth+p.Slope, 0) {
			t.Fatalf("%+v", p)
		}
	}
	if _, err := FindRate(&fewChecks{context.Background(), 20}, c, partial(small), Options{}, nil); !errors.Is(err, ErrInterrupted) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestSuggest gives it losses with a known answer, by the number of the rate.
func TestSuggest(t *testing.T) {
	const n = 193
	for _, tt := range []struct {
		name                        string
		loss                        func(i float64) float64
		steepest, suggested, lowest float64 // -1: none
	}{
		{"a fall around 80, a rise from 140 on", func(i float64) float64 {
			return 4 - 2/(1+math.Exp((80-i)/6)) - i/1000 + math.Exp((i-140)/4)
		}, 80, 100, 120},
		{"a fall that goes on to the end", func(i float64) float64 { return 4 - i*i/20000 }, 184, 188, 192},
		{"no fall", func(i float64) float64 { return 4 + i/1000 }, -1, -1, -1},
		{"the fall after a peak is none", func(i float64) float64 {
			return 4 - 1/(1+math.Exp((60-i)/8)) + i/5000 + 30*math.Exp(-(i-150)*(i-150)/20)
		}, 60, 85, 110},
	} {
		r := &RateTest{}
		for i := range n {
			r.Points = append(r.Points, RatePoint{Rate: float64(i), Loss: tt.loss(float64(i))})
		}
		r.smooth()
		r.suggest()
		for _, x := range []struct {
			what      string
			got, want float64
		}{{"steepest", r.Steepest, tt.steepest}, {"suggested", r.Suggested, tt.suggested}, {"lowest", r.Lowest, tt.lowest}} {
			if math.Abs(x.got-max(0, x.want)) > 12 {
				t.Errorf("%s: %s is number %v, want about %v", tt.name, x.what, x.got, x.want)
			}
		}
	}
}

// TestSmooth: a straight line stays one, also at its ends.
func TestSmooth(t *testing.T) {
	r := &RateTest{}
	for i := range 40 {
		r.Points = append(r.Points, RatePoint{Loss: 5 - float64(i)/perDecade})
	}
	r.smooth()
	for i, p := range r.Points {
		if math.Abs(p.Smooth-p.Loss) > 1e-12 || math.Abs(p.Slope+1) > 1e-12 {
			t.Errorf("point %d: %+v", i, p)
		}
	}
}
