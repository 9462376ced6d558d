package experiment

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/chart"
)

var update = flag.Bool("update", false, "rewrite the reports in testdata")

// tiny has one of everything that a report can hold, and text that Markdown and HTML would take for theirs.
var tiny = Experiment{Name: "tiny", Doc: "a report of everything", Seeds: 4, run: func(ctx context.Context, s *session) error {
	s.result.Source = "nothing"
	s.say("A first sentence.")
	s.say("Then <b>one</b> with *stars*, a_b and | bars;\nit goes on for so long that on paper as on a terminal it takes two lines, though here it is written in one.")
	s.item("one", "the first & best")
	s.item("two", "the <second>")
	s.say("A sentence behind the list.")
	seeds, err := perSeed(ctx, s, func(_ context.Context, t seedRun) (float64, error) { return float64(t.Seed) / 1000, nil })
	if err != nil {
		return err
	}
	s.table("row", "loss", "word")
	s.row("a|b", 1.5, "x")
	s.row("never", math.Inf(1), "y")
	s.row("not known", nil, "<z>")
	s.heading("Another part")
	s.whole([]string{"network", "a spread", "n"}, [][]any{{"with a long name", spread(seeds), 3}, {"short", 1e-9, 100}})
	s.figure("curve", "A figure of a & b.", chart.Chart{X: "x", Y: "y", Lines: []chart.Line{{X: []float64{1, 2}, Y: []float64{1, 2}}}})
	s.finding("mean", spread(seeds).Mean, "nats")
	s.finding("most", spread(seeds).High, "nats")
	s.target("loss", "< 3.5", "a paper, p. 4", each(seeds, func(x float64) bool { return x < 0.0035 }))
	s.target("loss", "> 0", "common sense", each(seeds, func(x float64) bool { return x > 0 }))
	s.sample("the *network*", "```\n</pre><script>alert(1)</script>\n\n")
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
	golden(t, "tiny.csv", read(t, folders[0], "tables.csv"))
	webpage := read(t, folders[0], "report.html")
	for _, long := range []string{"<svg.*</svg>", "<style>.*</style>", `style-src 'sha256-[^']*'`} {
		if webpage = regexp.MustCompile("(?s)"+long).ReplaceAll(webpage, []byte("LONG")); !bytes.Contains(webpage, []byte("LONG")) {
			t.Errorf("report.html has no %s", long)
		}
	}
	golden(t, "tiny.html", webpage)
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
	if want := []string{"curve.png", "curve.svg", "report.html", "report.md", "result.json", "tables.csv"}; !slices.Equal(names, want) {
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
	r.Figures[0].Charts = nil
	if err := r.Write(t.TempDir()); err == nil || !strings.Contains(err.Error(), "figure curve") {
		t.Errorf("an empty figure: error %v", err)
	}
}

// TestPerSeed: seeds come back in their order and share the threads.
func TestPerSeed(t *testing.T) {
	for threads, each := range map[int]int{0: 1, 1: 1, 2: 1, 9: 1, 16: 3} {
		l := newSession(Experiment{Name: "x", Seeds: 5}, Options{Seed: 7, Threads: threads})
		got, err := perSeed(t.Context(), l, func(_ context.Context, t seedRun) ([2]int, error) { return [2]int{int(t.Seed), t.Threads}, nil })
		if want := [][2]int{{7, each}, {8, each}, {9, each}, {10, each}, {11, each}}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%d threads: %v, error %v; want %v", threads, got, err, want)
		}
	}
}

// TestPerSeedFails: the seed that failed is the reason, not one that was ended with it; and who cancels is told so.
func TestPerSeedFails(t *testing.T) {
	l := newSession(Experiment{Name: "x", Seeds: 5}, Options{Threads: 2})
	wrong := errors.New("wrong")
	fail := func(ctx context.Context, t seedRun) (int, error) {
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
