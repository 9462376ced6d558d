package chart

import (
	"fmt"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
)

// legible returns a text as pictures can show it: a character that the font lacks, which a PNG would leave out without a word,
// becomes its number.
func legible(s string) string {
	if plain(s) {
		return s
	}
	face := font.DefaultCache.Lookup(plot.DefaultFont, 10).Face
	var out strings.Builder
	for _, r := range s {
		if glyph, err := face.GlyphIndex(nil, r); err == nil && glyph != 0 && unicode.IsPrint(r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "U+%04X", r)
		}
	}
	return out.String()
}

// plain says whether a text is of ASCII that can be printed.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
