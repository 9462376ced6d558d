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
		{[]string{"train lstm", "sample"}, []string{"train lstm, H=128", "in a block", "sample lstm, H=512, B=64"}, "tanh"},
		{[]string{"peak"}, []string{"peak of multiply-adds"}, "="},
		{[]string{"gradient M", "tanh"}, []string{"gradient M=256 N=1024 K=2048", "tanh, 32x256"}, "product"},
		{nil, append(cellNames(), "peak", "product M=", "gradient M=", "unpacked", "tanh", "notebook-srn", "2 layers", "sample"), "gone"},
	} {
		products, others, err := Select(tt.names)
		if err != nil {
			t.Fatalf("Select(%q): %v", tt.names, err)
		}
		var names []string
		for _, p := range products {
			names = append(names, p.String())
		}
		for _, b := range others {
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
		if len(slices.Compact(names)) != len(products)+len(others) {
			t.Errorf("Select(%q): two benchmarks have one name:\n%s", tt.names, all)
		}
	}
	if _, _, err := Select([]string{"lstm", "lstn"}); err == nil || !strings.Contains(err.Error(), `"lstn"`) {
		t.Errorf("no benchmark is called lstn: %v", err)
	}
}

// TestSharded has every training of several streams once more, in shards.
func TestSharded(t *testing.T) {
	_, others, err := Select([]string{"train elman", "notebook-rnn", "tanh"})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Sharded(others, 8)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range all {
		names = append(names, b.String())
		if s, ok := b.(training); ok && (s.settings.Shards == 8) != strings.HasSuffix(b.String(), ", S=8") {
			t.Errorf("%v has %d shards", b, s.settings.Shards)
		}
	}
	want := []string{"tanh, 32x256", "train notebook-rnn (H=128, B=1, T=15)"}
	for _, name := range []string{"H=128, B=32, T=50", "H=256, B=32, T=64", "H=512, B=64, T=64", "H=256, B=64, T=64"} {
		want = append(want, "train elman, "+name, "train elman, "+name+", S=8")
	}
	if !slices.Equal(names, want) {
		t.Errorf("benchmarks %q, want %q", names, want)
	}
	for _, n := range []int{-1, 3, 64} {
		if _, err := Sharded(others, n); err == nil {
			t.Errorf("%d shards: no error", n)
		}
	}
}

// TestSeries takes three runs of 20, 10 and 30 units a second, while the peak of one core was 400, 400 and 1200 and its clock
// 40, 40 and 60.
func TestSeries(t *testing.T) {
	for _, tt := range []struct {
		name            string
		clocks          []float64
		clock, perCycle float64
	}{
		{"clock known", []float64{40, 40, 60}, 40, 0.5 * 5 / 2},
		{"known but once", []float64{40, 0, 60}, 60, 0.5 * 5 / 2},
		{"known only once", []float64{0, 0, 60}, 0, 0},
	} {
		s := series{speeds: []float64{20, 10, 30}, peaks: []float64{400, 400, 1200}, clocks: tt.clocks}
		want := Figure{GFLOPS: 20 * 5 / 1e9, OfPeak: 30 * 5 / 2400.0, Clock: tt.clock, PerCycle: tt.perCycle}
		if got := s.figure(5, 2); got != want {
			t.Errorf("%s: two workers, 5 operations a unit: %+v, want %+v", tt.name, got, want)
		}
	}
}

// TestAgreed decides from runs of the chain whether they show the clock.
func TestAgreed(t *testing.T) {
	for _, tt := range []struct {
		name string
		runs []float64
		want float64
	}{
		{"all alike", []float64{300, 301, 300, 299, 300, 301, 300, 300, 300, 300}, 300},
		{"some interrupted", []float64{300, 1, 300, 200, 300, 30, 300, 300, 300, 300}, 300},
		{"most interrupted", []float64{300, 1, 250, 200, 300, 30, 270, 270, 220, 300}, 0},
		{"one timed wrongly", []float64{300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 900}, 300},
	} {
		if got := agreed(tt.runs); got != tt.want {
			t.Errorf("%s: agreed(%v) = %v, want %v", tt.name, tt.runs, got, tt.want)
		}
	}
}

// TestChain makes sure that every link of the chain is taken: 8 times an addition and an exclusive or in each round.
func TestChain(t *testing.T) {
	want := uint(3)
	for range 5 * chainLinks / 2 {
		want = (want + 5) ^ 7
	}
	if got := chain(3, 5, 7, 5); got != want {
		t.Errorf("chain(3, 5, 7, 5) = %d, want %d", got, want)
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
		whole := strings.HasPrefix(f.What, "train") || strings.HasPrefix(f.What, "sample") || strings.HasPrefix(f.What, "score")
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

// TestSumGradient compares gradients in pieces with one product, to the bit.
func TestSumGradient(t *testing.T) {
	for _, tt := range []struct{ m, n, k int }{{3, 5, 7}, {300, 512, 3}, {257, 1040, 2}, {2, 513, 130}} {
		c, want := matrix(tt.m, tt.n), matrix(tt.m, tt.n)
		a, b := matrix(tt.k, tt.m), matrix(tt.k, tt.n)
		for i := range a.Data {
			a.Data[i] = 1 / (1 + float32(i%11))
		}
		SumGradient(c, a, b)()
		f32.MulTransA(want, a, b, 0, tt.k, false, nil)
		if !slices.Equal(c.Data, want.Data) {
			t.Errorf("the gradient of [%d x %d] over %d rows differs from the product", tt.m, tt.n, tt.k)
		}
	}
}

// TestBeside makes products of each kind on every kernel set. One is too long for plain Go and has no figure there.
func TestBeside(t *testing.T) {
	defer f32.Use("auto")
	sets := f32.Kernels()
	list := []Product{{packed, 8, 65, 64}, {unpacked, 1, 32, 32}, {gradient, 16, 48, 40}, {gradient, 1 << 10, 1 << 12, 1 << 12}}
	var seen []string
	if err := Beside(t.Context(), list, sets[len(sets)-1:], func(figures []Figure) { // plain Go
		seen = append(seen, figures[0].What)
		if f := figures[0]; len(figures) != 1 || f.Kernels != "go" || f.Workers != 1 || (f.OfPeak > 0) != (len(seen) < len(list)) {
			t.Errorf("plain Go: %+v", figures)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"product M=8 N=65 K=64", "unpacked M=1 N=32 K=32", "gradient M=16 N=48 K=40", "gradient M=1024 N=4096 K=4096"}; !slices.Equal(seen, want) {
		t.Errorf("plain Go: figures of %q, want %q", seen, want)
	}
	if err := Beside(t.Context(), list[:3], sets, func(figures []Figure) {
		for i, f := range figures {
			if len(figures) != len(sets) || f.Kernels != sets[i] || f.What != figures[0].What || !(f.GFLOPS > 0 && f.OfPeak > 0) || math.IsInf(f.GFLOPS+f.OfPeak, 0) {
				t.Errorf("sets %v: figure %d is %+v", sets, i, f)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := Beside(t.Context(), list[:1], []string{"mmx"}, func(f []Figure) { t.Errorf("emits %+v", f) }); err == nil {
		t.Error("there are no kernels mmx")
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
