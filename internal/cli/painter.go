package cli

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/termtext"
	"github.com/seed-f4dd853e/elman/score"
)

// A mark is what a symbol of a text took.
type mark struct {
	text string
	bits float64
	top  []page.Guess
}

func newMark(x score.Symbol) mark {
	m := mark{text: string(x.Text), bits: x.Bits.Float()}
	for _, a := range x.Top {
		m.top = append(m.top, page.Guess{ID: a.ID, Bits: a.Bits.Float()})
	}
	return m
}

// A painter colours text for a terminal by surprisal. It lets nothing through that a terminal would obey.
type painter struct {
	fine bool // the terminal has 24 bits for a colour, not a palette of 256
	dark bool // its ground is dark
}

// newPainter returns a painter, or nil if there are to be no colours: when is auto, always or never.
func (e *env) newPainter(when string) *painter {
	if when == "never" || when == "auto" && !e.colours() {
		return nil
	}
	deep, ground := os.Getenv("COLORTERM"), os.Getenv("COLORFGBG") // "letters;ground" of the palette's first 16
	return &painter{
		fine: deep == "truecolor" || deep == "24bit",
		dark: !strings.HasSuffix(ground, ";15") && !strings.HasSuffix(ground, ";7"),
	}
}

// cell returns text on the colour of so many bits.
func (p *painter) cell(text string, bits float64) string {
	if p == nil {
		return text
	}
	return p.at(page.Surprise.Level(bits), termtext.Sanitize(text))
}

func (p *painter) at(level int, text string) string {
	if level == 0 || text == "" {
		return text
	}
	ground, letters := page.Surprise.Colour(level, p.dark)
	if p.fine {
		return fmt.Sprintf("\x1b[48;2;%d;%d;%d;38;2;%d;%d;%dm%s\x1b[0m", ground.R, ground.G, ground.B, letters.R, letters.G, letters.B, text)
	}
	return fmt.Sprintf("\x1b[48;5;%d;38;5;%dm%s\x1b[0m", palette256(ground), palette256(letters), text)
}

// line returns a line of a text, its line break as an arrow where it has a colour. The bytes of a character that are
// symbols of their own are coloured by what they take together.
func (p *painter) line(marks []mark) string {
	var b strings.Builder
	run, level := "", 0 // neighbours on one colour
	put := func(text string, bits float64) {
		next := page.Surprise.Level(bits)
		if text == "\n" {
			if text = "↵"; next == 0 {
				return
			}
		}
		if next != level {
			b.WriteString(p.at(level, run))
			run, level = "", next
		}
		run += termtext.Sanitize(text)
	}
	part, sum := "", 0.0
	for _, m := range marks {
		part, sum = part+m.text, sum+m.bits
		if utf8.FullRuneInString(part) {
			put(part, sum)
			part, sum = "", 0
		}
	}
	put(part, sum)
	b.WriteString(p.at(level, run))
	return b.String()
}

// legend shows the colours.
func (p *painter) legend() string {
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

// palette256 returns the nearest of the 216 colours and 24 greys that terminals have at 16 and above.
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
