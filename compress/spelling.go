package compress

import (
	"bytes"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
)

// How a symbol that the alphabet lacks is written after the escape: in 8 bits for each byte, so that it costs what
// corpus.Alphabet.SpellingBits says. Characters say by their first byte how many bytes they have. Words end with endOfWord.

const (
	endOfWord = 0xFF // neither byte is part of valid UTF-8
	rawByte   = 0xFE // a byte that is no character follows, and is all
)

// maxSymbol is the most bytes of a symbol: a longer word is cut.
const maxSymbol = 1 << 16

// spell codes the text of a symbol that the alphabet lacks.
func spell(c coder, kind corpus.Kind, text []byte) []byte {
	switch kind {
	case corpus.Words:
		return spellWord(c, text)
	case corpus.Chars:
		return spellChar(c, text)
	}
	return []byte{codeByte(c, at(text, 0))}
}

func codeByte(c coder, b byte) byte { return byte(c.number(256, uint64(b))) }

// at returns a byte of a text, or 0 after its end: a decoder has no text.
func at(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// spellChar codes a character, or a byte that belongs to none. A byte that looks like the first of a character and is not has 0
// after it.
func spellChar(c coder, text []byte) []byte {
	first := codeByte(c, at(text, 0))
	spelled := []byte{first}
	for range utf8Length(first) - 1 {
		b := codeByte(c, at(text, len(spelled)))
		if b&0xC0 != 0x80 {
			return spelled[:1]
		}
		spelled = append(spelled, b)
	}
	return spelled
}

// utf8Length returns how many bytes a character has that begins with this one, 1 if none does.
func utf8Length(first byte) int {
	switch {
	case first >= 0xF0:
		return 4
	case first >= 0xE0:
		return 3
	case first >= 0xC0:
		return 2
	}
	return 1
}

// spellWord codes a word, a character between words, or nothing, which stands for a missing space.
func spellWord(c coder, text []byte) (spelled []byte) {
	raw := len(text) == 1 && text[0] >= rawByte
	for i := 0; ; i++ {
		next := byte(endOfWord)
		switch {
		case raw && i == 0:
			next = rawByte
		case i < len(text):
			next = text[i]
		}
		switch next = codeByte(c, next); {
		case next == rawByte && i == 0:
			return []byte{codeByte(c, at(text, 0))}
		case next == endOfWord || i == maxSymbol:
			return spelled
		}
		spelled = append(spelled, next)
	}
}

// A form is how a text has a symbol of an alphabet of lower case.
type form int

const (
	asIs       form = iota
	capital         // its first letter is a capital
	allCapital      // all are
	otherwise       // it is written out
	forms
)

// cases codes the forms of symbols, as probable as they were so far after a symbol of the same form.
type cases struct {
	counts [forms][forms]uint32 // by the form before
	before form
}

// mostCounted is what the counts after one form add up to before they are halved.
const mostCounted = 1 << 16

func newCases() *cases {
	k := &cases{}
	for i := range k.counts {
		k.counts[i] = [forms]uint32{1 << 10, 1 << 5, 1 << 4, 1}
	}
	return k
}

// code codes a text that the alphabet reads as the symbol.
func (k *cases) code(c coder, symbol, text []byte) []byte {
	f := otherwise
	for g := asIs; g < otherwise && text != nil; g++ {
		if bytes.Equal(g.of(symbol), text) {
			f = g
			break
		}
	}
	counts := &k.counts[k.before]
	var total uint64
	for _, n := range counts {
		total += uint64(n)
	}
	f = form(c.choose(counts[:], total, int(f)))
	if counts[f] += 1 << 5; total > mostCounted {
		for i := range counts {
			counts[i] = (counts[i] + 1) / 2
		}
	}
	if k.before = f; f != otherwise {
		return f.of(symbol)
	}
	n := c.number(maxSymbol+1, uint64(len(text)))
	spelled := make([]byte, 0, min(n, 64))
	for i := range int(n) {
		spelled = append(spelled, codeByte(c, at(text, i)))
	}
	return spelled
}

// of returns a symbol in this form.
func (f form) of(symbol []byte) []byte {
	switch f {
	case capital:
		_, n := utf8.DecodeRune(symbol)
		return append(bytes.ToUpper(symbol[:n]), symbol[n:]...)
	case allCapital:
		return bytes.ToUpper(symbol)
	}
	return symbol
}
