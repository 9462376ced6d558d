package corpus

import (
	"unicode"
	"unicode/utf8"
)

// BeginsWithSpace reports whether a text begins with white space: that of Unicode, or of ASCII where symbols are bytes.
func (a *Alphabet) BeginsWithSpace(text string) bool {
	if a.kind.OfBytes() {
		return text != "" && text[0] < utf8.RuneSelf && unicode.IsSpace(rune(text[0]))
	}
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}

// ImpliesSpace reports whether Piece puts a space between the symbol and a word after it. At the start of a text, where
// previous is -1, it puts none.
func (a *Alphabet) ImpliesSpace(previous int32) bool {
	return a.kind == Words && previous >= 0 && (previous == a.Escape() || wantsSpace(a.symbols.at(int(previous))))
}
