package corpus

import "unicode/utf8"

// A cursor reads a text symbol by symbol.
type cursor struct {
	reader
	a      *Alphabet
	spaced bool // of words: a space is implied after the last symbol
	apart  bool // parts are independent texts
}

// next returns the next symbol. There must be one, and the alphabet must have it or an escape. After an error it returns 0.
func (c *cursor) next() int32 {
	if len(c.rest) == 0 && !c.inSight() {
		return 0
	}
	id, _ := c.read()
	return id
}

// inSight moves to the next part that has a symbol, and reports whether there is one.
func (c *cursor) inSight() bool {
	for len(c.rest) == 0 && !c.more() {
		if !c.nextPart() {
			return false
		}
		c.spaced = c.spaced && !c.apart
	}
	return true
}

// complete makes sure that the whole of the next symbol is in sight.
func (c *cursor) complete() {
	for len(c.rest) < c.a.reach(c.rest, c.spaced) && c.more() {
	}
}

// reach returns how many bytes must be in sight for the first symbol of b to be certain, unless the text ends before.
func (a *Alphabet) reach(b []byte, spaced bool) int {
	switch {
	case a.kind == Words && len(b) > 0:
		_, size := nextWord(b, spaced)
		return size + wordReach
	case a.kind == Bytes:
		return 1
	}
	return utf8.UTFMax
}

// read takes one symbol off rest, which is not empty, and reports whether the alphabet has it, or an escape.
func (c *cursor) read() (id int32, ok bool) {
	if len(c.rest) < utf8.UTFMax {
		c.complete()
	}
	if id, ok = c.find(); !ok && c.a.open {
		return c.a.Escape(), true
	}
	return id, ok
}

// find takes one symbol off rest and looks it up.
func (c *cursor) find() (id int32, ok bool) {
	switch c.a.kind {
	case Words:
		symbol, size := c.word()
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

// word returns the first symbol of rest in a word alphabet, and its length in bytes.
func (c *cursor) word() (symbol []byte, size int) {
	symbol, size = nextWord(c.rest, c.spaced)
	if len(c.rest)-size < wordReach && c.more() {
		c.complete()
		symbol, size = nextWord(c.rest, c.spaced)
	}
	return symbol, size
}

// lookup finds a byte, or a character below fewCodes. (It stays small enough for the compiler to put it in find.)
func (c *cursor) lookup(code int) (id int32, ok bool) {
	if code >= len(c.a.codes) {
		return 0, false
	}
	id = c.a.codes[code]
	return id, id >= 0
}

// A mark is a position between two symbols: twice the offset in bytes, plus one if a space is implied after the symbol before.
type mark int64

func newMark(offset int64, spaced bool) mark {
	m := mark(offset) << 1
	if spaced {
		m |= 1
	}
	return m
}

// mark returns the cursor's position.
func (c *cursor) mark() mark { return newMark(c.offset(), c.spaced) }

// moveTo moves the cursor to a mark within the text.
func (c *cursor) moveTo(m mark) {
	c.goTo(int64(m >> 1))
	c.spaced = m&1 == 1
}
