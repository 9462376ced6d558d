package corpus

import "unicode/utf8"

// AsSpelled returns the text of a symbol, as a Feed's Step has it, without the space that is implied before it.
func (a *Alphabet) AsSpelled(text []byte) []byte {
	if a.kind == Words && len(text) > 1 && text[0] == ' ' {
		return text[1:]
	}
	return text
}

// An Unreader puts a text together again from its symbols. It is the inverse of a Feed: of symbols outside the alphabet too, if
// it is given what AsSpelled returned.
type Unreader struct {
	Spaced bool // a space is implied between the symbol before and a word after it
	words  bool
}

// Unreader returns one at the beginning of a text.
func (a *Alphabet) Unreader() *Unreader { return &Unreader{words: a.kind == Words} }

// Append appends the next symbol, with the space that is implied before it, to a text.
func (u *Unreader) Append(text []byte, symbol string) []byte {
	if !u.words {
		return append(text, symbol...)
	}
	if r, _ := utf8.DecodeRuneInString(symbol); u.Spaced && symbol != joiner && isWordRune(r) {
		text = append(text, ' ')
	}
	u.Spaced = wantsSpace(symbol)
	return append(text, symbol...)
}
