//go:build unix

package corpus

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSpoolHasNoName: the temporary file of a pipe is gone even if the program is killed.
func TestSpoolHasNoName(t *testing.T) {
	p, err := readPipe(t.Context(), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("a pipe")), nil }, 3, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer p.file.Close()
	if _, err := os.Stat(p.file.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s has a name: error %v", p.file.Name(), err)
	}
}

// TestOpenSpecialFiles opens what is no file of bytes.
func TestOpenSpecialFiles(t *testing.T) {
	for _, path := range []string{"/dev/zero", "/dev/null", "/dev/random"} {
		if _, err := Open(t.Context(), []string{path}, nil); err == nil || !strings.HasPrefix(err.Error(), path+" is a device") {
			t.Errorf("%s: error %v", path, err)
		}
	}
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o666); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(fifo, []byte("through a pipe"), 0) // waits for the reader
	text, err := Open(t.Context(), []string{fifo}, nil)
	if err != nil || text.Size() != 14 {
		t.Fatalf("a pipe: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, []string{fifo}, nil); err != context.Canceled { // there is no writer any more
		t.Errorf("a pipe without a writer: error %v", err)
	}
}
