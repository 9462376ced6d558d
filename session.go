package elman

import (
	"context"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// A Session reads a text piece by piece and keeps the model's state in between. Its results are the same, bit for bit, as if
// the text had come in one piece, wherever it is cut: a character or word that the next piece may continue is held back, and
// counts as it is until then.
//
// A session takes little memory: one state of the network. One goroutine may use a session at a time; sessions of one model
// are independent. A method that fails leaves the session unchanged.
type Session struct {
	m     *Model
	place *model.Place
	sum   score.Sum // without what is held back
}

// Session returns a new session, at the beginning of a text.
func (m *Model) Session() *Session {
	s := &Session{m: m}
	s.Reset()
	return s
}

// Reset returns to the beginning of a text.
func (s *Session) Reset() {
	s.place, s.sum = s.m.Beginning(), score.Sum{}
	s.place.Feed.Open = true
}

// Clone returns an independent session at the same position.
func (s *Session) Clone() *Session {
	c := *s // a place is replaced, never changed
	return &c
}

// Read reads the next piece of the text. Its errors are those of Model.Score.
func (s *Session) Read(ctx context.Context, text string) error {
	return s.ReadEach(ctx, text, func(score.Symbol) error { return nil })
}

// ReadEach is Read, and passes each symbol that is not held back to emit. An error from emit ends it.
func (s *Session) ReadEach(ctx context.Context, text string, emit func(score.Symbol) error) error {
	return s.with(func(scorer *score.Scorer) error {
		sum := s.sum
		if err := scorer.Text(ctx, []byte(text), func(x score.Symbol) error { sum.Add(x); return emit(x) }); err != nil {
			return err
		}
		s.place, s.sum = scorer.Place(), sum
		return nil
	})
}

// Held passes the symbols that are held back to emit, as they are if the text ends here. The session stays where it is.
func (s *Session) Held(ctx context.Context, emit func(score.Symbol) error) error {
	return s.with(func(scorer *score.Scorer) error { return scorer.Rest(ctx, emit) })
}

// Sum returns the surprisal of all the text read so far, as Model.Score would.
func (s *Session) Sum(ctx context.Context) (score.Sum, error) {
	sum := s.sum
	err := s.Held(ctx, func(x score.Symbol) error { sum.Add(x); return nil })
	return sum, err
}

// Next returns the probabilities of the symbol that follows the text read so far.
func (s *Session) Next(ctx context.Context) (d score.Distribution, err error) {
	err = s.with(func(scorer *score.Scorer) error {
		d, err = scorer.Next(ctx)
		return err
	})
	return d, err
}

// Place returns the session's position, from which a generate.Prompt or generate.Options can continue. Reading on does not change
// it.
func (s *Session) Place() *model.Place { return s.place }

// Generate returns samples that continue the text read so far; o.Prompt follows that text. The session stays where it is: to
// continue after a sample, Read the sample.
func (s *Session) Generate(ctx context.Context, o generate.Options) ([]string, error) {
	o.From = s.place
	return s.m.generator.Strings(ctx, o)
}

// Stream generates the samples of Generate and passes them to emit piece by piece, as they are drawn: see
// generate.Generator.Text. It draws from where the session is when it is called; emit may read the
// pieces with the session.
func (s *Session) Stream(ctx context.Context, o generate.Options, emit func(generate.Piece) error) error {
	o.From = s.place
	return s.m.generator.Text(ctx, o, emit)
}

// with lends a scorer set to the session's position.
func (s *Session) with(use func(*score.Scorer) error) error {
	scorer := s.m.scorer()
	defer s.m.scorers.Put(scorer)
	scorer.GoTo(s.place)
	return use(scorer)
}
