package corpus

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// zeros is a reader without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestOpenPipe reads more from standard input than memory should hold.
func TestOpenPipe(t *testing.T) {
	const size = inMemory + 12345
	text, err := Open(t.Context(), []string{"-"}, io.MultiReader(io.LimitReader(zeros{}, size-3), strings.NewReader("end")))
	if err != nil {
		t.Fatal(err)
	}
	end := make([]byte, 4)
	if _, err := text.ReadAt(end, size-4); err != nil || string(end) != "\x00end" || text.Size() != size {
		t.Errorf("%d bytes, want %d; the last are %q: %v", text.Size(), size, end, err)
	}
	p := &text.parts[0]
	if p.bytes != nil || p.name != "standard input" {
		t.Errorf("%d bytes of %s are in memory", len(p.bytes), p.name)
	}
	text.Close()
	if _, err := os.Stat(p.file.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary file: %v", err)
	}
}

func TestPipeWithoutEnd(t *testing.T) {
	p, err := readPipe(t.Context(), func() (io.ReadCloser, error) { return io.NopCloser(zeros{}), nil }, 1<<20, 3<<20)
	if err == nil || !strings.Contains(err.Error(), "more than 3 MiB") {
		t.Fatalf("error %v", err)
	}
	if _, err := os.Stat(p.file.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary file: %v", err)
	}
}

// TestFullPipe reads as many bytes as a pipe may give, and as memory may hold.
func TestFullPipe(t *testing.T) {
	for _, size := range []int64{100, 101, 3 << 20} {
		p, err := readPipe(t.Context(), func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, size)), nil }, 100, 3<<20)
		if err != nil || p.size != size || (p.file == nil) != (size <= 100) {
			t.Errorf("%d bytes: %d, in memory %v, error %v", size, p.size, p.file == nil, err)
		}
		if p.file != nil {
			p.file.Close()
		}
	}
}

// TestAbandonedPipe: a pipe that goes on and on is left when the context ends.
func TestAbandonedPipe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readPipe(ctx, func() (io.ReadCloser, error) { return io.NopCloser(zeros{}), nil }, 1<<10, 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestSilentPipe waits for a pipe that says nothing until the context ends.
func TestSilentPipe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer w.Close()
	go func() {
		w.Write([]byte("a word")) // returns when somebody is listening
		cancel()
	}()
	if _, err := Open(ctx, []string{"-"}, r); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}
