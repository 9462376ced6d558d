package units

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Words returns the words of a text: what stands between white space, that of Unicode or of ASCII alone. Where symbols are bytes
// or strings of bytes (corpus.Kind.OfBytes) it is that of ASCII: other white space may have no symbol of its own.
func Words(text []byte, ascii bool) []Span {
	var spans []Span
	start := -1 // of a word, or -1
	for at := 0; at < len(text); {
		n := spaceAt(text[at:], ascii)
		switch {
		case n > 0 && start >= 0:
			spans = append(spans, Span{start, at})
			start = -1
		case n == 0 && start < 0:
			start = at
		}
		at += max(n, 1)
	}
	if start >= 0 {
		spans = append(spans, Span{start, len(text)})
	}
	return spans
}

// spaceAt returns the length of the white space character that a text begins with, 0 if it begins with none.
func spaceAt(text []byte, ascii bool) int {
	if len(text) == 0 {
		return 0
	}
	if c := text[0]; c < utf8.RuneSelf {
		if unicode.IsSpace(rune(c)) {
			return 1
		}
		return 0
	}
	if r, size := utf8.DecodeRune(text); !ascii && unicode.IsSpace(r) {
		return size
	}
	return 0
}

// Unicode returns the words of a text by the rules of Unicode (UAX 29), and what stands between them, white space
// apart: "can't stop!" has three.
func Unicode(text []byte) []Span {
	var spans []Span
	for segments := words.FromBytes(text); segments.Next(); {
		if strings.TrimFunc(string(segments.Value()), unicode.IsSpace) != "" {
			spans = append(spans, Span{segments.Start(), segments.End()})
		}
	}
	return spans
}

// Join makes one text of units, with a separator between two that have text. White space around a unit is no part of it: it is
// left out, or if the separator is "", stands between the units.
func Join(parts []string, separator string) (text []byte, spans []Span) {
	for _, part := range parts {
		unit := strings.TrimSpace(part)
		if separator != "" {
			part = unit
		}
		if part != "" && len(text) > 0 {
			text = append(text, separator...)
		}
		start := len(text) + max(strings.Index(part, unit), 0)
		spans = append(spans, Span{start, start + len(unit)})
		text = append(text, part...)
	}
	return text, spans
}
