package corpus

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestOtherTexts: the sections to validate and test on are texts of their own, read with the alphabet and the documents of the
// text to learn from, all of which is then learned.
func TestOtherTexts(t *testing.T) {
	o := Options{Kind: Chars, Valid: 0.5, Documents: Lines, ValidText: parts("ab\nx", "ba\n"), TestText: parts("bab\n\u65e5")}
	c, err := New(parts("ab\nba\nab\n", "b\n"), o)
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Train().Len(); n != 11 {
		t.Errorf("%d symbols to learn from, want all 11", n)
	}
	for _, tt := range []struct {
		name    string
		section Section
		text    string
		unknown Unknown
	}{
		{"validation", c.Valid(), "ab\n\ufffdba\n", Unknown{1, 8, "x"}},
		{"test", c.Test(), "bab\n\ufffd", Unknown{1, 24, "\u65e5"}},
	} {
		if got := textOf(t, tt.section); got != tt.text {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.text)
		}
		own := tt.section.Corpus()
		if got := own.Unknown(); got != tt.unknown {
			t.Errorf("%s: unknown %+v, want %+v", tt.name, got, tt.unknown)
		}
		if own.Hash() == c.Hash() || own.Documents() != Lines || !own.Alphabet.Equal(c.Alphabet) {
			t.Errorf("%s: hash %.8s of %.8s, documents %s, alphabet %v", tt.name, own.Hash(), c.Hash(), own.Documents(), own.Alphabet)
		}
	}
	feed, err := c.Valid().Feed()
	if err != nil {
		t.Fatal(err)
	}
	var steps Steps
	if err := feed.Read(&steps, 100); err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, false, false, true, true, false, false}; !slices.Equal(steps.Starts, want) { // a file ends a document
		t.Errorf("the state restarts at %v, want %v", steps.Starts, want)
	}
}

// textOf returns the text of a section.
func textOf(t *testing.T, s Section) string {
	t.Helper()
	feed, err := s.Feed()
	if err != nil {
		t.Fatal(err)
	}
	var steps Steps
	if err := feed.Read(&steps, int(s.Len())+1); err != nil {
		t.Fatal(err)
	}
	return s.Corpus().Alphabet.Decode(steps.Y)
}

func TestNoOtherTexts(t *testing.T) {
	c, err := New(FromBytes("text", []byte("abcabcabca")), Options{Valid: 0.3})
	if err != nil {
		t.Fatal(err)
	}
	if c.Valid().Corpus() != c || c.Valid().Len() != 3 || c.Test().Corpus() != c || c.Test().Len() != 0 || c.Unknown() != (Unknown{}) {
		t.Errorf("validation %+v, test %+v", c.Valid(), c.Test())
	}
}

// TestOtherTextsErrors: what is wrong with another text is found before any training, and names file and place.
func TestOtherTextsErrors(t *testing.T) {
	text, empty := parts("ab\nba\n"), FromBytes("nothing", nil)
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"a symbol to validate on that a closed alphabet lacks", Options{Closed: true, ValidText: parts("ab", "b\u65e5")}, `b: "\u65e5" (at byte 1) is not in the alphabet`},
		{"a symbol to test on", Options{Closed: true, TestText: parts("abc")}, `a: "c" (at byte 2) is not in the alphabet`},
		{"nothing to validate on", Options{ValidText: empty}, ErrEmpty.Error()},
		{"nothing to test on", Options{TestText: empty}, ErrEmpty.Error()},
	} {
		if _, err := New(text, tt.o); fmt.Sprint(err) != strings.ReplaceAll(tt.want, `\u65e5`, "\u65e5") {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestUnknownOfWords: the space before a word is spelled with it, as it is when it is scored.
func TestUnknownOfWords(t *testing.T) {
	c, err := New(FromBytes("text", []byte("to be or not to be ")), Options{Kind: Words, ValidText: FromBytes("other", []byte("to see or be seen"))})
	if err != nil {
		t.Fatal(err)
	}
	want := Unknown{2, c.Alphabet.SpellingBits(" see") + c.Alphabet.SpellingBits(" seen"), "see"}
	if got := c.Valid().Corpus().Unknown(); got != want {
		t.Errorf("unknown %+v, want %+v", got, want)
	}
}

// TestKeep: the symbols of an alphabet stay, those of the text that occur often enough are added.
func TestKeep(t *testing.T) {
	alphabet := func(kind Kind, closed bool, text string) *Alphabet {
		c, err := New(FromBytes("text", []byte(text)), Options{Kind: kind, Closed: closed})
		if err != nil {
			t.Fatal(err)
		}
		return c.Alphabet
	}
	for _, tt := range []struct {
		kind        Kind
		closed      bool
		keep, learn string
		least       int
		added       []string
	}{
		{Chars, false, "bdf", "aabbcd", 0, []string{"a", "c"}},
		{Chars, false, "bdf", "aabbcd", 2, []string{"a"}},
		{Chars, false, "bdf", "fdb", 0, nil},
		{Chars, true, "bd", "b\u65e5d", 0, []string{"\u65e5"}},
		{Bytes, false, "bd", "\u65e5", 0, []string{"\x97", "\xa5", "\xe6"}},
		{Words, false, "to be", "to see,to see", 0, []string{"", ",", "see"}},
	} {
		old := alphabet(tt.kind, tt.closed, tt.keep)
		c, err := New(FromBytes("text", []byte(tt.learn)), Options{Kind: Chars, Keep: old, MinCount: tt.least})
		if err != nil {
			t.Fatal(err)
		}
		a := c.Alphabet
		if added := a.Without(old); !slices.Equal(added, tt.added) {
			t.Errorf("%s: %q adds %q to %q, want %q", tt.kind, tt.learn, added, tt.keep, tt.added)
		}
		if lost := old.Without(a); lost != nil || a.Kind() != tt.kind || (a.Escape() < 0) != tt.closed {
			t.Errorf("%s: %q loses %q of %q: %v", tt.kind, tt.learn, lost, tt.keep, a)
		}
	}
}

// TestKeepClosed: nothing stands for a symbol that only the text held out has, so a closed alphabet takes it too.
func TestKeepClosed(t *testing.T) {
	c, err := New(FromBytes("old", []byte("ab")), Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err = New(FromBytes("text", []byte("abababababababababac")), Options{Keep: c.Alphabet, Valid: 0.1})
	if unknown := (*UnknownSymbolError)(nil); errors.As(err, &unknown) || err != nil {
		t.Fatal(err)
	}
	if got := c.Alphabet.String(); got != "3 chars" {
		t.Errorf("an alphabet of %s", got)
	}
}
