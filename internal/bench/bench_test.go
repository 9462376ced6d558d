package bench

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// TestRun makes sure that every figure comes, and is a number. What number is up to the machine.
func TestRun(t *testing.T) {
	defer f32.Use("auto")
	defer func(d time.Duration) { trainingMost = d }(trainingMost)
	trainingMost = 0
	set, seen := f32.Kernels()[0], map[string]int{}
	const workers = 2
	if err := Run(t.Context(), []string{set}, workers, func(f Figure) {
		seen[f.What]++
		for what, x := range map[string]float64{"GFLOP/s": f.GFLOPS, "of peak": f.OfPeak} {
			if !(x > 0) || math.IsInf(x, 0) {
				t.Errorf("%s: %s is %v", f.What, what, x)
			}
		}
		if f.Kernels != set || f.Workers < 1 || f.Workers > workers || f.Chars < 0 || math.IsInf(f.Chars, 0) {
			t.Errorf("%+v", f)
		}
	}); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"peak of multiply-adds": 1}
	for _, p := range products {
		want[p.String()]++
	}
	for _, w := range trainings {
		want[w.name] += len(w.workers(workers))
	}
	for what, n := range want {
		if n == 0 || seen[what] != n {
			t.Errorf("%q comes %d times, want %d", what, seen[what], n)
		}
		delete(seen, what)
	}
	if len(seen) > 0 {
		t.Errorf("nobody asked for %v", seen)
	}
}

func TestRunStops(t *testing.T) {
	defer f32.Use("auto")
	none := func(f Figure) { t.Errorf("emits %+v", f) }
	if err := Run(t.Context(), []string{"mmx"}, 1, none); err == nil {
		t.Error("there are no kernels mmx")
	}
	ctx, cancel := context.WithCancel(t.Context())
	figures := 0
	err := Run(ctx, f32.Kernels(), 1, func(Figure) {
		figures++
		cancel()
	})
	if !errors.Is(err, context.Canceled) || figures != 1 {
		t.Errorf("cancelled at the first figure: %d figures, error %v", figures, err)
	}
}
