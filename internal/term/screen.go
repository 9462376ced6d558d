package term

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A screen draws on the alternative screen of a terminal. The earlier content returns when it is left.
type screen struct {
	t *Terminal

	mu            sync.Mutex
	taken, closed bool
	show          func() // shows keys again
	width, height int
	shown         []string // lines on the terminal
	draws         int      // drawings since all lines were written
}

const (
	// takeScreen: alternative screen, no cursor, no automatic line breaks.
	takeScreen  = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
	// beginDraw and endDraw: synchronized output, where supported.
	beginDraw, endDraw = "\x1b[?2026h", "\x1b[?2026l"
	// repaintEvery is the number of drawings after which all lines are written, in case something else wrote there.
	repaintEvery = 20
)

// colours matches the colours that NO_COLOR removes. Bold and faint stay.
var colours = regexp.MustCompile("\x1b\\[3[0-7]m")

// draw draws lines in a window of this size. In the background it does nothing.
func (s *screen) draw(width, height int, lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !s.t.CanRewrite() {
		return
	}
	var b strings.Builder
	if !s.taken {
		s.taken, s.shown = true, nil
		s.show = muteKeys(s.t.file)
		b.WriteString(takeScreen)
	}
	b.WriteString(beginDraw)
	if s.shown == nil || s.width != width || s.height != height {
		s.width, s.height, s.shown = width, height, make([]string, height)
		b.WriteString("\x1b[2J")
		s.draws = 0
	}
	s.draws++
	repaint := s.draws%repaintEvery == 0
	if !s.t.HasColours() {
		for i := range lines {
			lines[i] = colours.ReplaceAllString(lines[i], "")
		}
	}
	for i, line := range lines {
		if line == s.shown[i] && !repaint {
			continue
		}
		fmt.Fprintf(&b, "\x1b[%d;1H%s", i+1, line)
		if termtext.Width(line) < width { // otherwise it would erase the last character
			b.WriteString("\x1b[K")
		}
	}
	s.shown = slices.Clone(lines)
	s.t.write(b.String() + "\x1b[H" + endDraw)
}

// leave restores the terminal until the next drawing.
func (s *screen) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

// close restores the terminal for good. It may be called again.
func (s *screen) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
	s.closed = true
}

func (s *screen) release() {
	if s.taken {
		s.taken = false
		s.t.write(leaveScreen)
		s.show()
	}
}
