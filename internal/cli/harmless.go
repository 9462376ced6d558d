package cli

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a model writes may be any bytes, escape sequences among them: a terminal that was given those could be told to
// rename itself, to hide text, to type. So a terminal is only ever given what follows.

// harmless returns text without what a terminal would obey rather than show: control characters other than line break
// and tab become their pictures (␛ for escape), and bytes that are no character, C1 controls and the marks that turn the
// direction of writing become �.
func harmless(text string) string {
	if strings.IndexFunc(text, harmful) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == 0x7f:
			r = '␡'
		case r < ' ' && harmful(r):
			r += '␀'
		case harmful(r):
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

func harmful(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r)
}

// A harmlessWriter writes all text harmless. A character must not be split between two calls of Write.
type harmlessWriter struct{ w io.Writer }

func (h harmlessWriter) Write(b []byte) (int, error) {
	if _, err := io.WriteString(h.w, harmless(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// maxMarks is how many marks a letter may carry in a cell of the panel. No orthography needs more; heaps of them are
// written to spill over the lines above.
const maxMarks = 3

// cells returns one line of text such that terminals agree about how wide it is, or err on the narrow side: harmless, with
// tabs and all kinds of spaces as plain ones, without what is invisible or only joins and varies other characters, and with
// � for all that is not in print.
func cells(line string) string {
	var b strings.Builder
	marks := 0
	for _, r := range harmless(line) {
		if unicode.In(r, unicode.Mn, unicode.Me) && !unicode.Is(unicode.Variation_Selector, r) {
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
			continue
		}
		marks = 0
		switch {
		case r == '\u3000':
			b.WriteString("  ")
		case r == '\t' || unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector):
		case !unicode.IsPrint(r) || unicode.Is(unicode.Regional_Indicator, r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
