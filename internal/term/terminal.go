// Package term is the terminal: what it can show, and how a training, the work at hand and coloured text look on it. What is
// said comes from above; text that a program has not made itself is sanitized here, on its way to the screen.
package term

import (
	"os"
	"strings"
	"sync/atomic"

	xterm "github.com/charmbracelet/x/term"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A Terminal is what a stream of the program leads to if people see it. All methods work on nil, which is the stream that
// leads to a file or a pipe.
type Terminal struct {
	file    *os.File
	rewrite bool // it obeys escape sequences
	ascii   bool // the locale has no UTF-8
	undo    atomic.Pointer[func()]
}

// Open returns the terminal that a stream leads to, nil if it is none.
func Open(stream any) *Terminal {
	f, ok := stream.(*os.File)
	if !ok || !xterm.IsTerminal(f.Fd()) {
		return nil
	}
	return &Terminal{file: f, rewrite: os.Getenv("TERM") != "dumb" && obeys(f), ascii: !utf8Locale()}
}

// utf8Locale says whether terminals take UTF-8: they do unless the locale says otherwise.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// Size returns columns and lines, 80 and 24 where nobody knows.
func (t *Terminal) Size() (width, height int) {
	if t != nil {
		if width, height, err := xterm.GetSize(t.file.Fd()); err == nil && width > 0 && height > 0 {
			return width, height
		}
	}
	return termtext.DefaultWidth, 24
}

// Width returns the columns for prose.
func (t *Terminal) Width() int {
	width, _ := t.Size()
	return min(max(width, termtext.MinWidth), termtext.MaxWidth)
}

// CanRewrite says whether lines already written can be written anew, and whether this process may: the shell stops one that
// it has put in the background when it tries to change the terminal.
func (t *Terminal) CanRewrite() bool { return t != nil && t.rewrite && foreground(t.file) }

// HasColours says whether results may have colours.
func (t *Terminal) HasColours() bool { return t != nil && t.rewrite && os.Getenv("NO_COLOR") == "" }

// Restore takes a status line or a panel off the terminal, for good, before the program ends at once.
func (t *Terminal) Restore() {
	if t != nil {
		if undo := t.undo.Load(); undo != nil {
			(*undo)()
		}
	}
}

// write brings what this package has made to the screen. That a terminal is gone is no reason to stop.
func (t *Terminal) write(text string) { t.file.WriteString(t.encode(text)) }

// plainSigns are for what this package draws with, where there is no UTF-8.
var plainSigns = strings.NewReplacer("█", "#", "░", ".", "·", "-", "…", "~", "─", "-", "╌", "~", "═", "=", "┈", ".", "━", "*", "┅", ":", "│", "|",
	"┊", ":", "╭", "/", "╮", `\`, "╰", `\`, "╯", "/", "┤", "|", "└", "+", "┬", "+", "↵", "$", "−", "-", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-")

// encode returns text in the terminal's encoding. Without UTF-8 that is ASCII: some of UTF-8's bytes are control characters of
// other encodings.
func (t *Terminal) encode(text string) string {
	if !t.ascii {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return '?'
		}
		return r
	}, plainSigns.Replace(text))
}
