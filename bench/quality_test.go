package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/train"
)

// TestReaches asks a curve of four points when it first comes down to a loss.
func TestReaches(t *testing.T) {
	c := curve{points: []point{{10, 0, 3}, {20, 0, 2}, {30, 0, 2.5}, {40, 0, 1}}}
	for _, tt := range []struct {
		name       string
		loss, want float64
	}{
		{"at a point", 2, 20},
		{"between two", 2.25, 17.5},
		{"the first of several times", 2.5, 15},
		{"after the loss has risen", 1.75, 35},
		{"before the first point: not known better", 3.5, 10},
		{"never", 0.5, math.Inf(1)},
	} {
		if got := c.reaches(tt.loss); got != tt.want {
			t.Errorf("%s: reaches(%v) = %v, want %v", tt.name, tt.loss, got, tt.want)
		}
	}
}

// twoSides is a case of which PyTorch has the lowest loss in the second of three rounds.
func twoSides() result {
	elman, torch := &sideResult{Name: "Elman", Cores: 1}, &sideResult{Name: "PyTorch", Cores: 1}
	for i, loss := range []float64{2, 1.5, 1.25} {
		elman.add(answer{Chars: 4000, Seconds: 10, Peak: 1e11, ValidLoss: loss})
		torch.add(answer{Chars: 1000, Seconds: 11, ValidLoss: []float64{2.5, 1.75, 1.8}[i]})
	}
	return result{Cell: "lstm", V: 61, H: 256, L: 1, T: 64, B: 32, What: "Adam", Sides: []*sideResult{elman, torch}}
}

func TestQualityTable(t *testing.T) {
	var out strings.Builder
	r := twoSides()
	for n := 1; n <= 3; n++ { // as rounds come
		part := r
		part.Sides = nil
		for _, s := range r.Sides {
			part.Sides = append(part.Sides, &sideResult{Name: s.Name, Rounds: s.Rounds[:n]})
		}
		printRound(&out, &part)
	}
	printSooner(&out, curves(r))
	const want = `
lstm, V=61 H=256 L=1 T=64 B=32, Adam
Elman                               PyTorch
 seconds   characters     loss       seconds   characters     loss
    10.0         4000   2.0000          11.0         1000   2.5000
    20.0         8000   1.5000          22.0         2000   1.7500
    30.0        12000   1.2500          33.0         3000   1.8000

Elman: best loss 1.2500 nats per character, after 30 s and 12000 characters
PyTorch: best loss 1.7500 nats per character, after 22 s and 2000 characters
Elman comes to 1.7500 after 15 s: 1.5 times as soon
`
	if out.String() != want {
		t.Errorf("the table is\n%s\nwant\n%s", out.String(), want)
	}
	r.Sides[0].Rounds = r.Sides[0].Rounds[:1]
	out.Reset()
	printSooner(&out, curves(r))
	if want := "Elman does not come to 1.7500\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("a curve that ends above: %q, want %q at the end", out.String(), want)
	}
	r.Sides[0].Rounds[0].ValidLoss = 1.5
	out.Reset()
	printSooner(&out, curves(r))
	if want := "after 10 s: at least 2.2 times as soon\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("a curve that begins below: %q, want %q at the end", out.String(), want)
	}
	r.Sides[1].Missing = notInstalled
	out.Reset()
	printSooner(&out, curves(r))
	if got := out.String(); strings.Contains(got, "PyTorch") || !strings.Contains(got, "Elman: best") {
		t.Errorf("without PyTorch: %q", got)
	}
}

// TestPicture paints, and looks for both curves.
func TestPicture(t *testing.T) {
	file := filepath.Join(t.TempDir(), "q.svg")
	if err := paint(file, "two sides", curves(twoSides())); err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range curves(twoSides()) {
		if !strings.Contains(string(picture), ">"+c.name+"<") {
			t.Errorf("no legend for %s", c.name)
		}
	}
	if err := paint("q.bmp", "two sides", curves(twoSides())); err == nil || !strings.Contains(err.Error(), ".png") {
		t.Errorf("q.bmp: %v", err)
	}
}

// TestValidation makes sure that PyTorch is told to measure the loss as package train does: on as many streams, of which as
// many characters count.
func TestValidation(t *testing.T) {
	play, err := language.Find("play")
	if err != nil {
		t.Fatal(err)
	}
	text := play.Generate(1, 3<<20)
	for _, length := range []int{500_000, 3 << 20} { // a few streams, and more text than counts
		c, err := corpus.New(corpus.FromBytes("play", text[:length]), corpus.Options{Closed: true, Valid: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		r, err := train.Run(t.Context(), c, settings(func(s *train.Settings) {
			s.Network.Hidden, s.Batch, s.Window, s.Budget.Steps = 8, 2, 8, 1
		}), train.Options{})
		if err != nil {
			t.Fatal(err)
		}
		v := validationOf(c.Valid().Len(), 0.1)
		streams, err := c.Valid().Streams(v.Streams)
		if err != nil {
			t.Fatal(err)
		}
		const T = 32
		window := r.Model.Network.NewWindow(T, v.Streams, nil)
		x, y := make([]int32, T*v.Streams), make([]int32, T*v.Streams)
		sum, n := 0.0, 0
		for n < v.Chars {
			steps, err := streams.Next(x, y)
			if err != nil {
				t.Fatal(err)
			}
			k := steps * v.Streams
			if k == 0 {
				break
			}
			sum += window.Loss(x[:k], y[:k])
			n += k
		}
		if got, want := sum/float64(n), *r.Report.ValidLoss; got != want {
			t.Errorf("%d characters held out, in %d streams of %d in all: loss %v, train reports %v", c.Valid().Len(), v.Streams, n, got, want)
		}
	}
}
