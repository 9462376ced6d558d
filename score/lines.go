package score

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Many lines are scored side by side: each in a slot of its own, a stream of the window. A slot whose line has ended takes
// the next one when a window begins.

const (
	lineSlots = 32
	lineSteps = 16 // time steps of a window: the longer, the more of them are idle after the end of a line
)

// A TextError says which of many texts cannot be scored.
type TextError struct {
	Text int
	Err  error
}

func (e *TextError) Error() string { return fmt.Sprintf("text %d: %v", e.Text, e.Err) }

func (e *TextError) Unwrap() error { return e.Err }

// slots are the lines at work.
type slots struct {
	window *rnn.Window
	starts []bool
	slots  []slot
	x      []int32
}

// A slot reads one line.
type slot struct {
	feed  *corpus.Feed
	line  int          // its number, or -1
	steps corpus.Steps // of this window
}

// Lines scores texts each of which is its own, from a state of zero. It hands each symbol to emit with the number of its
// text; those of one text come in order, those of different ones mixed. It fails as Text does, with a *TextError
// around what an alphabet lacks.
func (s *Scorer) Lines(ctx context.Context, texts [][]byte, emit func(text int, x Symbol) error) error {
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	if s.lines == nil {
		w := s.m.Network.NewWindow(lineSteps, lineSlots, nil)
		s.lines = &slots{window: w, starts: w.Starts(), slots: make([]slot, lineSlots), x: make([]int32, lineSteps*lineSlots)}
		for i := range s.lines.slots {
			s.lines.slots[i].feed = s.m.Alphabet.Feed(nil, s.Documents)
		}
	}
	l := s.lines
	for i := range l.slots {
		l.slots[i].line = -1
	}
	for next := 0; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		next = s.refill(texts, next)
		steps, err := s.readLines()
		if err != nil {
			return err
		}
		if steps == 0 && next == len(texts) {
			return nil
		}
		if err := s.forward(steps, emit); err != nil {
			return err
		}
	}
}

// refill gives idle slots the next texts and returns the number of the first that is left.
func (s *Scorer) refill(texts [][]byte, next int) int {
	for i := range s.lines.slots {
		if slot := &s.lines.slots[i]; slot.line < 0 && next < len(texts) {
			slot.feed.Reset()
			slot.feed.Append(texts[next])
			slot.line = next
			next++
		}
	}
	return next
}

// readLines reads the next window and returns its time steps. A slot whose line ends becomes idle after it.
func (s *Scorer) readLines() (steps int, err error) {
	l := s.lines
	for i := range l.slots {
		slot := &l.slots[i]
		n := lineSteps
		if slot.line < 0 {
			n = 0
		}
		if err := slot.feed.Read(&slot.steps, n); err != nil {
			return 0, &TextError{slot.line, err}
		}
		for t, fresh := range slot.steps.Starts {
			l.starts[t*lineSlots+i] = fresh
		}
		steps = max(steps, len(slot.steps.X))
	}
	return steps, nil
}

// forward runs the window and emits its symbols.
func (s *Scorer) forward(steps int, emit func(text int, x Symbol) error) error {
	l := s.lines
	x := l.x[:steps*lineSlots]
	clear(x)
	for i := range l.slots {
		for t, id := range l.slots[i].steps.X {
			x[t*lineSlots+i] = id
		}
	}
	if steps > 0 {
		l.window.Forward(x)
	}
	V := s.m.Alphabet.Size()
	for i := range l.slots {
		slot := &l.slots[i]
		for t, id := range slot.steps.Y {
			scored, err := s.symbol(l.window.Logits()[(t*lineSlots+i)*V:][:V], id, slot.steps.Text[t])
			if err != nil {
				return err
			}
			if err := emit(slot.line, scored); err != nil {
				return err
			}
		}
		if len(slot.steps.X) < lineSteps {
			slot.line = -1
		}
	}
	return nil
}
