package term

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A screen is the whole window of a terminal, drawn again and again. What was there before comes back when it is left.
type screen struct {
	t *Terminal

	mu            sync.Mutex
	taken, closed bool
	show          func() // the keys again
	width, height int
	shown         []string // lines, as the terminal has them
	draws         int      // since all of them were written
}

const (
	// takeScreen: the alternative screen, no cursor, no line breaks of the terminal's own.
	takeScreen  = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leaveScreen = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
	// beginDraw and endDraw let terminals that know them show a drawing at once.
	beginDraw, endDraw = "\x1b[?2026h", "\x1b[?2026l"
	// repaintEvery is after how many drawings all lines are written, in case something else has written there.
	repaintEvery = 20
)

// colours are what NO_COLOR does not want. Weights stay.
var colours = regexp.MustCompile("\x1b\\[3[0-7]m")

// draw shows lines for a window of some size. It does nothing in the background.
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
		if termtext.Width(line) < width { // else the last character would go
			b.WriteString("\x1b[K")
		}
	}
	s.shown = slices.Clone(lines)
	s.t.write(b.String() + "\x1b[H" + endDraw)
}

// leave gives the terminal back, until the next drawing.
func (s *screen) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

// close gives the terminal back for good. It may be called again.
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
