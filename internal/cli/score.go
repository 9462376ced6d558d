package cli

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/score"
)

// scoreFlags is the command line of score.
type scoreFlags struct {
	models                           []string
	per, format, documents, referred string
	top                              int
	colour                           string
	html                             htmlFlags
	verdict                          verdictFlags
}

func scoreCommand(e *env) *cobra.Command {
	f := &scoreFlags{}
	c := &cobra.Command{
		Use:   "score MODEL [FILE...]",
		Short: "Measure how well a model predicts text",
		Long: `Measure how many bits a model needs for a text. Fewer bits mean a better prediction. The text is
files or, without any, standard input. Each file is scored on its own, and so is each line or
paragraph if the model was trained on those or --documents says so. A file that cannot be scored
does not stop the others; the exit code is then 1.

The first symbol is predicted as if a line break came before it. A symbol that is not in the
model's alphabet costs the bits of the escape symbol plus 8 for each byte. The bits of the parts
add up exactly to those of the whole. In JSON and CSV, "hex" has the bytes of a text that is not
valid UTF-8. "At least" (in JSON "at_least") marks a total that is too large to be exact.

With --reference a line's score is the largest (surprisal - expected surprisal) of its symbols, in
bits. The output shows it and the percentage of reference lines that score lower.

On a terminal, --per line and --per symbol colour the text by surprisal, unless NO_COLOR is set.
--html writes a page for the browser that shows, for each symbol, what the model expected.

--verdict measures the held-out part of the model's training text and compares the model with
n-gram models and gzip, which learn from the rest of that text, and with the entropy if the text
is a generated language. Of a text that is new to the model it measures the last part (--valid).`,
		Example: `  elman score novel chapter.txt
  elman score novel chapter.txt --per symbol --top 3
  elman score novel chapter.txt --per line
  elman score novel chapter.txt --html chapter.html
  elman score names --per line --reference known.txt < new.txt
  elman score austen --model shelley chapter.txt --per line --format csv
  elman score novel book.txt --verdict`,
		Args: arguments(1, math.MaxInt, "a model file or run folder"),
		RunE: func(c *cobra.Command, args []string) error { return e.score(c, f, args) },
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.models, "model", nil, "another model to compare with; repeat for more")
	fl.StringVar(&f.per, "per", "file", "unit of the output: symbol, line or file")
	fl.StringVar(&f.format, "format", "text", "text, json (one object per unit) or csv")
	fl.StringVar(&f.documents, "documents", "", "restart state at: whole (file), line, paragraph (default: as trained)")
	fl.StringVar(&f.referred, "reference", "", "file of normal lines to compare each line's score with")
	fl.IntVar(&f.top, "top", 0, "show the N most likely symbols at each position (with --html: 5)")
	fl.StringVar(&f.colour, "color", "auto", "colour text: auto (on a terminal), always or never")
	f.html.add(c)
	f.verdict.add(c)
	return c
}

func (f *scoreFlags) check() error {
	for _, x := range []struct {
		flag, value string
		known       []string
	}{
		{"per", f.per, []string{"symbol", "line", "file"}},
		{"format", f.format, []string{"text", "json", "csv"}},
		{"documents", f.documents, []string{"", "whole", "line", "paragraph"}},
		{"color", f.colour, []string{"auto", "always", "never"}},
	} {
		if !slices.Contains(x.known, x.value) {
			return usagef("--%s is %q, must be %s", x.flag, x.value, setting.Alternatives(slices.DeleteFunc(x.known, func(s string) bool { return s == "" })))
		}
	}
	switch {
	case f.top < 0:
		return usagef("--top is %d, must be 0 or more", f.top)
	case f.top > 0 && f.per != "symbol" && f.html.file == "":
		return usagef("--top is for --per symbol and --html")
	case f.html.file != "" && len(f.models) > 0:
		return usagef("--html shows what one model says; leave out --model")
	case f.per == "symbol" && len(f.models) > 0:
		return usagef("--model is for --per line or file: models may have different symbols")
	case f.referred != "" && f.per != "line":
		return usagef("--reference is for --per line")
	}
	return nil
}

func (e *env) score(c *cobra.Command, f *scoreFlags, args []string) error {
	if err := f.verdict.check(c, f.format); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	if err := f.html.check(c); err != nil {
		return err
	}
	paths := args[1:]
	if len(paths) == 0 {
		paths = []string{"-"}
		if term.Open(e.stdin) != nil {
			fmt.Fprintln(e.stderr, "reading standard input; end it with Ctrl-D, or name a file to score")
		}
	}
	if err := e.guard(slices.Concat(args[:1], f.models, paths, []string{f.referred}), f.html.files()...); err != nil {
		return err
	}
	if f.verdict.on {
		return e.verdict(c, f, append([]string{args[0]}, f.models...), paths)
	}
	if f.referred != "" && slices.Contains(paths, f.referred) && f.referred == "-" {
		return usagef("--reference and the text cannot both be standard input")
	}
	shown := term.NewStatus(e.screen)
	defer shown.End()
	s := &scoring{f: f, ctx: c.Context(), status: shown}
	out := e.stdout
	if f.format == "text" && f.per != "file" {
		if s.paint = e.newPainter(f.colour); s.paint != nil {
			out = e.painted
		}
	}
	s.width = e.width()
	s.out = bufio.NewWriter(shown.Results(out, e.page))
	for _, name := range append([]string{args[0]}, f.models...) {
		m, err := loadModel(name)
		if err != nil {
			return err
		}
		scorer := score.New(m, score.Extras{Entropy: f.referred != "", Top: f.guesses()})
		if f.documents != "" {
			scorer.Documents = corpus.Documents(f.documents)
		}
		if f.referred != "" && scorer.Documents != corpus.Lines {
			return usagef("--reference compares independent lines, and %s was not trained on lines; add --documents line", name)
		}
		s.models = append(s.models, scoredModel{name: name, scorer: scorer})
		s.alphabet = m.Alphabet // of the last, which is the only one where it matters
	}
	if err := s.scoreReference(e); err != nil {
		return err
	}
	var page *textPage
	if f.html.file != "" {
		page = newTextPage(f.html.show)
		s.views = append(s.views, page)
	}
	s.views = append(s.views, s.newView())
	failed := 0
	for _, path := range paths {
		err := s.file(e, path)
		switch {
		case err == nil:
			continue
		case len(paths) == 1 || !ofFile(err):
			return errors.Join(err, s.out.Flush())
		}
		// The other files are scored all the same.
		if err := s.out.Flush(); err != nil {
			return err
		}
		shown.Clear()
		fmt.Fprintf(e.stderr, "elman: %s\n", describe(c, err))
		failed++
	}
	if page != nil && failed < len(paths) {
		if err := page.write(f.html.file, args[0], paths, s.alphabet); err != nil {
			return errors.Join(err, s.out.Flush())
		}
	}
	if err := s.out.Flush(); err != nil || failed == 0 {
		return err
	}
	return fmt.Errorf("%d of %d files could not be scored", failed, len(paths))
}

// guesses returns how many likely symbols the scorer lists for each symbol.
func (f *scoreFlags) guesses() int {
	if f.top == 0 && f.html.file != "" {
		return defaultGuesses
	}
	return f.top
}
