package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/score"
)

// A scoredText is a text to score, open for reading.
type scoredText struct {
	path  string
	lines interface{ next() ([][]byte, error) } // no lines at the end
	size  int64                                 // of what is left to read, 0 if unknown
	close func()
	file  *corpus.Text   // nil if it is live
	at    score.Bookmark // where reading goes on
	live  bool           // it is told as it comes
	tells bool           // an interruption comes between two lines, and all before it is told
}

// openText opens a text, at the place where an interrupted call that adapted has left it.
func (s *scoring) openText(path string) (*scoredText, error) {
	t := &scoredText{path: path, close: func() {}, at: s.resumes(path), tells: s.f.adapt.on}
	if in := s.env.liveInput(path); in != nil {
		t.lines, t.live, t.tells = newLiveLines(s.ctx, in), true, true
		s.tellResumed(t.at)
		return t, nil
	}
	text, err := corpus.Open(s.ctx, []string{path}, s.env.stdin)
	if err != nil {
		return nil, err
	}
	if t.at.Bytes > text.Size() {
		text.Close()
		return nil, fmt.Errorf("%s has %d bytes, and --adapt-state %s has read %d; name another --adapt-state to begin again", textName(path), text.Size(), s.f.adapt.state, t.at.Bytes)
	}
	if t.file = text; t.at.Before != "" {
		before, err := t.before(t.at.Bytes)
		if err == nil && before != t.at.Before {
			err = fmt.Errorf("%s has changed before line %d, where --adapt-state %s goes on; name another --adapt-state to begin again", textName(path), t.at.Lines+1, s.f.adapt.state)
		}
		if err != nil {
			text.Close()
			return nil, err
		}
	}
	s.tellResumed(t.at)
	most := bytesAtOnce
	if t.tells {
		most = adaptBytes
	}
	t.lines, t.size, t.close = linesFrom(text, t.at.Bytes, most), text.Size()-t.at.Bytes, text.Close
	return t, nil
}

// before returns a hash of what stands before an offset, to tell whether it is still there: a log may be another one by then.
func (t *scoredText) before(offset int64) (string, error) {
	if t.file == nil {
		return "", nil
	}
	b := make([]byte, min(offset, adaptBytes))
	if _, err := t.file.ReadAt(b, offset-int64(len(b))); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(b)), nil
}

const (
	// adaptBytes is how much of a text is scored between two places where an interruption may come, or one line if that is longer.
	adaptBytes = 4 << 10
	// patientBytes is how much an interruption waits for. In a longer line it comes at once, and nothing of this call is kept.
	patientBytes = 1 << 16
)

// begins says what is read next.
func (s *scoring) begins(path string, size int64) {
	s.work, s.bytes, s.size = "scoring "+textName(path), 0, size*int64(len(s.models))
}

// tell shows how far the work is.
func (s *scoring) tell(bytes int) {
	if s.bytes += int64(bytes); s.size > 0 {
		s.status.Tell(s.work, float64(s.bytes)/float64(s.size))
	}
}

// unhurried is the context of scoring: one that has no end where an interruption waits until all is told.
func (s *scoring) unhurried() context.Context {
	if s.tells {
		return context.WithoutCancel(s.ctx)
	}
	return s.ctx
}

// chunks passes a text to do, some lines at a time.
func (s *scoring) chunks(t *scoredText, do func(*chunk) error) error {
	s.begins(t.path, t.size)
	s.tells = t.tells
	if t.at.Text == "" {
		for _, m := range s.models {
			m.reset()
		}
	}
	c := &chunk{path: t.path, number: int(t.at.Lines), offset: t.at.Bytes, chars: t.at.Chars}
	t.at.Text = t.path
	for {
		lines, err := t.lines.next()
		if err != nil || len(lines) == 0 {
			return err
		}
		c.lines, c.sums = lines, make([][]score.Sum, len(lines))
		for i := range c.sums {
			c.sums[i] = make([]score.Sum, len(s.models))
		}
		s.tells = t.tells && sizeOf(lines) <= patientBytes
		if err := s.do(c, t, do); err != nil {
			if !s.tells && t.tells && isInterrupted(err) {
				t.tells = false
				err = interruptedf(fmt.Sprintf(" in a long line of %s, after line %d; nothing of this call is kept", textName(t.path), c.number))
			}
			return err
		}
		for _, line := range lines {
			c.offset, c.chars = c.offset+int64(len(line)), c.chars+int64(utf8.RuneCount(line))
		}
		c.number += len(lines)
		t.at = score.Bookmark{Text: t.path, Bytes: c.offset, Chars: c.chars, Lines: int64(c.number)}
		if t.live { // then reading goes on with what comes next
			t.at.Bytes, t.at.Chars = 0, 0
		}
		if !t.live && t.tells && s.ctx.Err() != nil {
			if t.at.Before, err = t.before(c.offset); err != nil {
				return err
			}
			return context.Cause(s.ctx)
		}
	}
}

// sizeOf returns the bytes of some lines.
func sizeOf(lines [][]byte) (n int) {
	for _, line := range lines {
		n += len(line)
	}
	return n
}

// do scores a chunk. If all is to be told, the program waits for it, and what is live is told at once.
func (s *scoring) do(c *chunk, t *scoredText, do func(*chunk) error) error {
	if s.tells {
		s.env.saving.Store(true)
		defer s.env.saving.Store(false)
	}
	if err := do(c); err != nil || !t.live {
		return err
	}
	s.env.saving.Store(false)
	err := s.out.Flush()
	s.env.flush()
	return err
}

// reset begins a new text.
func (m *scoredModel) reset() {
	if m.streams != nil {
		m.streams.Reset()
	}
	m.scorer.Reset()
}
