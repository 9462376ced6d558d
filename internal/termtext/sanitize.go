// Package termtext prepares text for a terminal: it sanitizes, measures in columns, cuts and wraps. It opens no terminal and
// writes nothing.
package termtext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize removes what a terminal would obey rather than show, and what hides or reorders other text. A model may generate
// any bytes, including escape sequences that rename a terminal, hide text, or type.
//
// Control characters other than line break and tab become their pictures (␛ for escape). Invalid UTF-8, C1 controls, line
// and paragraph separators, and invisible format characters (direction marks, zero-width spaces, tags) become �, and so do
// those code points without a character that Unicode sets aside for such. The joiners that scripts and emoji need stay.
func Sanitize(text string) string {
	first := strings.IndexFunc(text, unsafeRune)
	if first < 0 {
		return text
	}
	var b strings.Builder
	b.WriteString(text[:first])
	for _, r := range text[first:] {
		switch {
		case r == 0x7f:
			r = '␡'
		case r < ' ' && unsafeRune(r):
			r += '␀'
		case unsafeRune(r):
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unsafeRune reports whether r must not reach a terminal.
func unsafeRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f
	case r == '\u200c' || r == '\u200d' || r == '\u00ad' || unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false // joiners, the soft hyphen, and format characters that are visible
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || reserved(r)
}

// reserved reports whether no character has the code point r and a later version of Unicode may give it to an invisible one,
// which terminals that know that version would obey.
func reserved(r rune) bool {
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

// maxMarks is how many combining marks a letter keeps in Cells. No orthography needs more; piles of them spill over the lines
// above.
const maxMarks = 3

// Cells returns one line of text whose width terminals agree on, or show too narrow: sanitized, with tabs and all kinds of
// spaces as plain spaces, without joiners and variation selectors, and with � for characters that are not printable.
func Cells(line string) string {
	var b strings.Builder
	marks := 0
	for _, r := range Sanitize(line) {
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
