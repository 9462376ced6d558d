package score

import (
	"context"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
)

// A Distribution is a model's prediction of the next symbol of a text.
type Distribution struct {
	P []float32 // [V], the probability of each symbol

	logits   []float32
	alphabet *corpus.Alphabet
	last     int32 // the symbol before, or -1
}

// A Prediction is a symbol that may come next, with its probability.
type Prediction struct {
	ID     int32
	Text   string // as it continues the text: a word has its implied space before it
	P      float64
	Bits   Bits // -log2 P
	Escape bool // stands for every symbol that the alphabet lacks; Text is then that of Alphabet.Symbol
}

// Entropy returns the surprisal that is to be expected of the next symbol, -sum_i p_i log2 p_i: Symbol.Entropy of that symbol.
func (d Distribution) Entropy() Bits {
	max, ln := f32.LogSumExp(d.logits)
	return RoundBits(entropy(d.logits, d.P, max, ln) * math.Log2E)
}

// Top returns the n likeliest symbols, or all if there are fewer, the likeliest first. Ties go to the lower number.
func (d Distribution) Top(n int) []Prediction {
	var top []Prediction
	for _, id := range f32.Greatest(nil, d.logits, n) {
		top = append(top, Prediction{
			ID: id, Text: d.alphabet.Piece(d.last, id), P: float64(d.P[id]), Bits: bitsAt(d.logits, id), Escape: id == d.alphabet.Escape(),
		})
	}
	return top
}

// bitsAt returns the surprisal of a symbol, given the logits that predicted it.
func bitsAt(logits []float32, id int32) Bits {
	return natsToBits(f32.CrossEntropy(logits, int(id)))
}

// Place returns the scorer's position in the text, from which GoTo and generate.Options.From can continue.
func (s *Scorer) Place() *model.Place {
	if s.feed == nil {
		p := s.m.Beginning()
		p.Feed = s.m.Alphabet.Feed(nil, s.Documents)
		return p
	}
	p := &model.Place{Feed: s.feed.Clone(), Last: s.last}
	if s.window != nil {
		p.State = make([]float32, s.window.StateLen())
		s.window.State(p.State)
	}
	return p
}

// GoTo makes the next call of Text continue from a place, which is not changed. A scorer that adapts learns from what it has
// scored before.
func (s *Scorer) GoTo(p *model.Place) {
	s.learnRest()
	s.feed, s.last = p.Feed.Clone(), p.Last
	s.makeWindow()
	if s.window.Reset(); p.State != nil {
		s.window.SetState(p.State)
	}
}

// Rest scores what an open feed holds back for the next piece, as if the text ended here.
func (s *Scorer) Rest(ctx context.Context, emit func(Symbol) error) error {
	if s.feed == nil {
		return nil
	}
	s.feed.Open = false
	return s.read(ctx, s.feed, emit)
}

// Next returns the prediction of the symbol after the text so far. Its errors are those of Text. It does not change the
// position.
func (s *Scorer) Next(ctx context.Context) (Distribution, error) {
	if err := s.m.CheckProbabilities(); err != nil {
		return Distribution{}, err
	}
	here, watch := s.Place(), s.Watch
	s.Watch = nil
	s.pause(true)
	defer func() {
		s.GoTo(here)
		s.Watch = watch
		s.pause(false)
	}()
	s.GoTo(here)
	if err := s.Rest(ctx, func(Symbol) error { return nil }); err != nil {
		return Distribution{}, err
	}
	x, starts := s.feed.Ahead()
	s.window.Starts()[0] = starts
	s.window.Forward([]int32{x})
	d := Distribution{P: make([]float32, s.m.Alphabet.Size()), logits: append([]float32(nil), s.window.Logits()...), alphabet: s.m.Alphabet, last: s.last}
	f32.Softmax(d.P, d.logits)
	if d.P[0] != d.P[0] { // then all are NaN
		return Distribution{}, model.ErrNotFinite
	}
	return d, nil
}
