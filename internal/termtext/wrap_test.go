package termtext

import (
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, tt := range []struct {
		name, text, want string
		width            int
	}{
		{"short lines stay", "one\n\n  two\n", "one\n\n  two\n", 40},
		{"broken between words", "The quick brown fox jumps over the lazy dog.", "The quick brown fox jumps over the lazy\ndog.", 40},
		{"not at hyphens or within numbers", "aaaa bbbb cccc dddd eeee ffff gggg 12,345.67-8", "aaaa bbbb cccc dddd eeee ffff gggg\n12,345.67-8", 40},
		{"indented as its beginning", "    The quick brown fox jumps over the lazy dog.", "    The quick brown fox jumps over the\n    lazy dog.", 40},
		{"a longer word stays whole", "see " + long + " and more", "see\n" + long + "\nand more", 40},
		{"a longer word at the start", long + " and more", long + "\nand more", 40},
		{"spaces between words stay where nothing breaks", "a  b   c" + strings.Repeat(" word", 8), "a  b   c word word word word word word\nword word", 40},
		{"wide characters count twice", strings.Repeat("世界 ", 10), strings.Repeat("世界 ", 7) + "世界\n世界 世界", 40},
		{"no narrower than 40 columns", "The quick brown fox jumps over the lazy dog.", "The quick brown fox jumps over the lazy\ndog.", 3},
		{"no wider than 200", strings.Repeat("word ", 60), strings.TrimSuffix(strings.Repeat("word ", 40), " ") + "\n" + strings.TrimSuffix(strings.Repeat("word ", 20), " "), 1000},
		{"colours take no room", "\x1b[31mThe quick brown fox\x1b[0m jumps over the lazy dog.", "\x1b[31mThe quick brown fox\x1b[0m jumps over the lazy\ndog.", 40},
	} {
		if got := Wrap(tt.text, tt.width); got != tt.want {
			t.Errorf("%s: Wrap(%q, %d) = %q, want %q", tt.name, tt.text, tt.width, got, tt.want)
		}
	}
}

func TestHang(t *testing.T) {
	if got, want := Hang("   1.25  ", "The quick brown fox jumps over the lazy dog.", 40), "   1.25  The quick brown fox jumps over\n         the lazy dog."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	prefix := strings.Repeat("9", 30) + " "
	if got, want := Hang(prefix, "The quick brown fox", 40), prefix+"The quick\nbrown fox"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzWrap: wrapping changes white space alone, and only words that are too long make a line too wide.
func FuzzWrap(f *testing.F) {
	f.Add("  a b c\n\nd", uint8(50))
	f.Fuzz(func(t *testing.T, text string, width uint8) {
		text = Sanitize(text)
		got := Wrap(text, int(width))
		if g, w := strings.Fields(got), strings.Fields(text); strings.Join(g, " ") != strings.Join(w, " ") {
			t.Fatalf("Wrap(%q, %d) = %q: other words", text, width, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if Width(line) > max(int(width), MinWidth) && strings.Contains(strings.Trim(line, " "), " ") && len(line) == len(strings.TrimLeft(line, " ")) {
				t.Errorf("Wrap(%q, %d) leaves the line %q", text, width, line)
			}
		}
	})
}

func TestWrapColumns(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		width      int
		want       string
	}{
		{"fits", "  --seed uint   of everything", 40, "  --seed uint   of everything"},
		{"below the last column", "  --seed uint   of everything that is random here", 40,
			"  --seed uint   of everything that is\n                random here"},
		{"a wide first column", "  --dropout-variational float  the same mask", 40,
			"  --dropout-variational float  the same\n      mask"},
		{"a first word that does not fit", "elman-letters    = 0.3662 nats/char  consonants", 40,
			"elman-letters    = 0.3662 nats/char\n    consonants"},
		{"a gap beyond the width", "  elman score one.txt two.txt three.txt  # sums", 40,
			"  elman score one.txt two.txt three.txt\n  # sums"},
		{"no columns", "a sentence that is longer than forty columns", 40, "a sentence that is longer than forty\ncolumns"},
		{"several lines", "a\n\nb", 40, "a\n\nb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := WrapColumns(tt.text, tt.width); got != tt.want {
				t.Errorf("WrapColumns(%q, %d) =\n%s\nwant\n%s", tt.text, tt.width, got, tt.want)
			}
		})
	}
}

func TestJoin(t *testing.T) {
	text := "One\nparagraph.\n\nAnother:\n\n  a  list\n  b  of two\nthe end\nof it\n"
	want := "One paragraph.\n\nAnother:\n\n  a  list\n  b  of two\nthe end of it\n"
	if got := Join(text); got != want {
		t.Errorf("Join(%q) = %q, want %q", text, got, want)
	}
}
