package bench

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestSelect takes names apart.
func TestSelect(t *testing.T) {
	for _, tt := range []struct {
		names []string
		want  []string // parts of the names that come
		none  string   // a part of none
	}{
		{[]string{"train lstm", "sample"}, []string{"train lstm, H=128", "in a residual block", "sample lstm, H=512, B=64"}, "tanh"},
		{[]string{"peak"}, []string{"peak of multiply-adds"}, "H="},
		{nil, append(cellNames(), "peak", "product of", "weight gradient", "tanh", "notebook-srn", "2 layers", "sample"), "gone"},
	} {
		list, err := Select(tt.names)
		if err != nil {
			t.Fatalf("Select(%q): %v", tt.names, err)
		}
		var names []string
		for _, b := range list {
			names = append(names, b.String())
		}
		all := strings.Join(names, "\n")
		for _, want := range tt.want {
			if !strings.Contains(all, want) {
				t.Errorf("Select(%q) lacks %q:\n%s", tt.names, want, all)
			}
		}
		if strings.Contains(all, tt.none) {
			t.Errorf("Select(%q) has %q:\n%s", tt.names, tt.none, all)
		}
		slices.Sort(names)
		if len(slices.Compact(names)) != len(list) {
			t.Errorf("Select(%q): two benchmarks have one name:\n%s", tt.names, all)
		}
	}
	if _, err := Select([]string{"lstm", "lstn"}); err == nil || !strings.Contains(err.Error(), `"lstn"`) {
		t.Errorf("no benchmark is called lstn: %v", err)
	}
}

// TestSeries takes three runs of 20, 10 and 30 units a second, while the peak of one core was 400, 400 and 1200.
func TestSeries(t *testing.T) {
	s := series{speeds: []float64{20, 10, 30}, peaks: []float64{400, 400, 1200}}
	if got, want := s.figure(5, 2), (Figure{GFLOPS: 20 * 5 / 1e9, OfPeak: 30 * 5 / 2400.0}); got != want {
		t.Errorf("two workers, 5 operations a unit: %+v, want %+v", got, want)
	}
}

// TestRun makes sure that every figure comes, and is a number. What number is up to the machine. Of networks that differ in
// size alone the smaller is enough.
func TestRun(t *testing.T) {
	defer f32.Use("auto")
	defer func(d time.Duration) { wholeMost = d }(wholeMost)
	wholeMost = 0
	const workers = 2
	set, seen, want := f32.Kernels()[0], map[string]int{}, map[string]int{}
	list := slices.DeleteFunc(All(), func(b Benchmark) bool {
		name := b.String()
		return strings.HasPrefix(name, "train") && !strings.Contains(name, "H=128") && !strings.Contains(name, "block")
	})
	for _, b := range list {
		want[b.String()] += len(b.workers(workers))
	}
	if err := Run(t.Context(), list, []string{set}, workers, func(f Figure) {
		seen[f.What]++
		products := f.GFLOPS > 0 && f.OfPeak > 0
		whole := strings.HasPrefix(f.What, "train") || strings.HasPrefix(f.What, "sample")
		if products == (f.Numbers > 0) || whole != (f.Chars > 0) || math.IsInf(f.GFLOPS+f.OfPeak+f.Chars+f.Numbers, 0) ||
			f.Kernels != set || f.Workers < 1 || f.Workers > workers {
			t.Errorf("%+v", f)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(seen, want) {
		t.Errorf("figures came %v, want %v", seen, want)
	}
}

func TestRunStops(t *testing.T) {
	defer f32.Use("auto")
	none := func(f Figure) { t.Errorf("emits %+v", f) }
	if err := Run(t.Context(), All(), []string{"mmx"}, 1, none); err == nil {
		t.Error("there are no kernels mmx")
	}
	ctx, cancel := context.WithCancel(t.Context())
	figures := 0
	err := Run(ctx, All(), f32.Kernels(), 1, func(Figure) {
		figures++
		cancel()
	})
	if !errors.Is(err, context.Canceled) || figures != 1 {
		t.Errorf("cancelled at the first figure: %d figures, error %v", figures, err)
	}
}

func cellNames() (names []string) {
	for _, c := range rnn.Cells() {
		names = append(names, c.Name)
	}
	return names
}
