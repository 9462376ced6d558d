package term

import (
	"bytes"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A Writer is an output stream of the program. On a terminal it writes sanitized text, however the input is split; to files
// and pipes it writes bytes unchanged.
type Writer struct {
	w    io.Writer
	t    *Terminal // nil for files and pipes
	wrap bool
	made bool // the text is the program's own and needs no sanitizing

	mu   sync.Mutex
	rest []byte // on a terminal: an incomplete character, or an incomplete line to wrap
}

// NewWriter returns a Writer to a stream that leads to the terminal t, or to a file if t is nil.
func NewWriter(stream io.Writer, t *Terminal) *Writer { return &Writer{w: stream, t: t} }

// NewProse returns a Writer that also wraps lines at the terminal's width. It writes whole lines.
func NewProse(stream io.Writer, t *Terminal) *Writer { return &Writer{w: stream, t: t, wrap: true} }

// NewPainted returns a Writer for coloured text that is already sanitized.
func NewPainted(stream io.Writer, t *Terminal) *Writer { return &Writer{w: stream, t: t, made: true} }

// Write implements io.Writer.
func (w *Writer) Write(b []byte) (int, error) {
	if w.t == nil {
		return w.w.Write(b)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, b...)
	end := whole(w.rest)
	if w.wrap {
		end = bytes.LastIndexByte(w.rest, '\n') + 1
	}
	if err := w.put(end); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Flush writes what was held back, at the end of the output.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.put(len(w.rest))
}

// put writes the first bytes of the rest.
func (w *Writer) put(n int) error {
	if n == 0 {
		return nil
	}
	text := string(w.rest[:n])
	if !w.made {
		text = termtext.Sanitize(text)
	}
	w.rest = append(w.rest[:0], w.rest[n:]...)
	if w.wrap {
		text = termtext.Wrap(text, w.t.Width())
	}
	_, err := io.WriteString(w.w, w.t.encode(text))
	return err
}

// whole returns the length of b without an incomplete character at its end.
func whole(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if start := b[len(b)-n:]; utf8.RuneStart(start[0]) {
			if !utf8.FullRune(start) {
				return len(b) - n
			}
			break
		}
	}
	return len(b)
}
