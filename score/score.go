// Package score measures text with a model: the surprisal of each symbol, in bits, given all symbols before it. It also ranks
// lines by how unusual they are, and judges models beside n-grams and gzip.
//
// The first symbol of a text is predicted from the initial state after a line break, or after symbol 0 of an alphabet without
// one. Samples begin in the same way, and so does each document if the model was trained on documents. A symbol that an
// open alphabet lacks costs the bits of the escape plus those of its spelling (corpus.Alphabet.SpellingBits).
//
// A surprisal depends on the model and the text before the symbol only: never on the processor, on where a text is cut into
// pieces, or on what is scored at the same time.
package score

import (
	"context"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Symbol is one scored symbol of a text. What the Scorer was not asked for is 0.
type Symbol struct {
	ID   int32
	Text []byte // as the text has it; valid until the next symbol
	// Previous is the symbol before, -1 where the state restarts: corpus.Alphabet.Piece(Previous, id) is another symbol as it
	// would stand here.
	Previous int32
	Bits     Bits
	// Spelling is the part of Bits that spells a symbol outside the alphabet (corpus.Alphabet.SpellingBits), after the escape.
	Spelling Bits
	// Entropy is that of the prediction, -sum_i p_i log2 p_i: the surprisal that was to be expected.
	Entropy Bits
	Excess  Bits // Bits - Entropy
	// Rank is 1 for the likeliest symbol: 1 + how many have a higher probability, or the same and a lower number. Of a symbol that
	// the alphabet lacks it is that of the escape.
	Rank int
	// End is the bits of the event that white space begins here (corpus.Alphabet.BeginsWithSpace): -log2 of the sum of the
	// probabilities of all symbols whose corpus.Alphabet.Piece would begin with it, among them the escape where a space before
	// a word is implied. It is MaxBits if there are none. Where the state restarts no space is implied.
	End  Bits
	Ends bool          // ID is one of those that End counts; then Bits is at least End
	Top  []Alternative // the likeliest symbols at this position, the likeliest first; valid until the next symbol
}

// A Scorer scores text with one model. One goroutine may use it at a time.
type Scorer struct {
	// Documents says where the state restarts. New sets it to that of the model; change it before the first text.
	Documents corpus.Documents
	// Threads is how many workers share texts, lines and documents, if there are several. It changes no result. New sets 1.
	Threads int
	// Watch receives each window after its symbols were emitted: row i is the time step that predicted symbol i of the window,
	// with the state before that symbol was read. An error ends Text. Watch may be nil.
	Watch func(w *rnn.Window) error

	m       *model.Model
	measure measurer

	feed   *corpus.Feed // nil before a text
	last   int32        // symbol read last
	window *rnn.Window
	keeps  bool         // the window keeps its activations
	steps  corpus.Steps // of the window

	team    *team    // for texts side by side; nil before there are some
	adapter *adapter // nil unless the scorer learns
}

// windowSteps is the time steps of a window of Text.
const windowSteps = 128

// New returns a scorer that fills what extras say of each symbol.
func New(m *model.Model, extras Extras) *Scorer {
	return &Scorer{Documents: m.Documents, Threads: 1, m: m, measure: newMeasurer(m.Alphabet, extras)}
}

// Reset makes the next call of Text begin a new text.
func (s *Scorer) Reset() { s.feed = nil }

// Text scores a piece of text, which continues the piece before unless Reset was called. It passes each symbol to emit; an
// error from emit ends it. It fails with a *corpus.UnknownSymbolError on a symbol that a closed alphabet lacks, on weights
// that give no finite probabilities, with model.ErrCodes, and with ctx.Err().
func (s *Scorer) Text(ctx context.Context, piece []byte, emit func(Symbol) error) error {
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	s.begin()
	s.feed.Append(piece)
	return s.read(ctx, s.feed, emit)
}

// begin begins a text, unless one goes on.
func (s *Scorer) begin() {
	if s.feed == nil {
		s.feed, s.last = s.m.Alphabet.Feed(nil, s.Documents), -1
	}
}

// Feed scores the rest of a feed, as Text does. If the feed does not begin with a restart of the state, its first time step
// follows the last one scored.
func (s *Scorer) Feed(ctx context.Context, feed *corpus.Feed, emit func(Symbol) error) error {
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	s.feed, s.last = feed, -1
	return s.read(ctx, feed, emit)
}

func (s *Scorer) read(ctx context.Context, feed *corpus.Feed, emit func(Symbol) error) error {
	if err := ctx.Err(); err != nil { // also where nothing is left to read
		return err
	}
	switch {
	case s.learns():
		return s.readAdapting(ctx, feedSource{feed}, func(_ int, x Symbol) error { return emit(x) })
	case s.ofDocuments():
		return s.sideBySide(ctx, feedSource{feed}, false, s.readSteps, func(_ int, x Symbol) error { return emit(x) })
	}
	s.makeWindow()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := feed.Read(&s.steps, s.window.T); err != nil {
			return err
		}
		if len(s.steps.X) == 0 {
			return nil
		}
		if err := s.readSteps(&s.steps, emit); err != nil {
			return err
		}
	}
}

// readSteps reads one window, and goes on from the one before.
func (s *Scorer) readSteps(steps *corpus.Steps, emit func(Symbol) error) error {
	s.makeWindow()
	copy(s.window.Starts(), steps.Starts)
	s.window.Forward(steps.X)
	s.last = steps.Y[len(steps.Y)-1]
	if err := s.emit(s.window.Logits(), steps, emit); err != nil {
		return err
	}
	if s.Watch != nil {
		return s.Watch(s.window)
	}
	return nil
}

// makeWindow makes the window of Text, which keeps what Watch may look at.
func (s *Scorer) makeWindow() {
	before := s.window
	switch {
	case s.Watch != nil && !s.keeps:
		s.window, s.keeps = s.m.Network.NewWindow(windowSteps, 1, nil), true
	case before == nil:
		s.window = s.m.Network.NewInferenceWindow(windowSteps, 1, nil)
	}
	if before != nil && before != s.window {
		state := make([]float32, before.StateLen())
		before.State(state)
		s.window.SetState(state)
	}
}

// emit emits the symbols that a stream read, given its logits.
func (s *Scorer) emit(logits []float32, steps *corpus.Steps, emit func(Symbol) error) error {
	V := s.m.Alphabet.Size()
	for t := range steps.Y {
		x := s.measure.symbol(logits[t*V:][:V], steps, t)
		if x.ID == notFinite {
			return model.ErrNotFinite
		}
		if err := emit(x); err != nil {
			return err
		}
	}
	return nil
}

// End ends a text: Watch receives the time step that reads its last symbol. The next call of Text begins a new text.
func (s *Scorer) End() error {
	if s.feed == nil {
		return nil
	}
	x, starts := s.feed.Ahead()
	if s.Reset(); s.Watch == nil {
		return nil
	}
	s.window.Starts()[0] = starts
	s.window.Forward([]int32{x})
	return s.Watch(s.window)
}
