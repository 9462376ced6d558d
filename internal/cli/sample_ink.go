package cli

import (
	"bufio"
	"context"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/score"
)

// An inkwell writes the symbols of a text as they come, on a terminal in the colours of their surprisal.
type inkwell struct {
	paint *term.Painter // nil for no colours
	to    *bufio.Writer
	live  bool // symbols are seen as they come

	part   string // of a character; its bits
	bits   float64
	inLine bool // the last line is not complete
	held   int  // bytes that are written already of what the session holds back
}

// symbol writes a symbol, but for what is written already.
func (w *inkwell) symbol(x score.Symbol) error {
	n := min(w.held, len(x.Text))
	w.held -= n
	return w.put(string(x.Text[n:]), x.Bits.Float())
}

func (w *inkwell) put(text string, bits float64) error {
	if text == "" {
		return nil
	}
	w.inLine = !strings.HasSuffix(text, "\n")
	if w.paint == nil {
		w.to.WriteString(text)
	} else if w.part, w.bits = w.part+text, w.bits+bits; utf8.FullRuneInString(w.part) {
		w.colour()
	}
	if !w.live {
		return nil
	}
	return w.to.Flush()
}

// colour writes a character, or several of one symbol. A line break that surprises is an arrow too.
func (w *inkwell) colour() {
	text, bits := w.part, w.bits
	w.part, w.bits = "", 0
	w.to.WriteString(w.paint.Line("", func(yield func(string, float64) bool) { yield(text, bits) }, 0))
	if text == "\n" {
		w.to.WriteByte('\n')
	}
}

// end ends a line on the paper, with what the session holds back: the text may go on there.
func (w *inkwell) end(ctx context.Context, s *elman.Session) error {
	all := 0
	if err := s.Held(ctx, func(x score.Symbol) error {
		all += len(x.Text)
		fresh := x.Text[len(x.Text)-min(max(0, all-w.held), len(x.Text)):]
		return w.put(string(fresh), x.Bits.Float())
	}); err != nil {
		return err
	}
	w.held = all
	if w.part != "" {
		w.colour()
	}
	if w.inLine {
		w.to.WriteByte('\n')
	}
	w.inLine = false
	return w.to.Flush()
}
