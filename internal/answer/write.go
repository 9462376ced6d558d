package answer

import (
	"context"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// Write draws a text, that of generate.Strings, and emits each symbol after the prompt with its bits, those of package score. Its
// errors are those of generate.Generator.Text and of emit.
func Write(ctx context.Context, m *model.Model, r WriteRequest, emit func(Symbol) error) error {
	o := generate.Defaults()
	o.Prompt, o.Length, o.Temperature, o.TopK, o.Seed = r.Prompt, r.Length, r.Temperature, r.TopK, r.Seed
	if r.TopP != 0 {
		o.TopP = r.TopP
	}
	t := newReader(m, r.Top)
	ignore := func(Symbol) error { return nil }
	if err := t.read(ctx, r.Prompt, ignore); err != nil {
		return err
	}
	prompt := len(r.Prompt) // of which nothing is told
	return generate.New(m).Text(ctx, o, func(p generate.Piece) error {
		text := p.Text
		if prompt > 0 {
			n := min(prompt, len(text))
			prompt, text = prompt-n, text[n:]
		}
		if err := t.read(ctx, text, emit); err != nil || !p.Last {
			return err
		}
		return t.end(ctx, emit)
	})
}

// Score emits each symbol of a text with its bits, and returns their sum. Its errors are those of score.Scorer.Text and of emit.
func Score(ctx context.Context, m *model.Model, r TextRequest, emit func(Symbol) error) (s Sum, err error) {
	t := newReader(m, r.Top)
	if err := t.read(ctx, r.Text, emit); err != nil {
		return s, err
	}
	if err := t.end(ctx, emit); err != nil {
		return s, err
	}
	s = Sum{Symbols: t.sum.Symbols, Chars: t.sum.Chars, Bits: t.sum.Bits.Float(), PerChar: t.sum.PerChar()}
	return s, nil
}

// Ahead returns what may follow a text. Its errors are those of score.Scorer.Text.
func Ahead(ctx context.Context, m *model.Model, r TextRequest) (Next, error) {
	s := score.New(m, score.Extras{})
	if err := s.Text(ctx, []byte(r.Text), func(score.Symbol) error { return nil }); err != nil {
		return Next{}, err
	}
	d, err := s.Next(ctx)
	if err != nil {
		return Next{}, err
	}
	n := Next{Top: []Guess{}}
	for _, p := range d.P {
		if p > 0 {
			n.Entropy -= float64(p) * math.Log2(float64(p))
		}
	}
	for _, p := range d.Top(r.Top) {
		g := Guess{Bits: p.Bits.Float(), Escape: p.Escape}
		g.Text, g.Hex = printable(p.Text)
		n.Top = append(n.Top, g)
	}
	return n, nil
}

// A reader scores a text that comes in pieces, which may end within a character.
type reader struct {
	m      *model.Model
	scorer *score.Scorer
	sum    score.Sum
}

func newReader(m *model.Model, top int) *reader {
	t := &reader{m: m, scorer: score.New(m, score.Extras{Top: top})}
	begin := m.Beginning()
	begin.Feed.Open = true
	t.scorer.GoTo(begin)
	return t
}

func (t *reader) read(ctx context.Context, piece string, emit func(Symbol) error) error {
	return t.scorer.Text(ctx, []byte(piece), t.tell(emit))
}

// end reads what is held back.
func (t *reader) end(ctx context.Context, emit func(Symbol) error) error {
	return t.scorer.Rest(ctx, t.tell(emit))
}

func (t *reader) tell(emit func(Symbol) error) func(score.Symbol) error {
	return func(x score.Symbol) error {
		t.sum.Add(x)
		return emit(newSymbol(t.m.Alphabet, x))
	}
}

func newSymbol(a *corpus.Alphabet, x score.Symbol) Symbol {
	s := Symbol{ID: x.ID, Bits: x.Bits.Float()}
	s.Text, s.Hex = printable(string(x.Text))
	for _, g := range x.Top {
		other := Guess{Bits: g.Bits.Float(), Escape: g.ID == a.Escape()}
		other.Text, other.Hex = printable(a.Piece(x.Previous, g.ID))
		s.Top = append(s.Top, other)
	}
	return s
}
