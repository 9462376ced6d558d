package score

import (
	"context"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
)

// A Distribution is what a model expects next in a text.
type Distribution struct {
	P []float32 // probabilities of all symbols, by number

	logits   []float32
	alphabet *corpus.Alphabet
	last     int32 // the symbol in front, or -1
}

// A Prediction is a symbol that may come next.
type Prediction struct {
	ID     int32
	Text   string // as it continues the text: a word comes with its implied space
	P      float64
	Bits   Bits // -log2 P
	Escape bool // stands for all that the alphabet lacks; Text then is what Alphabet.Symbol says
}

// Top returns the n likeliest symbols, the likeliest first, or all if there are fewer. Of equally likely ones those with the
// lower numbers come first.
func (d Distribution) Top(n int) []Prediction {
	var top []Prediction
	for _, id := range likeliest(nil, d.logits, n) {
		top = append(top, Prediction{
			ID: id, Text: d.alphabet.Piece(d.last, id), P: float64(d.P[id]), Bits: bitsAt(d.logits, id), Escape: id == d.alphabet.Escape(),
		})
	}
	return top
}

// bitsAt returns the surprisal of a symbol by the logits in front of it.
func bitsAt(logits []float32, id int32) Bits {
	return toBits(float64(f32.CrossEntropy(logits, int(id))) * math.Log2E)
}

// Place returns where the scorer stands in the text.
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

// GoTo makes the next Text go on from a place, which stays as it is.
func (s *Scorer) GoTo(p *model.Place) {
	s.feed, s.last = p.Feed.Clone(), p.Last
	s.makeWindow()
	if s.window.Reset(); p.State != nil {
		s.window.SetState(p.State)
	}
}

// Rest scores what waits for the next piece, if the feed of the place that GoTo was given is Open: as if the text ended here.
func (s *Scorer) Rest(ctx context.Context, emit func(Symbol) error) error {
	if s.feed == nil {
		return nil
	}
	s.feed.Open = false
	return s.read(ctx, s.feed, emit)
}

// Next returns what the model expects after the text so far. It fails as Text does, and changes nothing in what Text goes on
// with.
func (s *Scorer) Next(ctx context.Context) (Distribution, error) {
	if err := s.m.CheckProbabilities(); err != nil {
		return Distribution{}, err
	}
	here := s.Place()
	defer s.GoTo(here)
	s.GoTo(here)
	watch := s.Watch
	s.Watch = nil
	defer func() { s.Watch = watch }()
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
