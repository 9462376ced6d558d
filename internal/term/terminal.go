// Package term draws on the terminal: the live panel of a training, status lines, coloured text. It decides how things look,
// not what is said, and sanitizes text that does not come from the program itself.
package term

import (
	"os"
	"strings"
	"sync/atomic"

	xterm "github.com/charmbracelet/x/term"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A Terminal is a terminal to which a stream of the program leads. All methods work on nil, which stands for a file or pipe.
type Terminal struct {
	file    *os.File
	rewrite bool // it understands escape sequences
	ascii   bool // the locale has no UTF-8
	undo    atomic.Pointer[func()]
}

// Open returns the terminal to which a stream leads, nil if it is a file or pipe.
func Open(stream any) *Terminal {
	f, ok := stream.(*os.File)
	if !ok || !xterm.IsTerminal(f.Fd()) {
		return nil
	}
	return &Terminal{file: f, rewrite: os.Getenv("TERM") != "dumb" && obeys(f), ascii: !utf8Locale()}
}

// utf8Locale reports whether terminals use UTF-8: they do unless the locale says otherwise.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// Size returns columns and lines, 80 and 24 if unknown.
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

// CanRewrite reports whether lines can be rewritten, and whether this process may do so: the shell stops a background
// process that changes the terminal.
func (t *Terminal) CanRewrite() bool { return t != nil && t.rewrite && foreground(t.file) }

// HasColours reports whether results may have colours.
func (t *Terminal) HasColours() bool { return t != nil && t.rewrite && os.Getenv("NO_COLOR") == "" }

// Restore removes a status line or panel before the program exits immediately.
func (t *Terminal) Restore() {
	if t != nil {
		if undo := t.undo.Load(); undo != nil {
			(*undo)()
		}
	}
}

// write writes to the terminal. It ignores errors: a terminal that has gone must not stop the work.
func (t *Terminal) write(text string) { t.file.WriteString(t.encode(text)) }

// plainSigns replaces the drawing characters on a terminal without UTF-8.
var plainSigns = strings.NewReplacer("█", "#", "░", ".", "·", "-", "…", "~", "─", "-", "╌", "~", "═", "=", "┈", ".", "━", "*", "┅", ":", "│", "|",
	"┊", ":", "╭", "/", "╮", `\`, "╰", `\`, "╯", "/", "┤", "|", "└", "+", "┬", "+", "↵", "$", "−", "-", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-")

// encode returns text in the terminal's encoding. Without UTF-8 that is ASCII: some bytes of UTF-8 are control characters in
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
