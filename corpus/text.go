// Package corpus turns text into symbols for a network: alphabets, documents, the split into training and validation, and the
// streams that are read side by side.
//
// A text is never decoded as a whole. Large files are read piece by piece at the position of each stream, so a corpus takes
// memory for its alphabet, a small buffer for each stream, and a sparse index of a few bytes for every 4,096 symbols.
package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
)

// A Text is a sequence of bytes from one or several sources. It is immutable: if a file has changed since its first reading,
// reading it fails with an error that wraps ErrChanged. Any number of goroutines may read a text.
type Text struct {
	parts []part
	size  int64

	mu   sync.Mutex
	hash string // of all bytes; "" until they have been read once
}

// A part is one source of a text: bytes in memory, or a file that is read where needed.
type part struct {
	name  string
	start int64 // of its first byte in the text
	size  int64

	bytes []byte
	file  *os.File // nil if the bytes are in memory
	sums  []uint64 // of the file's blocks, once the text has been read
	spool bool     // the file is a temporary one
}

var (
	// ErrEmpty is the error for a text without a byte.
	ErrEmpty = errors.New("the text is empty")
	// ErrChanged is wrapped by the error for a file that has changed since its first reading.
	ErrChanged = errors.New("changed while it was read")
)

// inMemory is how many bytes of a text are held in memory. The rest is read from the files when needed.
const inMemory = 16 << 20

// Open joins files to one text, in the order given; "-" stands for stdin. Pipes are read to their end immediately, at most 4
// GiB. If a file changes while the text is in use, this either has no effect or reading fails with an error that wraps
// ErrChanged. The caller closes the text.
//
// Open fails on files that cannot be read, on directories and devices, with ErrEmpty if all files are empty, and with
// context.Cause(ctx) if ctx is cancelled while a pipe is silent.
func Open(ctx context.Context, paths []string, stdin io.Reader) (*Text, error) {
	t := &Text{}
	room := int64(inMemory)
	for _, path := range paths {
		p, err := openPart(ctx, path, stdin, room)
		if err != nil {
			t.Close()
			return nil, err
		}
		room -= int64(len(p.bytes))
		t.add(p)
	}
	if t.size == 0 {
		if len(paths) == 1 {
			return nil, fmt.Errorf("%s: %w", t.parts[0].name, ErrEmpty)
		}
		return nil, ErrEmpty
	}
	return t, nil
}

// FromBytes returns a text of b, which must not change. The name appears in errors.
func FromBytes(name string, b []byte) *Text {
	t := &Text{}
	t.add(part{name: name, bytes: b, size: int64(len(b))})
	return t
}

func (t *Text) add(p part) {
	p.start = t.size
	t.parts = append(t.parts, p)
	t.size += p.size
}

// openPart opens one source, and reads it if it fits in memory.
func openPart(ctx context.Context, path string, stdin io.Reader, room int64) (part, error) {
	if path == "-" {
		return readStream(ctx, "standard input", func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }, room)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return part{}, err
	case info.IsDir():
		return part{}, fmt.Errorf("%s is a directory; name the files in it", path)
	case info.Mode()&os.ModeDevice != 0:
		return part{}, fmt.Errorf("%s is a device; name a file, or read it through a pipe", path)
	case !info.Mode().IsRegular() || info.Size() == 0: // a pipe, or a file of the system such as those in /proc
		return readStream(ctx, path, func() (io.ReadCloser, error) { return os.Open(path) }, room)
	}
	f, err := os.Open(path)
	if err != nil {
		return part{}, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return part{}, err
	}
	p := part{name: path, size: info.Size(), file: f}
	if p.size > room {
		return p, nil
	}
	defer f.Close()
	p.file = nil
	p.bytes, err = readAtRest(f, info, p.size)
	return p, readError(path, p.size, err)
}

// A source is a file, as far as readAtRest needs one.
type source interface {
	io.ReaderAt
	Stat() (os.FileInfo, error)
}

// readAtRest reads the first bytes of a file that had this info before. If the file was written to meanwhile it reads again,
// until two readings agree, so a file that only grows can be read. It fails with io.EOF if there are fewer bytes, and with
// ErrChanged if the file keeps changing.
func readAtRest(f source, info os.FileInfo, size int64) ([]byte, error) {
	b := make([]byte, size)
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil, err
	}
	for range 3 {
		after, err := f.Stat()
		if err != nil || after.ModTime().Equal(info.ModTime()) {
			return b, err
		}
		again := make([]byte, size)
		if _, err := f.ReadAt(again, 0); err != nil {
			return nil, err
		}
		if bytes.Equal(b, again) {
			return b, nil
		}
		b, info = again, after
	}
	return nil, ErrChanged
}

// readError describes an error of reading a file at an offset; nil if there is none.
func readError(name string, offset int64, err error) error {
	switch err {
	case io.EOF:
		return fmt.Errorf("%s %w: it ends before byte %d", name, ErrChanged, offset)
	case ErrChanged:
		return fmt.Errorf("%s %w", name, err)
	}
	return err
}

// partAt returns the number of the part that holds the byte at an offset, or the last part at the text's end.
func (t *Text) partAt(offset int64) int {
	return sort.Search(len(t.parts), func(i int) bool { return t.parts[i].start > offset }) - 1
}

// locate returns the source of the byte at an offset, and the offset in it.
func (t *Text) locate(offset int64) (name string, at int64) {
	p := &t.parts[t.partAt(offset)]
	return p.name, offset - p.start
}

// Size returns the length in bytes.
func (t *Text) Size() int64 { return t.size }

// sum returns the SHA-256 of all bytes in hexadecimal, or "" if they have not been read yet.
func (t *Text) sum() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hash
}

// ReadAt reads len(p) bytes of the text, files joined, from an offset. It fails with io.EOF if there are fewer.
func (t *Text) ReadAt(p []byte, offset int64) (n int, err error) {
	if offset < 0 {
		return 0, fmt.Errorf("offset %d of a text", offset)
	}
	if err := t.pin(); err != nil {
		return 0, err
	}
	if offset >= t.size {
		return 0, io.EOF
	}
	r := reader{text: t}
	for r.goTo(offset); n < len(p); {
		if len(r.rest) == 0 && !r.more() && !r.nextPart() {
			return n, r.ended()
		}
		taken := copy(p[n:], r.rest)
		n, r.rest = n+taken, r.rest[taken:]
	}
	return n, nil
}

// Close closes the files. Nothing made from the text may be used afterwards.
func (t *Text) Close() {
	for i := range t.parts {
		p := &t.parts[i]
		if p.file == nil {
			continue
		}
		p.file.Close()
		if p.spool {
			os.Remove(p.file.Name()) // where an open file cannot be removed
		}
	}
}
