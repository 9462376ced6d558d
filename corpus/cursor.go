package corpus

import (
	"unicode"
	"unicode/utf8"
)

// A cursor reads a text symbol by symbol.
type cursor struct {
	reader
	a      *Alphabet
	spaced bool // of words: a space is implied after the last symbol
	apart  bool // parts are independent texts
	pre    preSymbols
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
	case a.kind == Subwords && len(b) > 0:
		return min(preToken(b)+wordReach, preTokenReach)
	case a.kind.OfBytes():
		return 1
	}
	return utf8.UTFMax
}

// read takes one symbol off rest, which is not empty, and reports whether the alphabet has it, or an escape.
func (c *cursor) read() (id int32, ok bool) {
	if c.a.kind == Subwords {
		return c.subword(), true
	}
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
		c.spaced = wantsSpace(string(symbol))
		if c.a.lower {
			var room [64]byte // mostly enough
			symbol = appendLower(room[:0], symbol)
		}
		return c.a.words.find(c.a.symbols, symbol)
	case Chars:
		if c.rest[0] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(c.rest)
			c.rest = c.rest[size:]
			if r == utf8.RuneError && size == 1 {
				return 0, false
			}
			if r >= fewCodes && c.a.lower {
				r = unicode.ToLower(r)
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

// A mark is a position between two symbols: 256 times an offset in bytes, plus a number. Of subwords the offset is that of the
// pre-token, and the number says how many of its symbols are before the mark; of words, 1 says that a space is implied here.
type mark int64

// markAt returns the mark at an offset where a document may begin.
func markAt(offset int64) mark { return mark(offset) << 8 }

func (m mark) offset() int64 { return int64(m >> 8) }

// mark returns the cursor's position.
func (c *cursor) mark() mark {
	m := markAt(c.offset()-int64(c.pre.read)) + mark(c.pre.next)
	if c.spaced {
		m++
	}
	return m
}

// moveTo moves the cursor to a mark within the text.
func (c *cursor) moveTo(m mark) {
	c.goTo(m.offset())
	c.forget()
	n := m & 0xff
	if c.a.kind == Words {
		c.spaced = n == 1
		return
	}
	for range n {
		c.next()
	}
}

// forget forgets the symbols of a pre-token that was begun, and that a space is implied.
func (c *cursor) forget() {
	c.spaced, c.pre.next, c.pre.n, c.pre.read = false, 0, 0, 0
}
