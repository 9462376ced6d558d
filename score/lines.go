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
	hidden int // H
	state  []float32
	slots  []slot
	x      []int32
}

// A slot reads one line.
type slot struct {
	reader *corpus.Reader
	line   int // its number, or -1
	last   int32
	ids    []int32 // of this window
	pieces [][]byte
}

// Lines scores texts each of which is its own, from a state of zero. It hands each symbol to emit with the number of its
// text; those of one text come in order, those of different ones mixed. It fails as Text does, with a *TextError
// around what an alphabet lacks.
func (s *Scorer) Lines(ctx context.Context, texts [][]byte, emit func(text int, x Symbol) error) error {
	if s.lines == nil {
		w := s.m.Network.NewWindow(lineSteps, lineSlots, nil)
		s.lines = &slots{window: w, hidden: s.m.Network.Config().Hidden, state: make([]float32, w.StateLen()), slots: make([]slot, lineSlots), x: make([]int32, lineSteps*lineSlots)}
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
		steps, err := l.read()
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
	l := s.lines
	fresh := false
	for i := range l.slots {
		if slot := &l.slots[i]; slot.line < 0 && next < len(texts) {
			if !fresh {
				fresh = true
				l.window.State(l.state)
			}
			l.clear(i)
			*slot = slot.begin(s.m.Alphabet.Reader(texts[next]), next, s.start)
			next++
		}
	}
	if fresh {
		l.window.SetState(l.state)
	}
	return next
}

// begin returns the slot with a new line, and the memory it had.
func (s slot) begin(r *corpus.Reader, line int, last int32) slot {
	return slot{reader: r, line: line, last: last, ids: s.ids, pieces: s.pieces}
}

// clear sets the state of slot i, [layers x B x H], to zero.
func (l *slots) clear(i int) {
	H := l.hidden
	for layer := range len(l.state) / (lineSlots * H) {
		clear(l.state[(layer*lineSlots+i)*H:][:H])
	}
}

// read reads the next window and returns its time steps. A slot whose line ends becomes idle after it.
func (l *slots) read() (steps int, err error) {
	for i := range l.slots {
		slot := &l.slots[i]
		slot.ids, slot.pieces = slot.ids[:0], slot.pieces[:0]
		for slot.line >= 0 && len(slot.ids) < lineSteps {
			id, piece, ok, err := slot.reader.Next()
			if err != nil {
				return 0, &TextError{slot.line, err}
			}
			if !ok {
				break
			}
			slot.ids, slot.pieces = append(slot.ids, id), append(slot.pieces, piece)
		}
		steps = max(steps, len(slot.ids))
	}
	return steps, nil
}

// forward runs the window and emits its symbols.
func (s *Scorer) forward(steps int, emit func(text int, x Symbol) error) error {
	l := s.lines
	x := l.x[:steps*lineSlots]
	clear(x)
	for i := range l.slots {
		slot := &l.slots[i]
		for t, id := range slot.ids {
			x[t*lineSlots+i] = slot.last
			slot.last = id
		}
	}
	if steps > 0 {
		l.window.Forward(x)
	}
	V := s.m.Alphabet.Size()
	for i := range l.slots {
		slot := &l.slots[i]
		for t, id := range slot.ids {
			scored, err := s.symbol(l.window.Logits()[(t*lineSlots+i)*V:][:V], id, slot.pieces[t])
			if err != nil {
				return err
			}
			if err := emit(slot.line, scored); err != nil {
				return err
			}
		}
		if len(slot.ids) < lineSteps {
			slot.line = -1
		}
	}
	return nil
}
