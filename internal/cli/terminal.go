package cli

import (
	"io"
	"os"
	"runtime"

	"github.com/charmbracelet/x/term"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// terminal returns the terminal that a stream is, nil if it is none.
func terminal(stream any) *os.File {
	if f, ok := stream.(*os.File); ok && term.IsTerminal(f.Fd()) {
		return f
	}
	return nil
}

// canRewrite says whether lines already written can be written anew on the terminal.
func canRewrite() bool {
	kind := os.Getenv("TERM")
	return kind != "dumb" && (kind != "" || runtime.GOOS == "windows")
}

// colours says whether results may have colours.
func (e *env) colours() bool { return e.page != nil && canRewrite() && os.Getenv("NO_COLOR") == "" }

// canHavePanel says whether a panel can take over the terminal: it needs keys as well as a screen, and a process that the
// shell has put in the background may not touch them.
func canHavePanel(keys, screen *os.File) bool {
	return keys != nil && screen != nil && canRewrite() && inForeground(keys)
}

// A harmlessWriter writes all text harmless. A character must not be split between two calls of Write.
type harmlessWriter struct{ w io.Writer }

func (h harmlessWriter) Write(b []byte) (int, error) {
	if _, err := io.WriteString(h.w, termtext.Sanitize(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// forPeople returns what plain text for people is written to: on a terminal nothing but text.
func forPeople(stream io.Writer, screen *os.File) io.Writer {
	if screen != nil {
		return harmlessWriter{stream}
	}
	return stream
}
