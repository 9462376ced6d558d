package corpus

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func openAlphabet(t *testing.T, kind Kind, least int, text string) *Alphabet {
	t.Helper()
	c, err := New(FromBytes("text", []byte(text)), Options{Kind: kind, MinCount: least})
	if err != nil {
		t.Fatal(err)
	}
	return c.Alphabet
}

func TestOpenAlphabet(t *testing.T) {
	for _, tt := range []struct {
		kind       Kind
		learn      string
		read, want string // with U+FFFD for what the alphabet lacks
		bits       float64
		unknown    string
	}{
		{Bytes, "abc", "abxc", "ab\uFFFDc", 8, "x"},
		{Chars, "abc", "a日bb𝄞", "a\uFFFDbb\uFFFD", 24, "日"},
		{Words, "to be, or not", "to see, or\tbe", "to \uFFFD, or\uFFFDbe", 32, "see"},
		{Words, "to be, or not", "to see", "to \uFFFD", 32, " see"}, // with its implied space
	} {
		a := openAlphabet(t, tt.kind, 0, tt.learn)
		ids, err := a.Encode(tt.read)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Decode(ids); got != tt.want && tt.kind != Words {
			t.Errorf("%s: %q is read as %q, want %q", tt.kind, tt.read, got, tt.want)
		}
		if n := strings.Count(tt.want, "\uFFFD"); len(slices.DeleteFunc(ids, func(id int32) bool { return id != a.Escape() })) != n {
			t.Errorf("%s: %q holds another number of escapes than %d", tt.kind, tt.read, n)
		}
		if got := a.SpellingBits(tt.unknown); got != tt.bits {
			t.Errorf("%s: %q is spelled in %v bits, want %v", tt.kind, tt.unknown, got, tt.bits)
		}
		if got := a.Symbol(a.Escape()); got != "\uFFFD" || int(a.Escape()) != a.Size()-1 {
			t.Errorf("%s: the escape is %d of %d, shown as %q", tt.kind, a.Escape(), a.Size(), got)
		}
		text, lengths := a.Symbols()
		if again, err := RestoreAlphabet(a.Form(), text, lengths, nil); err != nil || again.Size() != a.Size() || again.Escape() != a.Escape() {
			t.Errorf("%s: %q %d is restored as %v: %v", tt.kind, text, lengths, again, err)
		}
	}
}

func TestClosedAlphabet(t *testing.T) {
	c, err := New(FromBytes("text", []byte("abc")), Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	a := c.Alphabet
	if _, err := a.Encode("abx"); !errors.As(err, new(*UnknownSymbolError)) || a.Escape() != -1 || a.Size() != 3 {
		t.Errorf("error %v, escape %d, size %d", err, a.Escape(), a.Size())
	}
}

// Rare symbols become the escape in the text that is learned, too.
func TestMinCount(t *testing.T) {
	for _, tt := range []struct {
		kind        Kind
		text        string
		want        string // the alphabet
		least, rare int
	}{
		{Chars, "aaabbbc日", "3 chars", 1, 0},
		{Chars, "aaabbbc日", "2 chars", 2, 2},
		{Bytes, "aab", "1 bytes", 2, 1},
		{Words, "a a a rose is", "1 words", 2, 2},
	} {
		c, err := New(FromBytes("text", []byte(tt.text)), Options{Kind: tt.kind, MinCount: tt.least})
		if err != nil {
			t.Fatal(err)
		}
		if tt.least > 1 && !strings.HasPrefix(c.Alphabet.String(), tt.want+" and") {
			t.Errorf("%q, %s at least %d times: alphabet of %v, want %s", tt.text, tt.kind, tt.least, c.Alphabet, tt.want)
		}
		n := int(c.Train().Len()) - 1
		x, y := make([]int32, n), make([]int32, n)
		s, err := c.Train().Streams(1)
		if err != nil {
			t.Fatal(err)
		}
		s.Next(x, y)
		rare := 0
		for _, id := range append(x[:1], y...) {
			if id == c.Alphabet.Escape() {
				rare++
			}
		}
		if rare != tt.rare {
			t.Errorf("%q, %s at least %d times: %d escapes, want %d", tt.text, tt.kind, tt.least, rare, tt.rare)
		}
	}
	if _, err := New(FromBytes("text", []byte("abc")), Options{MinCount: 2}); err == nil || !strings.Contains(err.Error(), "no symbol occurs 2 times") {
		t.Errorf("all symbols rare: error %v", err)
	}
}
