package term

import (
	"fmt"
	"iter"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// A Painter colours text by surprisal. It sets both foreground and background, so that text is legible whatever the
// terminal's own colours are, and sanitizes text. All methods work on nil, which uses no colour.
type Painter struct {
	fine   bool // the terminal has 24-bit colours, not a palette of 256
	ground page.Ground
}

// NewPainter returns a painter for the terminal described by the environment.
func NewPainter() *Painter {
	deep, colours := os.Getenv("COLORTERM"), os.Getenv("COLORFGBG") // "letters;ground" of the palette's first 16
	p := &Painter{fine: deep == "truecolor" || deep == "24bit"}
	switch {
	case strings.HasSuffix(colours, ";15") || strings.HasSuffix(colours, ";7"):
		p.ground = page.Light
	case strings.HasSuffix(colours, ";0") || strings.HasSuffix(colours, ";8"):
		p.ground = page.Dark
	}
	return p
}

// Cell returns text, sanitized, on the colour of a number of bits.
func (p *Painter) Cell(text string, bits float64) string {
	if p == nil {
		return text
	}
	return p.at(page.Surprise.Level(bits), termtext.Sanitize(text))
}

func (p *Painter) at(level int, text string) string {
	if level == 0 || text == "" {
		return text
	}
	ground, letters := page.Surprise.Colour(level, p.ground)
	if p.fine {
		return fmt.Sprintf("\x1b[48;2;%d;%d;%d;38;2;%d;%d;%dm%s\x1b[0m", ground.R, ground.G, ground.B, letters.R, letters.G, letters.B, text)
	}
	return fmt.Sprintf("\x1b[48;5;%d;38;5;%dm%s\x1b[0m", palette256(ground), palette256(letters), text)
}

// A line of text being painted; it is wrapped at spaces.
type line struct {
	p             *Painter
	out           strings.Builder
	indent, width int
	column        int
	run           strings.Builder // neighbours on one colour
	level         int
	word          []glyph // not written yet
	wordWidth     int
}

// A glyph is one character on the colour of a level.
type glyph struct {
	text  string
	level int
}

// Line returns a prefix followed by a line of text, given its symbols and their bits. A coloured line break is an arrow. If
// symbols are bytes, a character has the colour of their sum. If width is not 0 the text is wrapped, with continuation lines
// below its beginning.
func (p *Painter) Line(prefix string, symbols iter.Seq2[string, float64], width int) string {
	l := &line{p: p, indent: termtext.Width(prefix), width: width}
	l.out.WriteString(prefix)
	l.column = l.indent
	if l.indent >= width/2 {
		l.indent = 0
	}
	part, sum := "", 0.0
	for text, bits := range symbols {
		part, sum = part+text, sum+bits
		if utf8.FullRuneInString(part) {
			l.symbol(part, sum)
			part, sum = "", 0
		}
	}
	l.symbol(part, sum)
	l.endWord()
	l.endRun()
	return l.out.String()
}

func (l *line) symbol(text string, bits float64) {
	level := page.Surprise.Level(bits)
	if text == "\n" {
		if text = "↵"; level == 0 {
			return
		}
	}
	for _, r := range termtext.Sanitize(text) {
		g := glyph{string(r), level}
		l.word = append(l.word, g)
		l.wordWidth += termtext.Width(g.text)
		if r == ' ' {
			l.endWord()
		}
	}
}

// endWord writes a word with the space after it, on a new line if it does not fit.
func (l *line) endWord() {
	letters := l.wordWidth
	if n := len(l.word); n > 0 && l.word[n-1].text == " " {
		letters--
	}
	if l.width > 0 && l.column+letters > l.width && l.column > l.indent {
		l.endRun()
		l.out.WriteString("\n" + strings.Repeat(" ", l.indent))
		l.column = l.indent
	}
	for _, g := range l.word {
		if g.level != l.level {
			l.endRun()
			l.level = g.level
		}
		l.run.WriteString(g.text)
	}
	l.column += l.wordWidth
	l.word, l.wordWidth = l.word[:0], 0
}

func (l *line) endRun() {
	l.out.WriteString(l.p.at(l.level, l.run.String()))
	l.run.Reset()
}

// Legend shows the colours.
func (p *Painter) Legend() string {
	var b strings.Builder
	b.WriteString("bits of surprise:")
	for level := range page.Surprise.Levels {
		bits := page.Surprise.Low + float64(level)/2
		switch {
		case level == page.Surprise.Levels-1:
			b.WriteString(" " + p.at(level, fmt.Sprintf(" %g+ ", bits)))
		case level%2 == 0:
			b.WriteString(" " + p.at(level, fmt.Sprintf(" %g ", bits)))
		}
	}
	return b.String()
}

// palette256 returns the nearest of the 216 colours and 24 greys of the 256-colour palette.
func palette256(c page.Colour) int {
	steps := []int{0, 95, 135, 175, 215, 255}
	nearest := func(x uint8) (index, value int) {
		for i, s := range steps {
			if abs(s-int(x)) < abs(steps[index]-int(x)) {
				index = i
			}
		}
		return index, steps[index]
	}
	r, red := nearest(c.R)
	g, green := nearest(c.G)
	b, blue := nearest(c.B)
	grey := min(max((int(c.R)+int(c.G)+int(c.B))/3-8+5, 0)/10, 23)
	far := func(x, y, z int) int {
		x, y, z = x-int(c.R), y-int(c.G), z-int(c.B)
		return x*x + y*y + z*z
	}
	if shade := 8 + 10*grey; far(shade, shade, shade) < far(red, green, blue) {
		return 232 + grey
	}
	return 16 + 36*r + 6*g + b
}

func abs(x int) int { return max(x, -x) }
