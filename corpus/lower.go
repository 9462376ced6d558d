package corpus

import (
	"unicode"
	"unicode/utf8"
)

// How an alphabet of lower case reads a text: character by character, each by Unicode's simple mapping, so that no character
// becomes two. (In an alphabet of bytes only A to Z have a lower case.) The text of a symbol, its length and its offset stay those
// of the text that is read, also where lower case takes more bytes or fewer: K (the Kelvin sign, 3 bytes) is read as k.

// lowerCode returns the lower case of a byte or character.
func (k Kind) lowerCode(code int) int {
	if k == Bytes && code >= utf8.RuneSelf {
		return code
	}
	return int(unicode.ToLower(rune(code)))
}

// appendLower appends the lower case of a text to b. Bytes that are no character stay as they are.
func appendLower(b, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if low := unicode.ToLower(r); low != r {
			b = utf8.AppendRune(b, low)
		} else {
			b = append(b, text[i:i+size]...)
		}
		i += size
	}
	return b
}

// Lowercase reports whether the alphabet reads every text in lower case.
func (a *Alphabet) Lowercase() bool { return a.lower }

// Lower returns a text as the alphabet reads it: in lower case, or as it is.
func (a *Alphabet) Lower(text string) string {
	switch {
	case !a.lower:
		return text
	case a.kind == Bytes:
		b := []byte(text)
		for i, c := range b {
			b[i] = byte(Bytes.lowerCode(int(c)))
		}
		return string(b)
	}
	return string(appendLower(nil, []byte(text)))
}
