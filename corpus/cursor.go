package corpus

import (
	"sort"
	"unicode/utf8"
)

// A cursor reads a text symbol by symbol.
type cursor struct {
	a      *Alphabet
	parts  []part
	part   int    // the one rest belongs to
	rest   []byte // what is left of it
	spaced bool   // of words: the last symbol wants a space
	apart  bool   // parts are texts of their own
}

// next returns the next symbol of a text that has one, and of which the alphabet has all, or the escape.
func (c *cursor) next() int32 {
	for len(c.rest) == 0 {
		c.part++
		c.rest = c.parts[c.part].bytes
		c.spaced = c.spaced && !c.apart
	}
	id, _ := c.read()
	return id
}

// read takes one symbol off rest, which is not empty, and says whether the alphabet has it. An open one has the escape.
func (c *cursor) read() (id int32, ok bool) {
	if id, ok = c.find(); !ok && c.a.open {
		return c.a.Escape(), true
	}
	return id, ok
}

// find takes one symbol off rest and looks it up.
func (c *cursor) find() (id int32, ok bool) {
	switch c.a.kind {
	case Words:
		symbol, size := nextWord(c.rest, c.spaced)
		c.rest = c.rest[size:]
		id, ok = c.a.words.find(c.a.symbols, symbol)
		c.spaced = wantsSpace(string(symbol))
		return id, ok
	case Chars:
		if c.rest[0] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(c.rest)
			c.rest = c.rest[size:]
			if r == utf8.RuneError && size == 1 {
				return 0, false
			}
			if r >= fewCodes {
				return c.a.ranks.find(int(r))
			}
			return c.lookup(int(r))
		}
	}
	code := c.rest[0]
	c.rest = c.rest[1:]
	return c.lookup(int(code))
}

// lookup finds a byte, or a character below fewCodes. (It stays small enough for the compiler to put it in find.)
func (c *cursor) lookup(code int) (id int32, ok bool) {
	if code >= len(c.a.codes) {
		return 0, false
	}
	id = c.a.codes[code]
	return id, id >= 0
}

// A mark is a place between two symbols: the offset in bytes, times two, plus one if the symbol before wants a space.
type mark int64

func newMark(offset int64, spaced bool) mark {
	m := mark(offset) << 1
	if spaced {
		m |= 1
	}
	return m
}

// offset returns where the next symbol begins, in bytes.
func (c *cursor) offset() int64 {
	p := c.parts[c.part]
	return p.start + int64(len(p.bytes)-len(c.rest))
}

// goTo moves the cursor to a mark within the text.
func (c *cursor) goTo(m mark) {
	offset := int64(m >> 1)
	c.spaced = m&1 == 1
	c.part = sort.Search(len(c.parts), func(i int) bool { return c.parts[i].start > offset }) - 1
	c.rest = c.parts[c.part].bytes[offset-c.parts[c.part].start:]
}
