package elman_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

var ctx = context.Background()

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// namesFile writes names of ships, one a line, to a temporary file.
func namesFile() (path string, remove func()) {
	var b strings.Builder
	for _, first := range strings.Fields("Sea Wind Storm Star Moon") {
		for _, last := range strings.Fields("bird rider light song farer") {
			fmt.Fprintln(&b, first+last)
		}
	}
	folder, err := os.MkdirTemp("", "")
	check(err)
	path = filepath.Join(folder, "names.txt")
	check(os.WriteFile(path, []byte(strings.Repeat(b.String(), 8)), 0o600))
	return path, func() { os.RemoveAll(folder) }
}

func namesModel() *elman.Model {
	path, remove := namesFile()
	defer remove()
	return trainNames(path)
}

func trainNames(path string) *elman.Model {
	lines := corpus.Defaults()
	lines.Documents = corpus.Lines // each line is a text of its own
	m, err := elman.Train(ctx, []string{path}, elman.Config{
		Corpus: &lines,
		Change: func(s *train.Settings) { s.Network.Hidden, s.Budget.Steps = 32, 150 },
	})
	check(err)
	return m
}

// Learn names, and invent some.
func ExampleTrain() {
	path, remove := namesFile()
	defer remove()
	m := trainNames(path)

	o := generate.Defaults()
	o.Count, o.Stops, o.Temperature = 5, []string{"\n"}, 0.7
	names, err := m.Generate(ctx, o)
	check(err)
	fmt.Println(names)
	// Output:
	// [Seasong Starsong Moonbird Searider Stormsong]
}

// Text that is generated while the model draws it.
func ExampleTrain_continued() {
	path, remove := namesFile()
	defer remove()
	m := trainNames(path)
	more := filepath.Join(filepath.Dir(path), "more.txt")
	check(os.WriteFile(more, []byte(strings.Repeat("Été\nÎle\nÉtoile\n", 40)), 0o600))

	ships, err := elman.Train(ctx, []string{more}, elman.Config{
		Init:     m,    // its network and its symbols; new ones are added
		TestFile: path, // what is left of the old names?
		Change:   func(s *train.Settings) { s.Budget.Steps = 30 },
		Tested:   func(t run.Tested) { fmt.Printf("%.1f bits per character of the old names\n", t.Bits/float64(t.Chars)) },
	})
	check(err)
	fmt.Println(ships.Alphabet.Without(m.Alphabet), "are new")
	// Output:
	// 0.8 bits per character of the old names
	// [É Î é] are new
}

func ExampleModel_Stream() {
	m := namesModel()
	o := generate.Defaults()
	o.Prompt, o.Stops = "Moon", []string{"\n"}
	err := m.Stream(ctx, o, func(p generate.Piece) error {
		fmt.Print(p.Text, "|")
		return nil
	})
	check(err)
	// Output:
	// Moon|r|f|a|r|e|r||
}

func ExampleModel_Score() {
	m := namesModel()
	for _, name := range []string{"Stormrider\n", "Stormfrigate\n"} {
		sum, err := m.Score(ctx, name)
		check(err)
		fmt.Printf("%-15q %5.1f bits, %.2f per character\n", name, sum.Bits.Float(), sum.PerChar())
	}
	// Output:
	// "Stormrider\n"    5.2 bits, 0.47 per character
	// "Stormfrigate\n"  51.2 bits, 3.94 per character
}

// How unusual a line is, beside usual ones.
func ExampleModel_ScoreEach_reference() {
	m := namesModel()
	usual, err := m.ScoreEach(ctx, []string{"Seabird\n", "Windsong\n", "Starlight\n", "Moonrider\n"})
	check(err)
	reference := score.NewReference(usual)
	sums, err := m.ScoreEach(ctx, []string{"Seasong\n", "Seasnog\n"})
	check(err)
	for _, sum := range sums {
		fmt.Printf("more unusual than %3.0f %%: excess %.1f bits\n", 100*reference.Rank(sum), sum.Excess.Float())
	}
	// Output:
	// more unusual than  25 %: excess 0.4 bits
	// more unusual than 100 %: excess 7.9 bits
}

func ExampleModel_Next_names() {
	m := namesModel()
	next, err := m.Next(ctx, "S")
	check(err)
	for _, p := range next.Top(3) {
		fmt.Printf("%q %.2f\n", p.Text, p.P)
	}
	// Output:
	// "t" 0.63
	// "e" 0.36
	// "o" 0.00
}

func ExampleModel_Session() {
	m := namesModel()
	s := m.Session()
	check(s.Read(ctx, "Moonrider\nSt"))
	next, err := s.Next(ctx)
	check(err)
	fmt.Printf("after St: %q\n", next.Top(1)[0].Text)

	check(s.Read(ctx, "arlight\n"))
	sum, err := s.Sum(ctx)
	check(err)
	fmt.Printf("%d symbols, %.1f bits\n", sum.Symbols, sum.Bits.Float())
	// Output:
	// after St: "a"
	// 20 symbols, 10.3 bits
}

// A model file that a program embeds, or has from anywhere else.
func ExampleRead() {
	var file bytes.Buffer
	check(namesModel().Write(&file))

	m, err := elman.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	check(err)
	fmt.Println(m.Alphabet)
	// Output:
	// 19 chars and the escape
}

// Weights of 8 bits: a smaller and faster model, which differs a little.
func ExampleModel_round() {
	m := namesModel()
	r, err := m.Round(rnn.Int8)
	check(err)
	small := elman.New(r)
	for _, m := range []*elman.Model{m, small} {
		sum, err := m.Score(ctx, "Starlight\n")
		check(err)
		fmt.Printf("%.3f bits\n", sum.Bits.Float())
	}
	// Output:
	// 4.775 bits
	// 4.783 bits
}

// The state of every unit after every symbol.
func ExampleModel_inspect() {
	m := namesModel()
	trace := &inspect.Trace{Quantities: []string{"h"}}
	_, err := inspect.Read(ctx, m.Model, corpus.FromBytes("text", []byte("Seabird\n")), score.Extras{}, trace)
	check(err)
	h := trace.Values(0, "h") // [symbols x hidden units]
	fmt.Println(len(trace.Symbols), "symbols,", len(h)/len(trace.Symbols), "units")
	// Output:
	// 8 symbols, 32 units
}

// TestLibraryPage: every piece of code in docs/library.md, and what it prints, is in an example of this file.
func TestLibraryPage(t *testing.T) {
	page, err := os.ReadFile("docs/library.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("library_test.go")
	if err != nil {
		t.Fatal(err)
	}
	code := "\n" + bare(string(source))
	blocks := 0
	for i, block := range strings.Split(string(page), "```") {
		if i%2 == 0 {
			continue // prose
		}
		blocks++
		if block = bare(strings.TrimPrefix(block, "go")[1:]); !strings.Contains(code, "\n"+block) {
			t.Errorf("no example has\n%s", block)
		}
	}
	if blocks < 15 {
		t.Errorf("%d blocks", blocks)
	}
}

// bare returns lines without what is before their code: tabs, and the mark of a comment.
func bare(lines string) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		b.WriteString(strings.TrimPrefix(strings.TrimLeft(line, "\t"), "// "))
	}
	return b.String()
}
