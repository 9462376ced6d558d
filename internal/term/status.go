package term

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/internal/ticker"
)

// A Status is one line on the terminal that is rewritten while a command works: what it does, and the share done. It leaves no
// trace. All methods work on nil, which shows nothing.
type Status struct {
	write func(string)
	width func() int
	due   atomic.Bool
	stop  func()

	mu     sync.Mutex
	shown  int  // columns of what is on the screen
	within bool // a line of results is incomplete: the status must wait
	ended  bool
}

// statusEvery is the time between two updates. A shorter command shows no status.
const statusEvery = 250 * time.Millisecond

// NewStatus returns a status on a terminal, if it is one whose lines can be rewritten.
func NewStatus(t *Terminal) *Status {
	if !t.CanRewrite() {
		return nil
	}
	s := &Status{write: t.write, width: func() int { width, _ := t.Size(); return width }}
	s.stop = ticker.Every(statusEvery, &s.due)
	undo := s.End
	t.undo.Store(&undo)
	return s
}

// Tell shows what is being done, at most once per statusEvery; otherwise it costs a nanosecond.
func (s *Status) Tell(what string, done float64) {
	if s == nil || !s.due.Load() {
		return
	}
	s.due.Store(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.within || s.ended {
		return
	}
	share := fmt.Sprintf(" %.0f %%", math.Floor(100*done))
	room := s.width() - len(share) - 1 // using the last column could begin a new line
	if room < 1 {
		return
	}
	line := termtext.Clip(what, room) + share
	width := termtext.Width(line)
	s.write(fmt.Sprintf("\r%s%s", line, strings.Repeat(" ", max(0, s.shown-width))))
	s.shown = width
}

func (s *Status) clear() {
	if s.shown > 0 {
		s.write(fmt.Sprintf("\r%s\r", strings.Repeat(" ", s.shown)))
		s.shown = 0
	}
}

// Clear removes the line until the next Tell.
func (s *Status) Clear() {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clear()
	}
}

// End removes the line for good.
func (s *Status) End() {
	if s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clear()
		s.ended = true
		s.stop()
	}
}

// Results returns a writer to w that removes the status line before it writes, if w leads to the terminal page.
func (s *Status) Results(w io.Writer, page *Terminal) io.Writer {
	if s == nil || page == nil {
		return w
	}
	return statusResults{s, w}
}

type statusResults struct {
	s *Status
	w io.Writer
}

func (r statusResults) Write(b []byte) (int, error) {
	if len(b) > 0 {
		r.s.mu.Lock()
		r.s.clear()
		r.s.within = b[len(b)-1] != '\n'
		r.s.mu.Unlock()
	}
	return r.w.Write(b)
}
