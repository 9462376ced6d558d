package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	"github.com/seed-f4dd853e/elman/internal/regular"
)

// An output is standard output or standard error. A pipe that nobody reads any more ends the command.
type output struct {
	w io.Writer
	f *failure
}

// A failure remembers that writing failed, so that no command needs to look.
type failure struct {
	name string // of the stream
	end  func(error)
	mu   sync.Mutex
	err  error
}

func (f *failure) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *failure) set(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = fmt.Errorf("%s: %w", f.name, regular.Reason(err))
	if errors.Is(err, syscall.EPIPE) {
		f.end(f.err)
	}
	return f.err
}

func (o output) Write(b []byte) (int, error) {
	if err := o.f.get(); err != nil {
		return 0, err
	}
	n, err := o.w.Write(b)
	if err != nil {
		err = o.f.set(err)
	}
	return n, err
}
