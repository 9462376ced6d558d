package termtext

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestColumnMeans spreads points over columns by their x.
func TestColumnMeans(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		name    string
		x, y    []float64
		columns int
		want    []float64
	}{
		{"one for each column", []float64{10, 20, 30}, []float64{1, 2, 4}, 3, []float64{1, 2, 4}},
		{"a mean where there are several", []float64{0, 1, 9, 10}, []float64{1, 3, 6, 8}, 2, []float64{2, 7}},
		{"a line where there is none", []float64{0, 8}, []float64{1, 9}, 5, []float64{1, 3, 5, 7, 9}},
		{"steps of any size", []float64{0, 1, 4}, []float64{1, 4, 1}, 5, []float64{1, 4, 3, 2, 1}},
		{"nothing before the first and behind the last", []float64{0, 1, 2, 4}, []float64{nan, 2, 3, nan}, 5, []float64{nan, 2, 3, nan, nan}},
	} {
		got := columnMeans(GraphLine{"", tt.x, tt.y}, tt.columns, tt.x[0], tt.x[len(tt.x)-1])
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestGraph draws lines of several lengths, with a hole, and tells them apart without colours.
func TestGraph(t *testing.T) {
	lines := []GraphLine{
		{"falling", []float64{1, 2, 3, 4, 10}, []float64{5, 4, 3, 2, 1}},
		{"rising", []float64{2, 6, 7, 8}, []float64{1, 2, math.NaN(), 3}},
		{"level", []float64{1, 10}, []float64{2.5, 2.5}},
	}
	got := Graph(lines, "in metres", 60, 12)
	if len(got) > 12 || len(got) < 8 {
		t.Fatalf("%d lines, want at most 12:\n%s", len(got), strings.Join(got, "\n"))
	}
	plain := ansi.Strip(strings.Join(got, "\n"))
	for _, want := range []string{"── falling  ╌╌ rising  ══ level  in metres", "5.00", "1.00", "╌╌╌", "═══", "───", "10"} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q in\n%s", want, plain)
		}
	}
	for _, l := range strings.Split(plain, "\n") {
		if n := ansi.StringWidth(l); n > 60 {
			t.Errorf("%d columns, want at most 60: %q", n, l)
		}
	}
}

// TestGraphOfLongNames: what does not fit beside the caption stands above it, cut off where the window ends.
func TestGraphOfLongNames(t *testing.T) {
	lines := []GraphLine{
		{"runs/one", []float64{1, 2}, []float64{5, 4}},
		{"runs/" + strings.Repeat("two", 20), []float64{1, 2}, []float64{4, 3}},
	}
	got := Graph(lines, "in metres", 40, 12)
	if len(got) > 12 || len(got) < 8 {
		t.Fatalf("%d lines, want at most 12:\n%s", len(got), strings.Join(got, "\n"))
	}
	for i, want := range []string{"── runs/one", "╌╌ runs/twotwotwotwotwotwotwotwotwotwot…", "in metres"} {
		if plain := ansi.Strip(got[i]); plain != want {
			t.Errorf("line %d is %q, want %q", i, plain, want)
		}
	}
}

// TestGraphOfHardNumbers: numbers of any size have a place.
func TestGraphOfHardNumbers(t *testing.T) {
	hard := []float64{0, 1, -1, 1 + 0x1p-52, 5e-324, 1e-323, 1e-300, 1e300, 1e308, -1e308, math.MaxFloat64, -math.MaxFloat64}
	for _, a := range hard {
		for _, b := range hard {
			for _, l := range []GraphLine{{"x", []float64{a, b, a}, []float64{1, 2, 3}}, {"y", []float64{1, 2, 3}, []float64{a, b, a}}} {
				got := strings.Join(Graph([]GraphLine{l}, "m", 80, 20), "\n")
				if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") || got == "" && (l.Name == "y" || a != b) {
					t.Errorf("%v:\n%s", l, got)
				}
			}
		}
	}
}

// TestShare: numbers of any size keep their place between two others.
func TestShare(t *testing.T) {
	for _, tt := range []struct{ x, low, high, want float64 }{
		{2, 1, 3, 0.5}, {0, -math.MaxFloat64, math.MaxFloat64, 0.5}, {-1e308, -1e308, 1e308, 0}, {3e-323, 1e-323, 5e-323, 0.5}, {5e-324, 0, 5e-324, 1}, {1, 1, 1, 0},
	} {
		if got := share(tt.x, tt.low, tt.high); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%g between %g and %g is at %g, want %g", tt.x, tt.low, tt.high, got, tt.want)
		}
	}
}

// TestGraphWithoutRoom: what cannot be drawn is not.
func TestGraphWithoutRoom(t *testing.T) {
	two := []GraphLine{{"a", []float64{1, 2}, []float64{3, 4}}}
	for name, got := range map[string][]string{
		"no line":      Graph(nil, "m", 80, 20),
		"one point":    Graph([]GraphLine{{"a", []float64{1}, []float64{3}}}, "m", 80, 20),
		"no value":     Graph([]GraphLine{{"a", []float64{1, 2}, []float64{math.NaN(), math.NaN()}}}, "m", 80, 20),
		"an infinity":  Graph([]GraphLine{{"a", []float64{1, 2}, []float64{1, math.Inf(1)}}}, "m", 80, 20),
		"too narrow":   Graph(two, "m", 9, 20),
		"too few rows": Graph(two, "m", 80, LeastGraph-1),
	} {
		if got != nil {
			t.Errorf("%s: drawn\n%s", name, strings.Join(got, "\n"))
		}
	}
	if Graph(two, "m", 80, LeastGraph) == nil {
		t.Error("two points: not drawn")
	}
}
