package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
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

// A scoredModel is one of the models that score a text.
type scoredModel struct {
	name      string
	scorer    *score.Scorer
	reference *score.Reference // nil without --reference
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
	if f.html.file != "" {
		s.page = newTextPage(f.html.show)
	}
	s.begin()
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
	if s.page != nil && failed < len(paths) {
		if err := s.page.write(f.html.file, args[0], paths, s.alphabet); err != nil {
			return errors.Join(err, s.out.Flush())
		}
	}
	if err := s.out.Flush(); err != nil || failed == 0 {
		return err
	}
	return fmt.Errorf("%d of %d files could not be scored", failed, len(paths))
}

// ofFile reports whether an error concerns one file, so that the others can be scored.
func ofFile(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, model.ErrNotFinite) && !errors.Is(err, model.ErrCodes)
}

// guesses returns how many likely symbols the scorer lists for each symbol.
func (f *scoreFlags) guesses() int {
	if f.top == 0 && f.html.file != "" {
		return defaultGuesses
	}
	return f.top
}

// A scoring is one call of the command.
type scoring struct {
	f        *scoreFlags
	ctx      context.Context
	out      *bufio.Writer
	models   []scoredModel
	alphabet *corpus.Alphabet
	width    int           // of the terminal that the results go to, 0 for files and pipes
	paint    *term.Painter // nil without colours
	page     *textPage     // nil without --html

	status     *term.Status
	work       string // at hand
	read, size int64  // bytes of it, once for each model
}

// begins says what is read next.
func (s *scoring) begins(path string, text *corpus.Text) {
	if path == "-" {
		path = "standard input"
	}
	s.work, s.read, s.size = "scoring "+path, 0, text.Size()*int64(len(s.models))
}

func (s *scoring) file(e *env, path string) error {
	text, err := corpus.Open(s.ctx, []string{path}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	s.begins(path, text)
	for i := range s.models {
		s.models[i].scorer.Reset()
	}
	sums := make([]score.Sum, len(s.models))
	if s.page != nil {
		s.page.begin(path)
	}
	offset, number := int64(0), 0
	for all := newLineReader(text); ; {
		lines, err := all.next()
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			break
		}
		if number == 0 {
			s.hint(e, path, lines[0])
		}
		scored, marks, err := s.lines(path, lines, &offset)
		if err != nil {
			return s.named(path, err, number)
		}
		for i, line := range lines {
			number++
			if s.f.per == "line" {
				s.unit(unit{file: path, line: number, text: line, marks: marks[i], sums: scored[i]})
			}
			if s.page != nil {
				s.page.add(marks[i], scored[i][0])
			}
			for j := range sums {
				sums[j].Join(scored[i][j])
			}
		}
	}
	if s.f.per == "file" {
		s.unit(unit{file: path, sums: sums})
	}
	return nil
}

// hint tells of bytes around the first line that the model never saw, and that cost much in each line.
func (s *scoring) hint(e *env, path string, line []byte) {
	lacks := func(symbol string) bool {
		ids, err := s.alphabet.Encode(symbol)
		return err != nil || slices.Contains(ids, s.alphabet.Escape())
	}
	breaks := corpus.LineBreaks{BOM: bytes.HasPrefix(line, []byte("\ufeff")) && lacks("\ufeff")}
	if bytes.HasSuffix(line, []byte("\r\n")) && lacks("\r") {
		breaks.CRLF = 1
	}
	if what := lineHint(breaks); what != "" {
		s.status.Clear()
		fmt.Fprintf(e.stderr, "note: %s %s, which the model has not learned\n", textName(path), what)
	}
}

// named says in which file an error lies, and in which line if lines are texts of their own: then bytes are counted from
// its start.
func (s *scoring) named(path string, err error, linesBefore int) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if path == "-" {
		path = "standard input"
	}
	if line := (*score.TextError)(nil); errors.As(err, &line) {
		return fmt.Errorf("%s, line %d: %w", path, linesBefore+line.Text+1, line.Err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// lines returns the sums of lines by each model, with their symbols if they will be shown. It prints the symbols if wanted.
func (s *scoring) lines(path string, lines [][]byte, offset *int64) ([][]score.Sum, [][]mark, error) {
	sums, marks := make([][]score.Sum, len(lines)), make([][]mark, len(lines))
	for i := range sums {
		sums[i] = make([]score.Sum, len(s.models))
	}
	for j := range s.models {
		scorer := s.models[j].scorer
		add := func(i int, x score.Symbol) error {
			sums[i][j].Add(x)
			s.read += int64(len(x.Text))
			s.status.Tell(s.work, float64(s.read)/float64(s.size))
			if s.f.per == "symbol" {
				s.symbol(path, *offset, x)
				*offset += int64(len(x.Text))
			}
			if j == 0 && (s.paint != nil && s.f.per == "line" || s.page.room() > len(marks[i])) {
				marks[i] = append(marks[i], newMark(x))
			}
			return nil
		}
		if scorer.Documents == corpus.Lines && s.f.per != "symbol" {
			if err := scorer.Lines(s.ctx, lines, add); err != nil {
				return nil, nil, err
			}
			continue
		}
		for i, line := range lines {
			if err := scorer.Text(s.ctx, line, func(x score.Symbol) error { return add(i, x) }); err != nil {
				return nil, nil, err
			}
		}
	}
	return sums, marks, nil
}

// scoreReference scores the reference.
func (s *scoring) scoreReference(e *env) error {
	if s.f.referred == "" {
		return nil
	}
	text, err := corpus.Open(s.ctx, []string{s.f.referred}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	s.begins(s.f.referred, text)
	all := make([][]score.Sum, len(s.models))
	number := 0
	for reader := newLineReader(text); ; {
		lines, err := reader.next()
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			break
		}
		scored, _, err := s.lines(s.f.referred, lines, nil)
		if err != nil {
			return s.named(s.f.referred, err, number)
		}
		number += len(lines)
		for _, sums := range scored {
			for j, sum := range sums {
				all[j] = append(all[j], sum)
			}
		}
	}
	for j := range s.models {
		s.models[j].reference = score.NewReference(all[j])
	}
	return nil
}
