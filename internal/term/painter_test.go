package term

import (
	"iter"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/seed-f4dd853e/elman/internal/page"
)

// TestPalette finds colours in a terminal's palette: the cube's 6 x 6 x 6, or a grey where that is nearer.
func TestPalette(t *testing.T) {
	for c, want := range map[page.Colour]int{
		{}: 16, {R: 255, G: 255, B: 255}: 231, {R: 8, G: 8, B: 8}: 232, {R: 128, G: 128, B: 128}: 244, {R: 240, G: 238, B: 236}: 255,
		{R: 255}: 196, {G: 255}: 46, {B: 250}: 21, {R: 90, G: 140, B: 180}: 67, {R: 40, G: 10, B: 10}: 233,
	} {
		if got := palette256(c); got != want {
			t.Errorf("%v is %d, want %d", c, got, want)
		}
	}
}

// TestNewPainter: the environment tells of the terminal's colours and of its ground.
func TestNewPainter(t *testing.T) {
	for _, tt := range []struct {
		deep, colours string
		want          Painter
	}{
		{"", "", Painter{}}, {"truecolor", "", Painter{fine: true}}, {"24bit", "", Painter{fine: true}}, {"yes", "15", Painter{}},
		{"", "0;15", Painter{ground: page.Light}}, {"", "0;default;7", Painter{ground: page.Light}},
		{"", "15;0", Painter{ground: page.Dark}}, {"", "7;8", Painter{ground: page.Dark}}, {"", "7;17", Painter{}},
	} {
		t.Setenv("COLORTERM", tt.deep)
		t.Setenv("COLORFGBG", tt.colours)
		if got := *NewPainter(); got != tt.want {
			t.Errorf("COLORTERM %q, COLORFGBG %q: %+v, want %+v", tt.deep, tt.colours, got, tt.want)
		}
	}
}

// marks yields symbols with their bits.
func marks(all ...any) iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for i := 0; i < len(all); i += 2 {
			if !yield(all[i].(string), all[i+1].(float64)) {
				return
			}
		}
	}
}

// TestPaintedLine: neighbours on one colour share it, a character's bytes share what they take, and no control comes through.
func TestPaintedLine(t *testing.T) {
	p := &Painter{}
	at := func(bits float64, text string) string { return p.Cell(text, bits) }
	for _, tt := range []struct {
		name  string
		marks iter.Seq2[string, float64]
		want  string
	}{
		{"nothing", marks(), ""},
		{"runs", marks("a", 0.1, "b", 0.2, "c", 4.0, "d", 4.2, "e", 0.0), "ab" + at(4, "cd") + "e"},
		{"bytes", marks("x", 0.0, "\xc3", 1.0, "\xa9", 3.0, "y", 0.0), "x" + at(4, "é") + "y"},
		{"half a character", marks("x", 0.0, "\xc3", 6.0), "x" + at(6, "�")},
		{"not one", marks("\xff", 6.0, "\xc3", 6.0, "(", 1.0), at(6, "�") + at(7, "�(")},
		{"controls", marks("\x1b", 3.0, "\a", 3.0), at(3, "␛␇")},
		{"a line break that was expected", marks("a", 2.0, "\n", 0.4), at(2, "a")},
		{"and one that was not", marks("a", 0.0, "\n", 9.0), "a" + at(9, "↵")},
		{"one colour over words", marks("a b", 4.0, " c", 4.0), at(4, "a b c")},
	} {
		if got := p.Line("", tt.marks, 0); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestPaintedLineWraps: words go to the next line whole, under the beginning of the text, and no colour runs over the end of a
// line.
func TestPaintedLineWraps(t *testing.T) {
	p := &Painter{}
	got := p.Line("  1.0  ", marks("the quick ", 4.0, "brown fo", 0.0, "x jumps over the ", 5.0, "lazy dog", 5.0), 24)
	want := "  1.0  " + p.Cell("the quick ", 4) + "brown \n       fo" + p.Cell("x jumps over ", 5) + "\n       " + p.Cell("the lazy dog", 5)
	if got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

// TestPaintedLineIsLinear: each symbol of a line takes so much memory and no more, however long the line is.
func TestPaintedLineIsLinear(t *testing.T) {
	const n = 100_000
	symbols := func(yield func(string, float64) bool) {
		for i := range n {
			if !yield("e", 3+float64(i/1000%2)) {
				return
			}
		}
	}
	p := &Painter{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := p.Line("", symbols, 0)
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / n; each > 1000 {
		t.Errorf("%d bytes of memory for each symbol", each)
	}
	if plain := ansi.Strip(got); len(plain) != n || strings.Count(got, "\x1b[0m") != n/1000 {
		t.Errorf("%d characters in %d runs, want %d in %d", len(plain), strings.Count(got, "\x1b[0m"), n, n/1000)
	}
}

// TestReadableOnAnyGround: letters stand out from what they lie on, whatever the terminal's ground, and that from black and
// from white: the contrast is at least 4.5 and 1.5.
func TestReadableOnAnyGround(t *testing.T) {
	luminance := func(c page.Colour) float64 {
		linear := func(x uint8) float64 { return math.Pow(float64(x)/255, 2.2) }
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	contrast := func(a, b page.Colour) float64 {
		x, y := luminance(a)+0.05, luminance(b)+0.05
		return max(x, y) / min(x, y)
	}
	for level := 1; level < page.Surprise.Levels; level++ {
		ground, letters := page.Surprise.Colour(level, page.Unknown)
		if c := contrast(ground, letters); c < 4.5 {
			t.Errorf("level %d: letters %v on %v have a contrast of %.1f", level, letters, ground, c)
		}
		for _, around := range []page.Colour{{}, {R: 255, G: 255, B: 255}} {
			if c := contrast(ground, around); c < 1.5 {
				t.Errorf("level %d: %v on %v has a contrast of %.1f", level, ground, around, c)
			}
		}
	}
}
