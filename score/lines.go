package score

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A TextError says which of several texts cannot be scored.
type TextError struct {
	Text int
	Err  error
}

func (e *TextError) Error() string { return fmt.Sprintf("text %d: %v", e.Text, e.Err) }

func (e *TextError) Unwrap() error { return e.Err }

// Lines scores independent texts side by side, each from a state of zero. It passes each symbol to emit with the number of its
// text, in order. Its errors are those of Text; symbols that the alphabet lacks come in a *TextError, after the symbols before
// them.
func (s *Scorer) Lines(ctx context.Context, texts [][]byte, emit func(text int, x Symbol) error) error {
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	src := &textSource{feed: s.m.Alphabet.Feed(nil, s.Documents), texts: texts, apart: true}
	if s.learns() {
		s.Reset()
		return s.readAdapting(ctx, src, emit)
	}
	var window *rnn.Window // of a long text
	alone := func(steps *corpus.Steps, emit func(Symbol) error) error {
		if window == nil {
			window = s.m.Network.NewInferenceWindow(windowSteps, 1, nil)
		}
		copy(window.Starts(), steps.Starts)
		window.Forward(steps.X)
		return s.emit(window.Logits(), steps, emit)
	}
	return s.sideBySide(ctx, src, true, alone, emit)
}

// Pieces scores pieces of one text, as calls of Text with one after the other would. It passes each symbol to emit with the
// number of its piece. If the text has documents, they are scored side by side.
func (s *Scorer) Pieces(ctx context.Context, pieces [][]byte, emit func(piece int, x Symbol) error) error {
	if !s.ofDocuments() && !s.learns() {
		for i, piece := range pieces {
			if err := s.Text(ctx, piece, func(x Symbol) error { return emit(i, x) }); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	s.begin()
	src := &textSource{feed: s.feed, texts: pieces}
	if s.learns() {
		return s.readAdapting(ctx, src, emit)
	}
	return s.sideBySide(ctx, src, false, s.readSteps, emit)
}

// A feedSource is the rest of a feed: text 0.
type feedSource struct{ feed *corpus.Feed }

func (f feedSource) fill(b *batch, n int) error { return b.read(f.feed, 0, n) }

// read appends the next steps of a feed.
func (b *batch) read(feed *corpus.Feed, text, n int) error {
	err := feed.ReadMore(&b.Steps, n)
	for len(b.texts) < len(b.X) {
		b.texts = append(b.texts, text)
	}
	return err
}

// A textSource is pieces of one text, or texts of their own.
type textSource struct {
	feed  *corpus.Feed
	texts [][]byte
	apart bool // they are of their own
	next  int  // the first that the feed does not have
}

func (t *textSource) fill(b *batch, n int) error {
	for want := len(b.X) + n; ; t.next++ {
		if t.next > 0 {
			if err := b.read(t.feed, t.next-1, want-len(b.X)); err != nil || len(b.X) == want {
				return t.named(err)
			}
		}
		if t.next == len(t.texts) {
			return nil
		}
		if t.apart {
			t.feed.Reset()
		}
		t.feed.Append(t.texts[t.next])
	}
}

// named says which of several texts has a symbol that the alphabet lacks.
func (t *textSource) named(err error) error {
	if unknown := (*corpus.UnknownSymbolError)(nil); t.apart && errors.As(err, &unknown) {
		return &TextError{t.next - 1, err}
	}
	return err
}
