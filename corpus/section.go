package corpus

import (
	"fmt"
	"io"
	"sort"
)

// A Section is a stretch of a corpus.
type Section struct {
	c      *Corpus
	lo, hi int64
}

// Section returns symbols lo to hi-1. It panics if the corpus has no such.
func (c *Corpus) Section(lo, hi int64) Section {
	if lo < 0 || lo > hi || hi > c.n {
		panic(fmt.Sprintf("corpus: symbols %d to %d of %d", lo, hi, c.n))
	}
	return Section{c, lo, hi}
}

// Len returns the number of symbols.
func (s Section) Len() int64 { return s.hi - s.lo }

// Bytes returns where the section begins and ends in the text.
func (s Section) Bytes() (lo, hi int64) { return s.c.offset(s.lo), s.c.offset(s.hi) }

// offset returns where symbol i begins in the text, in bytes, or where the text ends.
func (c *Corpus) offset(i int64) int64 {
	if i == c.n {
		return c.text.size
	}
	at := cursor{a: c.Alphabet, parts: c.text.parts, apart: c.documents != nil}
	c.seek(&at, i)
	return at.offset()
}

// ReadAt reads len(p) bytes of the text, files joined, from an offset. It fails with io.EOF if there are fewer.
func (t *Text) ReadAt(p []byte, offset int64) (n int, err error) {
	if offset < 0 {
		return 0, fmt.Errorf("offset %d of a text", offset)
	}
	for i := sort.Search(len(t.parts), func(i int) bool { return t.parts[i].start > offset }) - 1; i >= 0 && i < len(t.parts); i++ {
		part := t.parts[i]
		if from := offset + int64(n) - part.start; from < int64(len(part.bytes)) {
			n += copy(p[n:], part.bytes[from:])
		}
		if n == len(p) {
			return n, nil
		}
	}
	return n, io.EOF
}
