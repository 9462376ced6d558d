package runner

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
)

// A MachineError is a trouble of this machine and not of a run, which would succeed elsewhere or later: a full disk, short
// memory, no elman. It is never a run's result, and what was trained is kept.
type MachineError struct{ error }

func (e MachineError) Unwrap() error { return e.error }

// asMachine returns an error as a MachineError if it is one of the machine.
func asMachine(err error) (MachineError, bool) {
	var own MachineError
	switch {
	case errors.As(err, &own):
		return MachineError{err}, true // with all that was said about it
	case errors.As(err, new(syscall.Errno)):
		return MachineError{err}, true
	}
	return own, false
}

// exitInterrupted is the exit code of an elman that was asked to end, and has saved its run.
const exitInterrupted = 130

// shortages are what elman, the Go runtime and systems say when a machine has too little of something.
var shortages = []string{
	" of memory, ", // memory.Shortage: "this training takes 4 GB of memory, 1 GB are left"
	"out of memory", "cannot allocate memory", "failed to create new OS thread", "resource temporarily unavailable",
	"no space left on device", "not enough space on the disk", "disk quota exceeded", "input/output error",
	"too many open files", "read-only file system", "stale file handle", "stale NFS file handle",
}

// ofMachine reports whether elman ended because of the machine.
func (f *failure) ofMachine() bool {
	killed := f.code < 0 // by a signal: the system does so when memory is short
	if killed || f.code == exitInterrupted {
		return true
	}
	for _, s := range shortages {
		if strings.Contains(f.line, s) {
			return true
		}
	}
	return false
}

// unchanged returns an error if a file that a task reads is not the one that the study was made of: the run would have a name
// that is not its own.
func (r *Runner) unchanged(t *study.Task) error {
	for _, f := range t.Files() {
		now, err := study.HashFile(r.Where(f))
		switch {
		case err != nil:
			return MachineError{fmt.Errorf("%s is no longer there: %w", f.Name, err)}
		case now.SHA256 != f.SHA256:
			return MachineError{fmt.Errorf("%s has changed since the study was started (SHA-256 %.16s, was %.16s); start again, and what is done with the new file becomes runs of its own",
				r.Where(f), now.SHA256, f.SHA256)}
		}
	}
	return nil
}
