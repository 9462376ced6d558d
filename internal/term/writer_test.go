package term

import (
	"bytes"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/termtext"
)

// controls are what a terminal must never be given, and what it is given in their place.
var controls = []struct{ name, text, want string }{
	{"an escape sequence", "a\x1b[2Jb", "a␛[2Jb"},
	{"a title", "\x1b]0;pwned\a", "␛]0;pwned␇"},
	{"C1 as UTF-8", "x\u009b2J\u0085y", "x�2J�y"},
	{"C1 as bytes", "x\x9b2J\x80\x9fy", "x�2J��y"},
	{"DEL", "x\x7fy", "x␡y"},
	{"turned direction", "a\u202egnp.exe\u2066", "a�gnp.exe�"},
	{"zero width", "a\u200b\ufeffb", "a��b"},
	{"line separators", "a\u2028\u2029b", "a��b"},
	{"tags", "a\U000e0041b", "a�b"},
	{"half a character at the end", "a\xe2\x82", "a��"},
	{"letters", "żółć 世界\n", "żółć 世界\n"},
}

// TestWriter writes controls whole, in two parts split anywhere, and byte by byte: to a terminal never as they are, to a file
// always.
func TestWriter(t *testing.T) {
	for _, tt := range controls {
		for _, prose := range []bool{false, true} {
			for split := 0; split <= len(tt.text); split++ {
				pieces := []string{tt.text[:split], tt.text[split:]}
				if split == 0 {
					pieces = nil
					for i := range len(tt.text) {
						pieces = append(pieces, tt.text[i:i+1])
					}
				}
				var screen, file bytes.Buffer
				w, plain := &Writer{w: &screen, t: &Terminal{}, wrap: prose}, &Writer{w: &file, wrap: prose}
				for _, piece := range pieces {
					if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
						t.Fatalf("%s: Write(%q) = %d, %v", tt.name, piece, n, err)
					}
					plain.Write([]byte(piece))
				}
				w.Flush()
				plain.Flush()
				if screen.String() != tt.want || file.String() != tt.text {
					t.Errorf("%s, split at %d: a terminal gets %q, want %q; a file %q, want %q", tt.name, split, &screen, tt.want, &file, tt.text)
				}
			}
		}
	}
}

// TestWriterStreams: nothing but an unfinished character is held back.
func TestWriterStreams(t *testing.T) {
	var screen bytes.Buffer
	w := &Writer{w: &screen, t: &Terminal{}}
	for _, tt := range []struct{ piece, want string }{{"KING", "KING"}, {" \xe4\xb8", "KING "}, {"\x96", "KING 世"}, {"x", "KING 世x"}} {
		if w.Write([]byte(tt.piece)); screen.String() != tt.want {
			t.Errorf("after %q the screen shows %q, want %q", tt.piece, &screen, tt.want)
		}
	}
}

// TestWriterWithoutUTF8: a terminal of another encoding, in which bytes of UTF-8 may be controls, gets ASCII.
func TestWriterWithoutUTF8(t *testing.T) {
	var screen bytes.Buffer
	w := NewWriter(&screen, &Terminal{ascii: true})
	w.Write([]byte("ś — “x” 世\x1b█"))
	if want := `? - "x" ??#`; screen.String() != want {
		t.Errorf("the screen shows %q, want %q", &screen, want)
	}
}

// TestPaintedWithoutUTF8: neither does it get other bytes among colours, which stay, wherever a character is cut.
func TestPaintedWithoutUTF8(t *testing.T) {
	var screen bytes.Buffer
	w := NewPainted(&screen, &Terminal{ascii: true})
	w.Write([]byte("\x1b[36m──\xe2\x95"))
	w.Write([]byte("\xae\x1b[m ↵"))
	if want := "\x1b[36m--\\\x1b[m $"; screen.String() != want {
		t.Errorf("the screen shows %q, want %q", &screen, want)
	}
}

// TestLocale finds out whether terminals take UTF-8.
func TestLocale(t *testing.T) {
	for _, tt := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", true}, {"", "", "C", false}, {"C.UTF-8", "", "C", true}, {"", "de_DE.utf8", "C", true}, {"", "", "de_DE.ISO-8859-1", false}, {"POSIX", "", "en_US.UTF-8", false},
	} {
		t.Setenv("LC_ALL", tt.all)
		t.Setenv("LC_CTYPE", tt.ctype)
		t.Setenv("LANG", tt.lang)
		if got := utf8Locale(); got != tt.want {
			t.Errorf("LC_ALL=%q LC_CTYPE=%q LANG=%q: UTF-8 %v, want %v", tt.all, tt.ctype, tt.lang, got, tt.want)
		}
	}
}

// TestProseWraps: lines are wrapped when they are whole, and nothing waits for more than its line.
func TestProseWraps(t *testing.T) {
	var screen bytes.Buffer
	w := NewProse(&screen, &Terminal{})
	w.Write([]byte("one two three four five six seven eight nine ten eleven twelve thirteen fourteen"))
	if screen.Len() > 0 {
		t.Errorf("half a line is shown: %q", &screen)
	}
	w.Write([]byte(" fifteen\nsixteen"))
	w.Flush()
	if want := "one two three four five six seven eight nine ten eleven twelve thirteen fourteen\nfifteen\nsixteen"; screen.String() != want {
		t.Errorf("the screen shows %q, want %q", &screen, want)
	}
	if got := NewProse(&screen, nil).t.Width(); got != termtext.DefaultWidth {
		t.Errorf("a file is %d wide", got)
	}
}
