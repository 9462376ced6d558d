package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/score"
)

// defaultGuesses is how many a page shows for each symbol.
const defaultGuesses = 5

// htmlFlags are the flags of score --html.
type htmlFlags struct {
	file string
	show int
}

func (f *htmlFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "html", "", "also write a page for a browser into this `file`")
	c.Flags().IntVar(&f.show, "show", 20000, "with --html: show the first `N` symbols")
}

func (f *htmlFlags) check(c *cobra.Command) error {
	switch {
	case f.show < 1:
		return usagef("--show is %d, must be at least 1", f.show)
	case c.Flags().Changed("show") && f.file == "":
		return usagef("--show is for --html")
	case f.file == "-":
		return usagef("--html is %q, must be the name of a file", f.file)
	}
	return nil
}

// files returns the file to write, if there is one.
func (f *htmlFlags) files() []string {
	if f.file == "" {
		return nil
	}
	return []string{f.file}
}

// A textPage is a page about a text that is being scored. It is a view.
type textPage struct {
	page     page.Page
	alphabet *corpus.Alphabet
	show     int // symbols
	begins   string
	marks    [][]mark // the symbols of the lines at hand
	sum      score.Sum
}

func newTextPage(a *corpus.Alphabet, show int) *textPage { return &textPage{alphabet: a, show: show} }

func (p *textPage) begin(c *chunk) {
	if c.number == 0 {
		p.begins = textName(c.path)
	}
	p.marks = make([][]mark, len(c.lines))
}

func (p *textPage) symbol(c *chunk, i, j int, x score.Symbol) {
	if j == 0 && p.room() > len(p.marks[i]) {
		p.marks[i] = append(p.marks[i], newMark(p.alphabet, x))
	}
}

func (p *textPage) scored(c *chunk) {
	for i, marks := range p.marks {
		p.add(marks, c.sums[i][0])
	}
}

// room returns how many symbols more are shown.
func (p *textPage) room() int { return p.show - len(p.page.Symbols) }

// add takes in symbols of the text, as many as there is room for, and the sum of all.
func (p *textPage) add(marks []mark, sum score.Sum) {
	for _, m := range marks[:min(len(marks), p.room())] {
		p.page.Symbols = append(p.page.Symbols, page.Symbol{Begins: p.begins, Text: m.text, Bits: m.bits, Rank: m.rank, Top: m.top})
		p.begins = ""
	}
	p.sum.Join(sum)
}

func (p *textPage) end(path string, sums []score.Sum) {}

// textName is what people call a file.
func textName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// describe fills in what the page says of model and text.
func (p *textPage) describe(modelName string, paths []string) {
	var names []string
	for _, path := range paths {
		names = append(names, textName(path))
	}
	if len(paths) == 1 && len(p.page.Symbols) > 0 {
		p.page.Symbols[0].Begins = "" // the title says it
	}
	p.page.Title = fmt.Sprintf("What surprises %s in %s", filepath.Clean(modelName), strings.Join(names, ", "))
	p.page.Size = p.alphabet.Size()
	p.page.Facts = []page.Fact{
		{Name: "bits per character", Value: report.Fixed(4)(p.sum.PerChar())},
		{Name: "perplexity of a symbol", Value: perplexity(p.sum.Perplexity())},
		{Name: string(p.alphabet.Kind()), Value: report.Grouped(p.sum.Symbols)},
		{Name: "bits in all", Value: atLeast(p.sum.Bits == score.MaxBits) + report.Grouped(int64(p.sum.Bits.Float()+0.5))},
	}
	if shown := int64(len(p.page.Symbols)); shown < p.sum.Symbols {
		p.page.Notes = append(p.page.Notes, fmt.Sprintf("Shown are the first %s of %s symbols; --show changes how many. The figures above are of all.", report.Grouped(shown), report.Grouped(p.sum.Symbols)))
	}
}

// write makes the page of score --html.
func (p *textPage) write(file, modelName string, paths []string) error {
	p.describe(modelName, paths)
	return writePage(file, &p.page)
}

func writePage(file string, p *page.Page) error {
	return atomicfile.Write(file, func(w io.Writer) error { return page.Write(w, p) })
}
