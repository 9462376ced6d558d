package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// longestPipe limits what is read from a pipe: an endless one must not fill the disk.
const longestPipe = 4 << 30

// readStream reads a source that can be read only once: a pipe or standard input. What does not fit in memory goes to a
// private temporary file. Cancelling ctx ends the wait for a silent pipe.
func readStream(ctx context.Context, name string, open func() (io.ReadCloser, error), room int64) (part, error) {
	type result struct {
		part part
		err  error
	}
	done := make(chan result, 1)
	go func() {
		p, err := readPipe(ctx, open, room, longestPipe)
		p.name = name
		done <- result{p, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return part{}, fmt.Errorf("%s: %w", name, nameless(r.err, name))
		}
		return r.part, nil
	case <-ctx.Done():
		return part{}, context.Cause(ctx)
	}
}

// nameless strips the name, which the caller says, from an error of opening or reading the file.
func nameless(err error, name string) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) && e.Path == name {
		return e.Err
	}
	return err
}

// readPipe reads a pipe of at most this many bytes.
func readPipe(ctx context.Context, open func() (io.ReadCloser, error), room, most int64) (part, error) {
	pipe, err := open()
	if err != nil {
		return part{}, err
	}
	defer pipe.Close()
	r := io.LimitReader(untilDone{ctx, pipe}, most+1)
	b, err := io.ReadAll(io.LimitReader(r, room+1))
	if err != nil || int64(len(b)) <= room {
		return part{bytes: b, size: int64(len(b))}, err
	}
	f, err := os.CreateTemp("", "elman-text-*")
	if err != nil {
		return part{}, fmt.Errorf("more than memory should hold: %w", err)
	}
	os.Remove(f.Name()) // the file stays usable until it is closed
	p := part{file: f, spool: true}
	if p.size, err = io.Copy(f, io.MultiReader(bytes.NewReader(b), r)); err == nil && p.size > most {
		err = fmt.Errorf("more than %d MiB through a pipe; write it to a file, and name that", most>>20)
	}
	if err != nil {
		f.Close()
		os.Remove(f.Name())
	}
	return p, err
}

// untilDone reads until a context is cancelled.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.r.Read(p)
}
