package corpus

import "fmt"

// A Section is a range of a corpus's symbols.
type Section struct {
	c      *Corpus
	lo, hi int64
}

// Section returns symbols lo to hi-1. It panics if they are out of range.
func (c *Corpus) Section(lo, hi int64) Section {
	if lo < 0 || lo > hi || hi > c.n {
		panic(fmt.Sprintf("corpus: symbols %d to %d of %d", lo, hi, c.n))
	}
	return Section{c, lo, hi}
}

// Corpus returns the corpus that the section is of: that of Corpus.Valid and Test may be another one.
func (s Section) Corpus() *Corpus { return s.c }

// Len returns the number of symbols.
func (s Section) Len() int64 { return s.hi - s.lo }

// Bytes returns where the section begins and ends in the text.
func (s Section) Bytes() (lo, hi int64, err error) {
	at := s.c.cursor()
	lo, hi = s.c.offset(&at, s.lo), s.c.offset(&at, s.hi)
	return lo, hi, at.err
}

// offset returns the offset in bytes at which symbol i begins, or the text ends.
func (c *Corpus) offset(at *cursor, i int64) int64 {
	if i == c.n {
		return c.text.size
	}
	c.seek(at, i)
	return at.offset()
}

// cursor returns a cursor over the text.
func (c *Corpus) cursor() cursor {
	return cursor{a: c.Alphabet, reader: reader{text: c.text}, apart: c.documents != nil}
}

// seek moves a cursor to symbol i, below n.
func (c *Corpus) seek(at *cursor, i int64) {
	at.moveTo(c.index[i/indexStep])
	for range i % indexStep {
		at.next()
	}
}
