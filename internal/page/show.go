package page

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// show returns what is drawn for a symbol, and what it is called, "" where that is the same. Nothing that is drawn is
// invisible, turns the direction of writing or clings to what stands before it.
func show(text string) (shown, called string) {
	switch text {
	case "":
		return "⁀", "no space in between"
	case " ":
		return " ", "space"
	case "\n":
		return "\n", "line break"
	case "\t":
		return "\t", "tab"
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, "⟨%02X⟩", text[i])
			called = "a byte that is no text"
		case r < ' ' || r == 0x7f: // few fonts have the pictures of these
			fmt.Fprintf(&b, "⟨%02X⟩", r)
			called = code(r)
		case i == 0 && unicode.In(r, unicode.Mn, unicode.Me):
			b.WriteString("◌" + string(r))
			called = code(r)
		case unicode.IsMark(r), unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString("⟨" + code(r) + "⟩")
			called = code(r)
		}
	}
	if r, size := utf8.DecodeRuneInString(text); size == len(text) && r >= utf8.RuneSelf && r != utf8.RuneError {
		called = code(r)
	}
	return b.String(), called
}

// visible replaces what is left of controls and bytes that are no text, in titles and samples: whatever becomes of a file,
// that must not be in it.
func visible(file []byte) []byte {
	return bytes.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < ' ':
			return r + '␀'
		case r == 0x7f:
			return '␡'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, file)
}

func code(r rune) string { return fmt.Sprintf("U+%04X", r) }
