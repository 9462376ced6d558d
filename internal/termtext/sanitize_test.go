package termtext

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// hostile are texts that a terminal must not be given as they are, and what it is given: by Sanitize, and by Cells if that
// differs.
var hostile = []struct{ name, text, plain, cells string }{
	{"an escape sequence that clears the screen", "a\x1b[2Jb", "a␛[2Jb", ""},
	{"one that sets the title, ended by BEL", "\x1b]0;pwned\a", "␛]0;pwned␇", ""},
	{"one that asks the terminal to type", "\x1bP$qm\x1b\\\x05", "␛P$qm␛\\␅", ""},
	{"C1 controls as characters", "\u009b2J\u0085\u0090", "�2J��", ""},
	{"C1 controls as bytes", "\x9b2J\x84", "�2J�", ""},
	{"carriage return and backspace", "secret\r\b\vhidden\x7f", "secret␍␈␋hidden␡", ""},
	{"NUL bytes", "a\x00\x00b", "a␀␀b", ""},
	{"bytes that are no character", "\xff\xfe\xc0\x80\xed\xa0\x80x", "�������x", ""},
	{"cut within a character", "\xf0\x9f\x98", "���", ""},
	{"turned direction", "a\u202egnp.exe\u2066\u200f", "a�gnp.exe��", ""},
	{"letters written from right to left", "שלום", "שלום", ""},
	{"tabs and spaces", "a\tb\u00a0c\u2003d\u3000e", "a\tb\u00a0c\u2003d\u3000e", "a b c d  e"},
	{"line and paragraph separators", "a\u2028b\u2029c", "a�b�c", ""},
	{"joined emoji with a variant", "👩\u200d👩\ufe0f.", "👩\u200d👩\ufe0f.", "👩👩."},
	{"invisible characters", "a\u200b\ufeff\u2060\U000e0041b", "a����b", ""},
	{"joiners and the soft hyphen, which scripts need", "می\u200cروم क्\u200dष co\u00adop", "می\u200cروم क्\u200dष co\u00adop", "میروم क्ष coop"},
	{"flags, which are one or two letters wide", "🇩🇪", "🇩🇪", "��"},
	{"private use and unassigned", "\ue000\U000f0000\u0378", "\ue000\U000f0000\u0378", "���"},
	{"code points kept for invisible characters", "\U000e0000\u2065\ufff0\U000e0fff", "����", ""},
	{"invisible letters that scripts need", "\u034f\u115f\u3164", "\u034f\u115f\u3164", ""},
	{"heaps of marks", "e" + strings.Repeat("\u0301", 50) + "f", "e" + strings.Repeat("\u0301", 50) + "f", "e\u0301\u0301\u0301f"},
	{"some marks on each letter", strings.Repeat("e\u0301\u0302", 3), strings.Repeat("e\u0301\u0302", 3), ""},
	{"wide characters", "世界 한국", "世界 한국", ""},
	{"the replacement character itself", "\ufffd", "�", ""},
	{"every day", "To be, or not to be: that is the question.", "To be, or not to be: that is the question.", ""},
}

func TestSanitize(t *testing.T) {
	for _, tt := range hostile {
		if got := Sanitize(tt.text); got != tt.plain {
			t.Errorf("%s: Sanitize(%q) = %q, want %q", tt.name, tt.text, got, tt.plain)
		}
		want := tt.cells
		if want == "" {
			want = tt.plain
		}
		if got := Cells(tt.text); got != want {
			t.Errorf("%s: Cells(%q) = %q, want %q", tt.name, tt.text, got, want)
		}
	}
}

// FuzzSanitize wants nothing that a terminal obeys from any text, and of a line's cells that two ways of measuring agree.
func FuzzSanitize(f *testing.F) {
	for _, tt := range hostile {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, line := Sanitize(text), Cells(text)
		for _, r := range plain + line {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || r >= 0xe0000 && r < 0xe0100) {
				t.Fatalf("%q leaves %q", text, r)
			}
		}
		if strings.ContainsAny(line, "\n\t") || !utf8.ValidString(plain) || !utf8.ValidString(line) {
			t.Errorf("Cells(%q) = %q, Sanitize %q", text, line, plain)
		}
		if w := ansi.StringWidthWc(line); ansi.StringWidth(line) > w {
			t.Errorf("Cells(%q) = %q, %d wide, but %d by characters", text, line, ansi.StringWidth(line), w)
		}
	})
}
