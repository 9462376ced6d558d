package corpus

import "testing"

func TestBeginsWithSpace(t *testing.T) {
	for _, tt := range []struct {
		text           string
		bytes, unicode bool
	}{
		{"", false, false},
		{" a", true, true},
		{"\n", true, true},
		{"\r\n", true, true},
		{"\v", true, true},
		{"a ", false, false},
		{"\u00a0", false, true}, // no-break space
		{"\u3000x", false, true},
		{"\xa0", false, false}, // Latin-1 is not UTF-8
		{"\u200b", false, false},
	} {
		for _, kind := range Kinds() {
			c, err := New(FromBytes("text", []byte("a b\n")), Options{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.unicode
			if kind.OfBytes() {
				want = tt.bytes
			}
			if got := c.Alphabet.BeginsWithSpace(tt.text); got != want {
				t.Errorf("%s: BeginsWithSpace(%q) = %v, want %v", kind, tt.text, got, want)
			}
		}
	}
}

// A space is implied exactly where Piece puts one before a word.
func TestImpliesSpace(t *testing.T) {
	for _, kind := range Kinds() {
		c, err := New(FromBytes("text", []byte("one, two\n3,4 \"five\" (six)")), Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		a := c.Alphabet
		word, err := a.Encode("two")
		if err != nil {
			t.Fatal(err)
		}
		implied := 0
		for previous := int32(-1); int(previous) < a.Size(); previous++ {
			got, want := a.ImpliesSpace(previous), a.BeginsWithSpace(a.Piece(previous, word[0]))
			if got != want {
				t.Errorf("%s: ImpliesSpace(%d) = %v, want %v", kind, previous, got, want)
			}
			if got {
				implied++
			}
		}
		if (implied > 0) != (kind == Words) {
			t.Errorf("%s: %d symbols imply a space", kind, implied)
		}
	}
}
