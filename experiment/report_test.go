package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/chart"
)

var update = flag.Bool("update", false, "rewrite the reports in testdata")

// tiny has one of everything that a report can hold, and text that Markdown and HTML would take for theirs.
var tiny = Experiment{Name: "tiny", Doc: "a report of everything", Seeds: 4, run: func(ctx context.Context, l *lab) error {
	l.result.Source = "nothing"
	l.say("A first sentence.")
	l.say("Then <b>one</b> with *stars*, a_b and | bars;\nit goes on for so long that on paper as on a terminal it takes two lines, though here it is written in one.")
	l.item("one", "the first & best")
	l.item("two", "the <second>")
	l.say("A sentence behind the list.")
	seeds, err := perSeed(ctx, l, func(_ context.Context, t trial) (float64, error) { return float64(t.Seed) / 1000, nil })
	if err != nil {
		return err
	}
	l.table("row", "loss", "word")
	l.row("a|b", 1.5, "x")
	l.row("never", math.Inf(1), "y")
	l.row("not known", nil, "<z>")
	l.heading("Another part")
	l.whole([]string{"network", "a spread", "n"}, [][]any{{"with a long name", spread(seeds), 3}, {"short", 1e-9, 100}})
	l.figure("curve", "A figure of a & b.", chart.Chart{X: "x", Y: "y", Lines: []chart.Line{{X: []float64{1, 2}, Y: []float64{1, 2}}}})
	l.finding("mean", spread(seeds).Mean, "nats")
	l.finding("most", spread(seeds).High, "nats")
	l.target("loss", "< 3.5", "a paper, p. 4", each(seeds, func(x float64) bool { return x < 0.0035 }))
	l.target("loss", "> 0", "common sense", each(seeds, func(x float64) bool { return x > 0 }))
	l.sample("the *network*", "```\n</pre><script>alert(1)</script>\n\n")
	return nil
}}

// TestReport holds page and report of the tiny experiment against testdata.
func TestReport(t *testing.T) {
	var page bytes.Buffer
	folders := []string{t.TempDir(), filepath.Join(t.TempDir(), "made", "here")}
	for i, threads := range []int{1, 3} {
		page.Reset()
		r, err := tiny.Run(t.Context(), Options{Out: &page, Threads: threads, Text: []byte("naïve"), Source: "it's.txt"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second replaces the first
			if err := r.Write(folders[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	golden(t, "tiny.txt", page.Bytes())
	golden(t, "tiny.md", read(t, folders[0], "report.md"))
	golden(t, "tiny.json", read(t, folders[0], "result.json"))
	webpage, drawing := read(t, folders[0], "report.html"), read(t, folders[0], "curve.svg")
	drawing = bytes.TrimSpace(drawing[bytes.Index(drawing, []byte("<svg")):])
	if !bytes.Contains(webpage, drawing) {
		t.Error("report.html does not hold the figure")
	}
	golden(t, "tiny.html", bytes.Replace(webpage, drawing, []byte("DRAWING"), 1))
	files, err := os.ReadDir(folders[0])
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
		if !bytes.Equal(read(t, folders[0], f.Name()), read(t, folders[1], f.Name())) {
			t.Errorf("%s: one and three threads give different files", f.Name())
		}
	}
	if want := []string{"curve.png", "curve.svg", "report.html", "report.md", "result.json"}; !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, "testdata", name); !bytes.Equal(got, want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// TestNoReport: what cannot be written is told, and a figure that cannot be drawn.
func TestNoReport(t *testing.T) {
	r, err := tiny.Run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(file, "below")} {
		if err := r.Write(folder); err == nil {
			t.Errorf("a report in %s, and no error", folder)
		}
	}
	r.Figures[0].charts = nil
	if err := r.Write(t.TempDir()); err == nil || !strings.Contains(err.Error(), "figure curve") {
		t.Errorf("an empty figure: error %v", err)
	}
}

// TestPerSeed: seeds come back in their order and share the threads.
func TestPerSeed(t *testing.T) {
	for threads, each := range map[int]int{0: 1, 1: 1, 2: 1, 9: 1, 16: 3} {
		l := newLab(Experiment{Name: "x", Seeds: 5}, Options{Seed: 7, Threads: threads})
		got, err := perSeed(t.Context(), l, func(_ context.Context, t trial) ([2]int, error) { return [2]int{int(t.Seed), t.Threads}, nil })
		if want := [][2]int{{7, each}, {8, each}, {9, each}, {10, each}, {11, each}}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%d threads: %v, error %v; want %v", threads, got, err, want)
		}
	}
}

// TestPerSeedFails: the seed that failed is the reason, not one that was ended with it; and who cancels is told so.
func TestPerSeedFails(t *testing.T) {
	l := newLab(Experiment{Name: "x", Seeds: 5}, Options{Threads: 2})
	wrong := errors.New("wrong")
	fail := func(ctx context.Context, t trial) (int, error) {
		if t.Seed == 2 {
			return 0, wrong
		}
		<-ctx.Done()
		return 0, ctx.Err()
	}
	if _, err := perSeed(t.Context(), l, fail); err != wrong {
		t.Errorf("error %v, want %v", err, wrong)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := perSeed(cancelled, l, fail); err != context.Canceled {
		t.Errorf("cancelled: error %v", err)
	}
}

func TestSpread(t *testing.T) {
	if got, want := spread([]float64{1, 2, 3, 6}), (Spread{Mean: 3, SD: math.Sqrt(14. / 3), Low: 1, High: 6}); got != want {
		t.Errorf("spread %+v, want %+v", got, want)
	}
	for want, numbers := range map[string][]float64{
		"0.250":                   {0.25},
		"0.0075 (0.005 to 0.010)": {0.005, 0.01},
		"0.375 (0.250 to 0.500)":  {0.25, 0.5},
		"-45.25 (-99.50 to 9.00)": {-99.5, 9},
		"100.0 (99.8 to 100.2)":   {99.75, 100.25},
		"1500 (1000 to 2000)":     {1000, 2000},
		"5e-10 (1e-10 to 9e-10)":  {1e-10, 9e-10},
	} {
		if got := spread(numbers).String(); got != want {
			t.Errorf("%v is written %q, want %q", numbers, got, want)
		}
	}
	if b, err := json.Marshal(spread([]float64{1, 2})); err != nil || !strings.HasPrefix(string(b), `{"mean":1.5,"sd":0.7`) {
		t.Errorf("as JSON %s, error %v", b, err)
	}
}
