package cli

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A status is one line on the terminal that is written anew while a command works: what it does, and how much of that is
// done. It leaves no trace. All methods are for one goroutine, and do nothing for nil, which is the status where nobody
// looks.
type status struct {
	screen  io.Writer
	columns func() int
	due     atomic.Bool
	stop    func()
	shown   int  // columns of what is on the screen
	within  bool // a line of results has not come to its end: the screen is taken
}

// statusEvery is the time between two looks at a status. A command that is done sooner shows none.
const statusEvery = 250 * time.Millisecond

// newStatus returns a status on the terminal that stderr is, if it is one whose lines can be rewritten.
func (e *env) newStatus() *status {
	if e.screen == nil || !canRewrite() || !inForeground(e.screen) {
		return nil
	}
	s := &status{screen: e.screen, columns: func() int { return columns(e.screen) }}
	done := make(chan struct{})
	ticks := time.NewTicker(statusEvery)
	go func() {
		defer ticks.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
				s.due.Store(true)
			}
		}
	}()
	s.stop = sync.OnceFunc(func() { close(done) })
	return s
}

// columns returns the width of a terminal.
func columns(screen *os.File) int {
	if width, _, err := term.GetSize(screen.Fd()); err == nil && width > 0 {
		return width
	}
	return 80
}

// tell shows what is done, if there was time to read what was shown before. It takes a nanosecond if not.
func (s *status) tell(what string, done float64) {
	if s == nil || !s.due.Load() {
		return
	}
	s.due.Store(false)
	if s.within {
		return
	}
	share := fmt.Sprintf(" %.0f %%", math.Floor(100*done))
	room := s.columns() - len(share) - 1 // the last column is left free, lest the terminal begins a new line
	if room < 1 {
		return
	}
	line := termtext.Clip(what, room) + share
	width := ansi.StringWidthWc(line)
	fmt.Fprintf(s.screen, "\r%s%s", line, strings.Repeat(" ", max(0, s.shown-width)))
	s.shown = width
}

// clear takes the line off the screen.
func (s *status) clear() {
	if s != nil && s.shown > 0 {
		fmt.Fprintf(s.screen, "\r%s\r", strings.Repeat(" ", s.shown))
		s.shown = 0
	}
}

// end takes the line off the screen for good.
func (s *status) end() {
	if s != nil {
		s.clear()
		s.stop()
	}
}

// results returns e's stdout, for which the status makes room if it is on the same terminal.
func (s *status) results(e *env) io.Writer {
	if s == nil || e.page == nil {
		return e.stdout
	}
	return statusResults{s, e.stdout}
}

type statusResults struct {
	s *status
	w io.Writer
}

func (r statusResults) Write(b []byte) (int, error) {
	if len(b) > 0 {
		r.s.clear()
		r.s.within = b[len(b)-1] != '\n'
	}
	return r.w.Write(b)
}
