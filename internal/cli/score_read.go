package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

// A scoredModel is one of the models that score a text.
type scoredModel struct {
	name      string
	model     *model.Model
	scorer    *score.Scorer
	reference *score.Reference // nil without --reference
}

// A scoring is one call of the command.
type scoring struct {
	f         *scoreFlags
	ctx       context.Context
	out       *bufio.Writer
	files     int // to score
	models    []scoredModel
	alphabet  *corpus.Alphabet
	width     int           // of the terminal that the results go to, 0 for files and pipes
	paint     *term.Painter // nil without colours
	views     []view
	frequency *units.Frequency // nil without --frequency

	status      *term.Status
	work        string // at hand
	bytes, size int64  // read of it, and all, once for each model
}

// A chunk is some lines of a file that are scored together.
type chunk struct {
	path   string
	number int   // of lines before
	offset int64 // of the first line, in bytes
	lines  [][]byte
	sums   [][]score.Sum // by line and model
}

// A view shows what was scored: its symbols, words or lines, the whole file, or a page.
type view interface {
	begin(c *chunk)                            // before it is scored
	symbol(c *chunk, i, j int, x score.Symbol) // the next of line i by model j; symbols of other lines may come between
	scored(c *chunk)                           // by all models
	end(path string, sums []score.Sum)         // of the file; sums by model
}

// newView returns the view that --per names.
func (s *scoring) newView() view {
	switch s.f.per {
	case "symbol":
		return newSymbolView(s)
	case "word":
		return newWordView(s)
	case "line":
		return newLineView(s)
	}
	return newFileView(s)
}

// begins says what is read next.
func (s *scoring) begins(path string, text *corpus.Text) {
	if path == "-" {
		path = "standard input"
	}
	s.work, s.bytes, s.size = "scoring "+path, 0, text.Size()*int64(len(s.models))
}

// ofFile reports whether an error concerns one file, so that the others can be scored.
func ofFile(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, model.ErrNotFinite) && !errors.Is(err, model.ErrCodes)
}

func (s *scoring) file(e *env, path string) error {
	text, err := corpus.Open(s.ctx, []string{path}, e.stdin)
	if err != nil {
		return err
	}
	defer text.Close()
	sums := make([]score.Sum, len(s.models))
	err = s.chunks(path, text, func(c *chunk) error {
		if c.number == 0 {
			s.hint(e, path, c.lines[0])
		}
		for _, v := range s.views {
			v.begin(c)
		}
		if err := s.read(c, s.views); err != nil {
			return err
		}
		for _, v := range s.views {
			v.scored(c)
		}
		for _, line := range c.sums {
			for j := range sums {
				sums[j].Join(line[j])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range s.views {
		v.end(path, sums)
	}
	return nil
}

// chunks passes a text to do, some lines at a time.
func (s *scoring) chunks(path string, text *corpus.Text, do func(*chunk) error) error {
	s.begins(path, text)
	for i := range s.models {
		s.models[i].scorer.Reset()
	}
	c := &chunk{path: path}
	for all := newLineReader(text); ; {
		lines, err := all.next()
		if err != nil || len(lines) == 0 {
			return err
		}
		c.lines, c.sums = lines, make([][]score.Sum, len(lines))
		for i := range c.sums {
			c.sums[i] = make([]score.Sum, len(s.models))
		}
		if err := do(c); err != nil {
			return err
		}
		for _, line := range lines {
			c.offset += int64(len(line))
		}
		c.number += len(lines)
	}
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

// read scores the lines of a chunk with each model and passes the symbols to the views.
func (s *scoring) read(c *chunk, views []view) error {
	for j := range s.models {
		scorer := s.models[j].scorer
		add := func(i int, x score.Symbol) error {
			c.sums[i][j].Add(x)
			s.bytes += int64(len(x.Text))
			s.status.Tell(s.work, float64(s.bytes)/float64(s.size))
			for _, v := range views {
				v.symbol(c, i, j, x)
			}
			return nil
		}
		if err := s.lines(scorer, c.lines, add); err != nil {
			return s.named(c.path, err, c.number)
		}
	}
	return nil
}

// lines scores lines: side by side if they are texts of their own and may come in any order.
func (s *scoring) lines(scorer *score.Scorer, lines [][]byte, add func(i int, x score.Symbol) error) error {
	if scorer.Documents == corpus.Lines && s.f.per != "symbol" {
		return scorer.Lines(s.ctx, lines, add)
	}
	for i, line := range lines {
		if err := scorer.Text(s.ctx, line, func(x score.Symbol) error { return add(i, x) }); err != nil {
			return err
		}
	}
	return nil
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
	all := make([][]score.Sum, len(s.models))
	err = s.chunks(s.f.referred, text, func(c *chunk) error {
		if err := s.read(c, nil); err != nil {
			return err
		}
		for _, sums := range c.sums {
			for j, sum := range sums {
				all[j] = append(all[j], sum)
			}
		}
		return nil
	})
	for j := range s.models {
		s.models[j].reference = score.NewReference(all[j])
	}
	return err
}
