// Package atomicfile replaces a file atomically: a reader, even after a power cut in the middle, sees either the old content
// or the new.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"github.com/seed-f4dd853e/elman/internal/regular"
)

// Write replaces the file at path, or makes it, with what write writes (through a buffer: small pieces are fine).
//
// The bytes go to a temporary file in the same folder (.NAME.*.tmp), which is synced to the disk and then renamed; the
// folder is synced last, since a rename is an entry in the folder. Should anything up to the rename fail, write included,
// the temporary file is removed and path is as it was; only a killed process leaves the temporary file behind. A replaced
// file keeps its permissions, and where path is a link to a file, that file is replaced. A path that is no regular file (a
// folder, a device) is an error.
func Write(path string, write func(io.Writer) error) error {
	return writeMode(path, 0o666, write)
}

// WriteProgram is Write for a file that people may run.
func WriteProgram(path string, write func(io.Writer) error) error {
	return writeMode(path, 0o777, write)
}

// writeMode is Write; mode, less the umask, is that of a new file.
func writeMode(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if err := replace(path, mode, write); err != nil {
		return fmt.Errorf("write %s: %w", path, regular.Reason(err))
	}
	return nil
}

func replace(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	old, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return regular.ErrNotRegular
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}

	folder := filepath.Dir(path)
	f, temporary, err := create(path, mode)
	if err != nil {
		return err
	}
	renamed := false
	defer func() { // also when write panics
		if !renamed {
			f.Close()
			os.Remove(temporary)
		}
	}()

	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if old != nil {
		if err := f.Chmod(old.Mode().Perm() | mode&0o111); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil { // before the rename: Windows does not rename open files
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	renamed = true
	return syncFolder(folder)
}

// create makes the temporary file for a path. A mode less the umask is that of any new file.
func create(path string, mode fs.FileMode) (f *os.File, name string, err error) {
	folder, base := filepath.Split(path)
	name = filepath.Join(folder, "."+base+"."+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
	f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	return f, name, err
}

// Check returns the error that Write would have, as far as that can be known before there is something to write: it makes the
// temporary file and removes it.
func Check(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = path // it does not exist yet
	}
	f, name, err := create(real, 0o666)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, regular.Reason(err))
	}
	f.Close()
	os.Remove(name)
	return nil
}

func syncFolder(folder string) error {
	if runtime.GOOS == "windows" { // it has no such call
		return nil
	}
	f, err := os.Open(filepath.Clean(folder)) // of "" is "."
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) { // nor do some network file systems
		return nil
	}
	return err
}
