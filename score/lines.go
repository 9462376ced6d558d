package score

import (
	"context"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Many lines are scored side by side, each in its own slot, a stream of the window. A slot whose line has ended takes the next
// line when a window begins. The last few lines, or one much longer than the others, continue alone, each in a long window of
// one stream: a time step of all slots takes about as long as ten of one stream.

const (
	lineSlots = 32
	lineSteps = 16 // time steps of a window: more would leave more slots idle after the end of their line
	fewLines  = 8  // this many lines or fewer continue alone
)

// A TextError says which of several texts cannot be scored.
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

	single *rnn.Window // for one of the last few; nil before it is needed
	state  []float32   // of it
}

// A slot reads one line.
type slot struct {
	feed  *corpus.Feed
	line  int          // its number, or -1
	steps corpus.Steps // of this window
}

// Lines scores independent texts, each from a state of zero. It passes each symbol to emit with the number of its text. The
// symbols of one text come in order; those of different texts alternate. Its errors are those of Text; symbols that the
// alphabet lacks come in a *TextError.
func (s *Scorer) Lines(ctx context.Context, texts [][]byte, emit func(text int, x Symbol) error) error {
	if err := s.m.CheckProbabilities(); err != nil {
		return err
	}
	if s.adapter != nil {
		return s.adaptLines(ctx, texts, emit)
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
		if next == len(texts) && l.active() <= fewLines {
			return s.finish(ctx, emit)
		}
		steps, err := s.readLines()
		if err != nil {
			return err
		}
		if err := s.forward(steps, emit); err != nil {
			return err
		}
	}
}

// refill gives idle slots the next texts and returns the number of the first text not yet assigned.
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

// active returns how many slots have a line.
func (l *slots) active() (n int) {
	for i := range l.slots {
		if l.slots[i].line >= 0 {
			n++
		}
	}
	return n
}

// finish reads the remaining lines one after the other, each from its current position.
func (s *Scorer) finish(ctx context.Context, emit func(text int, x Symbol) error) error {
	l := s.lines
	if l.single == nil {
		l.single = s.m.Network.NewWindow(windowSteps, 1, nil)
		l.state = make([]float32, l.single.StateLen())
	}
	starts := l.single.Starts()
	for i := range l.slots {
		slot := &l.slots[i]
		if slot.line < 0 {
			continue
		}
		l.window.StreamState(i, l.state)
		l.single.SetState(l.state)
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := slot.feed.Read(&slot.steps, windowSteps); err != nil {
				return &TextError{slot.line, err}
			}
			if copy(starts, slot.steps.Starts) == 0 {
				break
			}
			l.single.Forward(slot.steps.X)
			if err := s.emit(l.single.Logits(), 0, 1, &slot.steps, func(x Symbol) error { return emit(slot.line, x) }); err != nil {
				return err
			}
		}
	}
	return nil
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
	for i := range l.slots {
		slot := &l.slots[i]
		if err := s.emit(l.window.Logits(), i, lineSlots, &slot.steps, func(x Symbol) error { return emit(slot.line, x) }); err != nil {
			return err
		}
		if len(slot.steps.X) < lineSteps {
			slot.line = -1
		}
	}
	return nil
}
