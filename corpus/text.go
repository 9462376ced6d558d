// Package corpus turns text into symbols: alphabets, the split into a part to learn from and a part to check with, and
// the streams a network reads side by side.
//
// A text is never copied nor decoded as a whole. Files are mapped into memory and streams decode as they go, so the memory
// a corpus takes is that of its alphabet and of a sparse index: a few bytes for every 4,096 symbols.
package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
	"sort"
	"sync"
)

// A Text is a sequence of bytes from one or several sources.
type Text struct {
	parts []part
	size  int64
	hash  func() string
}

// A part is one source of a text.
type part struct {
	name  string
	bytes []byte
	start int64  // of its first byte in the text
	unmap func() // nil if the bytes lie on the heap
}

// ErrEmpty says that there is no text at all.
var ErrEmpty = errors.New("the text is empty")

// Open maps files into memory and joins them to one text, in the order given; "-" stands for all that stdin holds. What
// cannot be mapped, such as a pipe, is read. The files must not shrink while the text is in use: the system ends a
// program that reads a mapping beyond the end of its file. The caller closes the text.
//
// It fails if a file cannot be read, and with ErrEmpty if all are empty.
func Open(paths []string, stdin io.Reader) (*Text, error) {
	t := newText()
	for _, path := range paths {
		p, err := openPart(path, stdin)
		if err != nil {
			t.Close()
			return nil, err
		}
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

// FromBytes makes a text of b, which must not change. The name appears in errors.
func FromBytes(name string, b []byte) *Text {
	t := newText()
	t.add(part{name: name, bytes: b})
	return t
}

func newText() *Text {
	t := &Text{}
	t.hash = sync.OnceValue(t.sum)
	return t
}

func (t *Text) add(p part) {
	p.start = t.size
	t.parts = append(t.parts, p)
	t.size += int64(len(p.bytes))
}

func openPart(path string, stdin io.Reader) (part, error) {
	if path == "-" {
		b, err := io.ReadAll(stdin)
		if err != nil {
			return part{}, fmt.Errorf("standard input: %w", err)
		}
		return part{name: "standard input", bytes: b}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return part{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return part{}, err
	}
	switch {
	case info.IsDir():
		return part{}, fmt.Errorf("%s is a directory; name the files in it", path)
	case info.Size() > math.MaxInt:
		return part{}, fmt.Errorf("%s has %d bytes, more than a program of %d bits can map", path, info.Size(), bits.UintSize)
	case info.Mode().IsRegular() && info.Size() > 0:
		b, unmap, err := mapFile(f, info.Size())
		if err != nil {
			return part{}, fmt.Errorf("%s: %w", path, err)
		}
		return part{name: path, bytes: b, unmap: unmap}, nil
	}
	b, err := io.ReadAll(f) // a pipe, or a file that the system makes up as it is read and calls empty
	return part{name: path, bytes: b}, err
}

// file returns the source of the byte at an offset, and the offset in it.
func (t *Text) file(offset int64) (name string, at int64) {
	i := sort.Search(len(t.parts), func(i int) bool { return t.parts[i].start > offset }) - 1
	return t.parts[i].name, offset - t.parts[i].start
}

// Bytes returns the bytes of a text that came from one source, as they lie. They must not be changed, nor used after Close.
// It panics if there are several sources.
func (t *Text) Bytes() []byte {
	if len(t.parts) != 1 {
		panic(fmt.Sprintf("corpus: bytes of a text of %d parts", len(t.parts)))
	}
	return t.parts[0].bytes
}

// Size returns the length in bytes.
func (t *Text) Size() int64 { return t.size }

// Hash returns the SHA-256 of all bytes in hexadecimal.
func (t *Text) Hash() string { return t.hash() }

func (t *Text) sum() string {
	h := sha256.New()
	for _, p := range t.parts {
		h.Write(p.bytes)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Close gives the mapped files back. Nothing made from the text may be used any more.
func (t *Text) Close() {
	for i := range t.parts {
		if p := &t.parts[i]; p.unmap != nil {
			p.unmap()
			p.bytes, p.unmap = nil, nil
		}
	}
}
