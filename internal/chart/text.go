package chart

import (
	"fmt"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
)

// sans returns the font of all text in the size of another.
func sans(f font.Font) font.Font {
	f.Variant = "Sans"
	return f
}

// newPlot returns an empty one whose text is all in that font.
func newPlot() *plot.Plot {
	p := plot.New()
	for _, f := range []*font.Font{
		&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Label.TextStyle.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font,
	} {
		*f = sans(*f)
	}
	p.Legend.TextStyle.Font.Size = legendSize
	p.X.Label.TextStyle.Font.Size, p.Y.Label.TextStyle.Font.Size = legendSize, legendSize
	return p
}

// legendSize is that of letters in legends and beside axes, in points.
const legendSize = 10

// legible returns a text as pictures can show it: a character that the font lacks, which a PNG would leave out without a word,
// becomes its number.
func legible(s string) string {
	if plain(s) {
		return s
	}
	face := font.DefaultCache.Lookup(sans(plot.DefaultFont), 10).Face
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
