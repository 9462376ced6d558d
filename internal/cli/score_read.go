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
	streams   *score.Streams   // of the scorer, nil without --key
	reference *score.Reference // nil without --reference
	threshold *score.Threshold // nil without --alarms
}

// A scoring is one call of the command.
type scoring struct {
	f         *scoreFlags
	env       *env
	ctx       context.Context
	out       *bufio.Writer
	files     int // to score
	models    []scoredModel
	alphabet  *corpus.Alphabet
	width     int           // of the terminal that the results go to, 0 for files and pipes
	paint     *term.Painter // nil without colours
	views     []view
	frequency *units.Frequency // nil without --frequency
	keyOf     keyOf            // nil without --key
	bookmark  score.Bookmark   // where an earlier call was interrupted
	left      score.Bookmark   // where this one was

	status      *term.Status
	work        string // at hand
	bytes, size int64  // read of it, and all, once for each model; size 0 if unknown
	tells       bool   // scoredText.tells of it
}

// A chunk is some lines of a file that are scored together.
type chunk struct {
	path   string
	number int   // of lines before
	offset int64 // of the first line, in bytes
	chars  int64 // before the first line
	lines  [][]byte
	sums   [][]score.Sum // by line and model
}

// A view shows what was scored: its symbols, words or lines, the whole file, or a page.
type view interface {
	begin(c *chunk)                            // before it is scored
	symbol(c *chunk, i, j int, x score.Symbol) // the next of line i by model j
	scored(c *chunk)                           // by all models
	end(path string, sums []score.Sum)         // of the file; sums by model, nil if it was not read to its end
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

// ofFile reports whether an error concerns one file, so that the others can be scored.
func ofFile(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, model.ErrNotFinite) && !errors.Is(err, model.ErrCodes) &&
		!errors.Is(err, score.ErrAdapted)
}

func (s *scoring) file(e *env, path string) error {
	text, err := s.openText(path)
	if err != nil {
		return err
	}
	defer text.close()
	sums := make([]score.Sum, len(s.models))
	if before := text.at.Sum; before != nil {
		sums[0] = *before
	}
	err = s.chunks(text, func(c *chunk) error {
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
	told := sums
	if err != nil {
		if isInterrupted(err) && text.tells {
			s.left = text.at
		}
		if told = nil; s.f.per == "file" && s.f.adapt.state != "" { // the rest comes with another call
			s.left.Sum = &sums[0]
		} else if text.live && isInterrupted(err) {
			told = sums
		}
	}
	for _, v := range s.views {
		v.end(path, told)
	}
	return err
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
	path = textName(path)
	if line := (*score.TextError)(nil); errors.As(err, &line) {
		return fmt.Errorf("%s, line %d: %w", path, linesBefore+line.Text+1, line.Err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// read scores the lines of a chunk with each model and passes the symbols to the views.
func (s *scoring) read(c *chunk, views []view) error {
	for j := range s.models {
		add := func(i int, x score.Symbol) error {
			c.sums[i][j].Add(x)
			s.tell(len(x.Text))
			for _, v := range views {
				v.symbol(c, i, j, x)
			}
			return nil
		}
		if err := s.lines(&s.models[j], c.lines, add); err != nil {
			return s.named(c.path, err, c.number)
		}
	}
	return nil
}

// lines scores lines, which may be texts of their own.
func (s *scoring) lines(m *scoredModel, lines [][]byte, add func(i int, x score.Symbol) error) error {
	scorer, ctx := m.scorer, s.unhurried()
	switch {
	case m.streams != nil:
		return s.readKeyed(m.streams, lines, add)
	case scorer.Documents == corpus.Lines:
		return scorer.Lines(ctx, lines, add)
	}
	return scorer.Pieces(ctx, lines, add)
}

// scoreReference scores the reference. Models that adapt do so, and then begin the texts as they began it.
func (s *scoring) scoreReference(e *env) error {
	if s.f.referred == "" {
		return nil
	}
	file, err := corpus.Open(s.ctx, []string{s.f.referred}, e.stdin)
	if err != nil {
		return err
	}
	defer file.Close()
	text := &scoredText{path: s.f.referred, lines: newLineReader(file), size: file.Size(), close: file.Close}
	all := make([][]score.Sum, len(s.models))
	err = s.chunks(text, func(c *chunk) error {
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
	if err != nil {
		return err
	}
	for j := range s.models {
		s.models[j].reference = score.NewReference(all[j])
		if s.f.adapt.on {
			if err := s.setScorer(j); err != nil {
				return err
			}
		}
	}
	return s.setThresholds(e)
}
