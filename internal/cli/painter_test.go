package cli

import (
	"testing"

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

// TestPaintedLine: neighbours on one colour share it, a character's bytes share what they take, and no control comes through.
func TestPaintedLine(t *testing.T) {
	p := &painter{dark: true}
	at := func(bits float64, text string) string { return p.cell(text, bits) }
	for _, tt := range []struct {
		name  string
		marks []mark
		want  string
	}{
		{"nothing", nil, ""},
		{"runs", []mark{{"a", 0.1, nil}, {"b", 0.2, nil}, {"c", 4, nil}, {"d", 4.2, nil}, {"e", 0, nil}}, "ab" + at(4, "cd") + "e"},
		{"bytes", []mark{{"x", 0, nil}, {"\xc3", 1, nil}, {"\xa9", 3, nil}, {"y", 0, nil}}, "x" + at(4, "é") + "y"},
		{"half a character", []mark{{"x", 0, nil}, {"\xc3", 6, nil}}, "x" + at(6, "�")},
		{"not one", []mark{{"\xff", 6, nil}, {"\xc3", 6, nil}, {"(", 1, nil}}, at(6, "�") + at(7, "�(")},
		{"controls", []mark{{"\x1b", 3, nil}, {"\a", 3, nil}}, at(3, "␛␇")},
		{"a line break that was expected", []mark{{"a", 2, nil}, {"\n", 0.4, nil}}, at(2, "a")},
		{"and one that was not", []mark{{"a", 0, nil}, {"\n", 9, nil}}, "a" + at(9, "↵")},
	} {
		if got := p.line(tt.marks); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
