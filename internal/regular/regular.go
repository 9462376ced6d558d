// Package regular opens files that must be regular: not a folder, not a pipe (opening one waits for its other end, and no
// signal ends that), not a device (which may be endless).
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrNotRegular is the error for a path that is not a regular file.
var ErrNotRegular = errors.New("is not a regular file")

// Open opens the file at path to be read, and returns its size.
func Open(path string) (*os.File, int64, error) { return OpenFile(path, os.O_RDONLY, 0) }

// OpenFile is os.OpenFile for a regular file, existing or new.
func OpenFile(path string, flag int, perm fs.FileMode) (*os.File, int64, error) {
	if err := Check(path); err != nil && !(flag&os.O_CREATE != 0 && errors.Is(err, fs.ErrNotExist)) {
		return nil, 0, err // opening a device may have side effects
	}
	f, err := os.OpenFile(path, flag|nonblock, perm) // the path may name another file by now
	if err != nil {
		return nil, 0, Reason(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, 0, Reason(err)
	}
	return f, info.Size(), nil
}

// Check returns nil if path is a regular file.
func Check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return Reason(err)
	}
	if !info.Mode().IsRegular() {
		return ErrNotRegular
	}
	return nil
}

// Read returns the content of the file at path, which must have at most limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size <= limit {
		b := make([]byte, 0, size+1) // one byte more reveals a file that grew
		for len(b) <= int(limit) {
			if len(b) == cap(b) {
				b = append(b, 0)[:len(b)]
			}
			n, err := f.Read(b[len(b):min(cap(b), int(limit)+1)])
			b = b[:len(b)+n]
			if err == io.EOF {
				return b, nil
			} else if err != nil {
				return nil, Reason(err)
			}
		}
	}
	return nil, fmt.Errorf("has more than %d bytes", limit)
}

// Reason strips operation and path from an error of package os; the caller says them better.
func Reason(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
