package elman

import (
	"context"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// A Session is a model in the middle of a text, which comes piece by piece. What it says is the same, bit for bit, as if the
// text had come at once, wherever it is cut: a character or word that the next piece may go on with waits for it, and counts
// as it is until then.
//
// It takes little memory, a network's state and some numbers. Several sessions of a model may be used at a time, each by one
// goroutine. A method that fails leaves the session as it was.
type Session struct {
	m     *Model
	place *model.Place
	sum   score.Sum // of what does not wait
}

// Session returns one at the beginning of a text.
func (m *Model) Session() *Session {
	s := &Session{m: m}
	s.Reset()
	return s
}

// Reset goes back to the beginning of a text.
func (s *Session) Reset() {
	s.place, s.sum = s.m.Beginning(), score.Sum{}
	s.place.Feed.Open = true
}

// Clone returns another session that stands where s does.
func (s *Session) Clone() *Session {
	c := *s // a place is replaced, never changed
	return &c
}

// Read goes on with the text. It fails as Model.Score does.
func (s *Session) Read(ctx context.Context, text string) error {
	return s.with(func(scorer *score.Scorer) error {
		sum := s.sum
		if err := scorer.Text(ctx, []byte(text), func(x score.Symbol) error { sum.Add(x); return nil }); err != nil {
			return err
		}
		s.place, s.sum = scorer.Place(), sum
		return nil
	})
}

// Sum returns how many bits the model needs for all the text read so far: what Model.Score says of it.
func (s *Session) Sum(ctx context.Context) (score.Sum, error) {
	sum := s.sum
	err := s.with(func(scorer *score.Scorer) error {
		return scorer.Rest(ctx, func(x score.Symbol) error { sum.Add(x); return nil })
	})
	return sum, err
}

// Next returns what the model expects after the text read so far.
func (s *Session) Next(ctx context.Context) (d score.Distribution, err error) {
	err = s.with(func(scorer *score.Scorer) error {
		d, err = scorer.Next(ctx)
		return err
	})
	return d, err
}

// Generate writes texts that go on from here, as Model.Generate does from a beginning; o.Prompt follows what was read. The
// session stays where it is: to go on with a text that was written, Read it.
func (s *Session) Generate(ctx context.Context, o generate.Options) ([]string, error) {
	o.From = s.place
	return s.m.generator.Strings(ctx, o)
}

// with lends a scorer that stands where the session does.
func (s *Session) with(use func(*score.Scorer) error) error {
	scorer := s.m.scorer()
	defer s.m.scorers.Put(scorer)
	scorer.GoTo(s.place)
	return use(scorer)
}
