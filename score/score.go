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
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Symbol is one scored symbol of a text.
type Symbol struct {
	ID   int32
	Text []byte // as the text has it; valid until the next symbol
	Bits Bits
	// Excess is Bits minus the entropy of the prediction, the surprisal that was to be expected. It is 0 unless
	// Scorer.Excess is set.
	Excess Bits
	Top    []Alternative // the likeliest symbols at this position, the likeliest first; valid until the next symbol
}

// An Alternative is a symbol that the model considered in place of the actual one. The escape stands for every symbol that the
// alphabet lacks.
type Alternative struct {
	ID   int32
	Bits Bits // without the spelling of the escape
}

// A Scorer scores text with one model. One goroutine may use it at a time.
type Scorer struct {
	// Documents says where the state restarts. New sets it to that of the model; change it before the first text.
	Documents corpus.Documents
	Excess    bool // fill Symbol.Excess, which takes a little longer
	// Watch receives each window after its symbols were emitted: row i is the time step that predicted symbol i of the window,
	// with the state before that symbol was read. An error ends Text. Watch may be nil.
	Watch func(w *rnn.Window) error

	m     *model.Model
	top   int // alternatives wanted
	best  []Alternative
	order []int32
	p     []float32 // [V], for excess

	feed   *corpus.Feed // nil before a text
	last   int32        // symbol read last
	window *rnn.Window
	steps  corpus.Steps // of the window

	lines *slots
}

// windowSteps is the time steps of a window of Text.
const windowSteps = 128

// New returns a scorer. Symbol.Top gets the top likeliest symbols at each position.
func New(m *model.Model, top int) *Scorer {
	return &Scorer{Documents: m.Documents, m: m, top: min(top, m.Alphabet.Size())}
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
	if s.feed == nil {
		s.feed, s.last = s.m.Alphabet.Feed(nil, s.Documents), -1
	}
	s.feed.Append(piece)
	return s.read(ctx, s.feed, emit)
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
	s.makeWindow()
	starts := s.window.Starts()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := feed.Read(&s.steps, windowSteps); err != nil {
			return err
		}
		n := copy(starts, s.steps.Starts)
		if n == 0 {
			return nil
		}
		s.window.Forward(s.steps.X)
		s.last = s.steps.Y[n-1]
		if err := s.emit(s.window, 0, 1, &s.steps, emit); err != nil {
			return err
		}
		if s.Watch != nil {
			if err := s.Watch(s.window); err != nil {
				return err
			}
		}
	}
}

func (s *Scorer) makeWindow() {
	if s.window == nil {
		s.window = s.m.Network.NewWindow(windowSteps, 1, nil)
	}
}

// emit emits the symbols that stream b of a window of B streams read.
func (s *Scorer) emit(w *rnn.Window, b, B int, steps *corpus.Steps, emit func(Symbol) error) error {
	V := s.m.Alphabet.Size()
	for t, text := range steps.Text {
		scored, err := s.symbol(w.Logits()[(t*B+b)*V:][:V], steps.Y[t], text)
		if err != nil {
			return err
		}
		if err := emit(scored); err != nil {
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

// symbol scores one symbol, given the logits that predicted it.
func (s *Scorer) symbol(logits []float32, id int32, text []byte) (Symbol, error) {
	nats := f32.CrossEntropy(logits, int(id))
	if !(nats <= math.MaxFloat32) { // which NaN is not
		return Symbol{}, model.ErrNotFinite
	}
	x := Symbol{ID: id, Text: text, Bits: toBits(float64(nats) * math.Log2E)}
	if s.Excess {
		if s.p == nil {
			s.p = make([]float32, len(logits))
		}
		x.Excess = excess(logits, s.p, id)
	}
	if id == s.m.Alphabet.Escape() {
		spelling := toBits(s.m.Alphabet.SpellingBits(string(text)))
		x.Bits = x.Bits.plus(spelling)
		if s.Excess {
			x.Excess = x.Excess.plus(spelling)
		}
	}
	if s.top > 0 {
		x.Top = s.alternatives(logits)
	}
	return x, nil
}

// alternatives returns the likeliest symbols.
func (s *Scorer) alternatives(logits []float32) []Alternative {
	s.order, s.best = likeliest(s.order[:0], logits, s.top), s.best[:0]
	for _, id := range s.order {
		s.best = append(s.best, Alternative{id, bitsAt(logits, id)})
	}
	return s.best
}

// likeliest appends the n likeliest symbols to order, which is empty; ties go to the lower number.
func likeliest(order []int32, logits []float32, n int) []int32 {
	if n <= 0 {
		return order
	}
	for id, logit := range logits {
		if len(order) == n {
			if logit <= logits[order[n-1]] {
				continue
			}
			order = order[:n-1]
		}
		at, _ := slices.BinarySearchFunc(order, logit, func(other int32, logit float32) int {
			if logits[other] >= logit {
				return -1
			}
			return 1
		})
		order = slices.Insert(order, at, int32(id))
	}
	return order
}
