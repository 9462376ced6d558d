package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/seed-f4dd853e/elman/corpus"
)

// liveInput returns standard input if it is not a regular file: what a pipe or a terminal brings is told as it comes.
func (e *env) liveInput(path string) io.Reader {
	if path != "-" {
		return nil
	}
	if f, ok := e.stdin.(*os.File); ok {
		if info, err := f.Stat(); err != nil || info.Mode().IsRegular() {
			return nil
		}
	}
	return e.stdin
}

// liveBytes is how much of a live text is told together, so that a Ctrl-C need not wait long.
const liveBytes = 16 << 10

// liveLines reads a live text line by line.
type liveLines struct {
	ctx    context.Context
	pieces chan []byte
	failed error // why pieces is closed, unless the text has ended

	rest    []byte // not told
	scanned int    // bytes of rest without a line break
	ended   bool
	any     bool // something has come
}

func newLiveLines(ctx context.Context, in io.Reader) *liveLines {
	l := &liveLines{ctx: ctx, pieces: make(chan []byte)}
	go func() {
		defer close(l.pieces)
		for {
			piece := make([]byte, liveBytes)
			n, err := in.Read(piece)
			if n > 0 {
				select {
				case l.pieces <- piece[:n]:
				case <-ctx.Done():
					return
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				l.failed = err
				return
			}
		}
	}()
	return l
}

// next waits for a line, and returns all that have come by then. At the end, or when the context ends, an incomplete line counts
// as one. No lines mean the end.
func (l *liveLines) next() ([][]byte, error) {
	for {
		if end := bytes.LastIndexByte(l.rest[l.scanned:], '\n') + 1; end > 0 {
			return l.take(l.scanned + end), nil
		}
		if l.scanned = len(l.rest); l.ended {
			break
		}
		select {
		case piece, ok := <-l.pieces:
			l.rest, l.ended, l.any = append(l.rest, piece...), !ok, l.any || ok
		case <-l.ctx.Done():
			l.ended = true
		}
	}
	switch {
	case len(l.rest) > 0:
		return l.take(len(l.rest)), nil
	case l.ctx.Err() != nil:
		return nil, context.Cause(l.ctx)
	case l.failed != nil:
		return nil, fmt.Errorf("standard input: %w", l.failed)
	case !l.any:
		return nil, fmt.Errorf("standard input: %w", corpus.ErrEmpty)
	}
	return nil, nil
}

// take returns the first n bytes of rest as lines.
func (l *liveLines) take(n int) (lines [][]byte) {
	for line := range bytes.Lines(l.rest[:n:n]) {
		lines = append(lines, line)
	}
	l.rest, l.scanned = bytes.Clone(l.rest[n:]), 0
	return lines
}
