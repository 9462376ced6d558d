package cli

import (
	"iter"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/score"
)

// A mark is a symbol of a text with its bits.
type mark struct {
	text string
	bits float64
	rank int
	top  []page.Guess
}

// newMark returns the mark of a symbol that a model of an alphabet has scored.
func newMark(a *corpus.Alphabet, x score.Symbol) mark {
	m := mark{text: string(x.Text), bits: x.Bits.Float(), rank: x.Rank}
	for _, guess := range x.Top {
		m.top = append(m.top, page.Guess{Text: a.Piece(x.Previous, guess.ID), Other: guess.ID == a.Escape(), Bits: guess.Bits.Float()})
	}
	return m
}

// bitsOf yields symbols and their bits.
func bitsOf(marks []mark) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, m := range marks {
			if !yield(m.text, m.bits) {
				return
			}
		}
	}
}

// newPainter returns a painter, nil for no colour; when is auto, always or never.
func (e *env) newPainter(when string) *term.Painter {
	if when == "never" || when == "auto" && !e.page.HasColours() {
		return nil
	}
	return term.NewPainter()
}
