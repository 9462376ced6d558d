package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How a text is cut into words, without losing a byte. A word is a run of letters, digits and marks; an apostrophe
// or hyphen between two of those is part of it. Every other character is a symbol of its own.
//
// One space before a word is implied if the symbol before is a word or one of . , ; : ! ?: it is part of no symbol, and
// Alphabet.Piece puts it back. If this space is missing, as in "3,4", the symbol "" stands in its place.
//
//	"Aye, he's here.\n"   is   Aye , he's here . \n
//	"3,4  (two)"          is   3 , "" 4 [space] [space] ( two )
//
// docs/words.md tells users the same. Models of words depend on these rules, so they cannot change.

// joiner is the symbol for a missing implied space.
const joiner = ""

// nextWord returns the first symbol of b, which is not empty, and its length in bytes. spaced says whether a space is implied
// after the symbol before b.
func nextWord(b []byte, spaced bool) (symbol []byte, size int) {
	if n := wordLength(b); n > 0 {
		if spaced {
			return nil, 0
		}
		return b[:n], n
	}
	if spaced && b[0] == ' ' {
		if n := wordLength(b[1:]); n > 0 {
			return b[1 : 1+n], 1 + n
		}
	}
	_, n := utf8.DecodeRune(b)
	return b[:n], n
}

// wordReach is how many bytes after a symbol decide whether it ends there: an apostrophe and the character after it.
const wordReach = 2 * utf8.UTFMax

// wordLength returns the length of the word at the beginning of b, 0 if there is none.
func wordLength(b []byte) int {
	n := 0 // the word so far
	for i := 0; i < len(b); {
		r, size := rune(b[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(b[i:])
		}
		i += size
		switch {
		case isWordRune(r):
			n = i
		case i-size != n || n == 0 || !(r == '\'' || r == '-' || r == '’'):
			return n
		}
	}
	return n
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

// withoutSpace returns a symbol as a text has it without the implied space before it.
func withoutSpace(text string) string {
	if len(text) > 1 {
		return strings.TrimPrefix(text, " ")
	}
	return text
}

func beginsWord(symbol string) bool {
	r, _ := utf8.DecodeRuneInString(symbol)
	return symbol != joiner && isWordRune(r)
}

// wantsSpace reports whether a space is implied between the symbol and a word after it.
func wantsSpace(symbol string) bool {
	switch symbol {
	case ".", ",", ";", ":", "!", "?":
		return true
	}
	return beginsWord(symbol)
}

// isWordSymbol reports whether s is one symbol of a word alphabet.
func isWordSymbol(s string) bool {
	if s == joiner {
		return true
	}
	_, n := nextWord([]byte(s), false)
	return n == len(s) && utf8.ValidString(s)
}
