package corpus

import (
	"strings"
	"testing"
	"unicode"
)

// cased is text whose lower case has other lengths than it: İ, Ⱥ, K and ẞ among it.
const cased = "The KİNG saw ȺȾ, and he's ẞtill THE ÉLÈVE; 5 K of Ωλ\n\xc3ÀB\xe2\x84 Ⓐ ⅣX\n"

// TestLowercase: an alphabet of lower case reads a text as another reads the text in lower case, and the text of its symbols is
// that of the text itself.
func TestLowercase(t *testing.T) {
	for _, kind := range Kinds() {
		text := strings.Repeat(cased, 3)
		if !kind.OfBytes() {
			text = strings.ToValidUTF8(text, "")
		}
		for _, documents := range DocumentKinds() {
			o := Options{Kind: kind, Valid: 0.3, Documents: documents, Lowercase: true}
			if kind == Subwords { // whose share is one of bytes
				o.Valid = 0
			}
			c, err := New(FromBytes("text", []byte(text)), o)
			if err != nil {
				t.Fatal(err)
			}
			a := c.Alphabet
			low := a.Lower(text)
			if kind != Bytes && low != strings.Map(unicode.ToLower, strings.ToValidUTF8(text, "\xff")) && kind != Subwords {
				t.Errorf("%s: lower case is %q", kind, low)
			}
			if kind == Bytes && low != strings.NewReplacer("T", "t", "H", "h", "E", "e", "K", "k", "N", "n", "G", "g", "L", "l", "V", "v", "B", "b", "X", "x").Replace(text) {
				t.Errorf("bytes: lower case is %q", low)
			}
			if low == text || a.Lower(low) != low {
				t.Errorf("%s: the lower case of %q is %q", kind, text, low)
			}
			o.Lowercase = false
			plain, err := New(FromBytes("text", []byte(low)), o)
			if err != nil {
				t.Fatal(err)
			}
			if a.symbols.text != plain.Alphabet.symbols.text || !strings.Contains(a.String(), " lower-case "+string(kind)) {
				t.Errorf("%s, %s: %v is\n%q, not\n%q", kind, documents, a, a.symbols.text, plain.Alphabet.symbols.text)
			}
			if c.n != plain.n || c.train != plain.train {
				t.Errorf("%s, %s: %d of %d symbols, not %d of %d", kind, documents, c.train, c.n, plain.train, plain.n)
			}
			f, g := a.Feed(FromBytes("text", []byte(text)), documents), plain.Alphabet.Feed(FromBytes("text", []byte(low)), documents)
			var read strings.Builder
			for {
				x, err := f.Next()
				y, other := g.Next()
				if err != nil || other != nil {
					if err != other {
						t.Errorf("%s, %s: %v, and in lower case %v", kind, documents, err, other)
					}
					break
				}
				read.Write(x.Text)
				if x.X != y.X || x.Y != y.Y || x.Starts != y.Starts || kind != Subwords && a.Lower(string(x.Text)) != string(y.Text) {
					t.Fatalf("%s, %s: %+v, and in lower case %+v", kind, documents, x, y)
				}
			}
			if read.String() != text {
				t.Errorf("%s, %s: the text of all symbols is %q", kind, documents, read.String())
			}
			form := a.Form()
			names, lengths := a.Symbols()
			if again, err := RestoreAlphabet(form, names, lengths, a.Merges()); err != nil || !again.Equal(a) || again.Equal(plain.Alphabet) {
				t.Errorf("%s: %v comes back as %v, %v", kind, a, again, err)
			}
		}
	}
}

// TestLowerCaseOfWords: what is part of a word is so in lower case too, or a text would be cut in other places than its lower
// case; and no character grows beyond longestLower.
func TestLowerCaseOfWords(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		low := unicode.ToLower(r)
		if isWordRune(low) != isWordRune(r) || low < 0x80 && isBlank(byte(low)) != (r < 0x80 && isBlank(byte(r))) || unicode.ToLower(low) != low {
			t.Errorf("%q has the lower case %q", r, low)
		}
		if before, after := len(string(r)), len(string(low)); 2*after > 3*before {
			t.Errorf("%q has %d bytes, its lower case %q has %d", r, before, low, after)
		}
	}
}

func TestLowercaseSymbols(t *testing.T) {
	_, err := RestoreAlphabet(Form{Kind: Chars, Lowercase: true}, "Ab", []int32{1, 1}, nil)
	if want := `alphabet: "A" is not in lower case`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
