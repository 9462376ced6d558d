package cli

import (
	"bufio"
	"context"
	"io"
	"io/fs"
	"os"
)

// pipedText returns standard input if it is a pipe or a file that is not empty, else nil: a terminal, the null device and an
// empty pipe are no text. It waits for the first byte, or until ctx is cancelled.
func pipedText(ctx context.Context, in io.Reader) (io.Reader, error) {
	f, ok := in.(*os.File)
	if !ok {
		return nil, nil
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) == 0 {
		return nil, nil // closed, or a terminal or another device
	}
	text := bufio.NewReader(&interruptible{ctx, f})
	if _, err := text.Peek(1); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return text, nil
}

// An interruptible is a reader that gives up waiting when its context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	own := make([]byte, len(p)) // a read that is given up may still write
	done := make(chan result, 1)
	go func() {
		n, err := i.r.Read(own)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return copy(p, own[:r.n]), r.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}
