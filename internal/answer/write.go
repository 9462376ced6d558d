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
// errors are those of generate.Generator.NewRow, of the row, of ctx and of emit.
func Write(ctx context.Context, m *model.Model, r WriteRequest, emit func(Symbol) error) error {
	g, o := generate.New(m), generate.RowDefaults()
	o.Length, o.Temperature, o.TopK, o.Seed, o.Logprobs = r.Length, r.Temperature, r.TopK, r.Seed, r.Top
	if r.TopP != 0 {
		o.TopP = r.TopP
	}
	var err error
	if o.Prompt, err = g.NewPrompt(nil, r.Prompt); err != nil {
		return err
	}
	var failed error
	row, err := g.NewRow(o, func(t generate.Token) bool {
		if failed = t.Err; failed == nil && t.ID >= 0 {
			failed = emit(drawnSymbol(m.Alphabet, t))
		}
		return failed == nil
	})
	if err != nil {
		return err
	}
	b := g.NewBatch(1)
	b.Join(row)
	for b.Step() > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return failed
}

func drawnSymbol(a *corpus.Alphabet, t generate.Token) Symbol {
	s := Symbol{ID: t.ID, Bits: bitsOf(t.Logprob)}
	s.Text, s.Hex = printable(t.Text)
	for _, g := range t.Top {
		s.Top = append(s.Top, newGuess(a, g.ID, g.Text, bitsOf(g.Logprob)))
	}
	return s
}

// Score emits each symbol of a text with its bits, and returns their sum. Its errors are those of score.Scorer.Text and of emit.
func Score(ctx context.Context, m *model.Model, r TextRequest, emit func(Symbol) error) (Sum, error) {
	var sum score.Sum
	err := score.New(m, score.Extras{Top: r.Top}).Text(ctx, []byte(r.Text), func(x score.Symbol) error {
		sum.Add(x)
		return emit(scoredSymbol(m.Alphabet, x))
	})
	return Sum{Symbols: sum.Symbols, Chars: sum.Chars, Bits: sum.Bits.Float(), PerChar: sum.PerChar()}, err
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
	n := Next{Entropy: d.Entropy().Float(), Top: []Guess{}}
	for _, p := range d.Top(r.Top) {
		n.Top = append(n.Top, newGuess(m.Alphabet, p.ID, p.Text, p.Bits.Float()))
	}
	return n, nil
}

// bitsOf returns the bits of a logarithm, rounded as package score rounds them.
func bitsOf(logprob float64) float64 { return score.RoundBits(-logprob * math.Log2E).Float() }

func scoredSymbol(a *corpus.Alphabet, x score.Symbol) Symbol {
	s := Symbol{ID: x.ID, Bits: x.Bits.Float()}
	s.Text, s.Hex = printable(string(x.Text))
	for _, g := range x.Top {
		s.Top = append(s.Top, newGuess(a, g.ID, a.Piece(x.Previous, g.ID), g.Bits.Float()))
	}
	return s
}

func newGuess(a *corpus.Alphabet, id int32, text string, bits float64) Guess {
	g := Guess{Bits: bits, Escape: id == a.Escape()}
	g.Text, g.Hex = printable(text)
	return g
}
