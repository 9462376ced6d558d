package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// mixture returns text of common and rare words, so that its end has symbols that its beginning lacks.
func mixture(seed uint64, n int) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for b.Len() < n {
		switch rng.IntN(12) {
		case 0:
			b.WriteString("\n\n")
		case 1:
			b.WriteString(".\n")
		case 2:
			fmt.Fprintf(&b, "%c", rune(0x100+rng.IntN(0x2000)))
		case 3:
			fmt.Fprintf(&b, ", %d-%c", rng.IntN(99), 'A'+rng.IntN(26))
		default:
			b.WriteString([]string{"the", "of", "he's", "  ", "Zoë", "(", "3"}[rng.IntN(7)])
			b.WriteString(" ")
		}
	}
	return b.String()
}

// TestAlphabetOfTraining: the alphabet is that of the training section read as a text of its own, whatever is held out.
func TestAlphabetOfTraining(t *testing.T) {
	for _, kind := range Kinds() {
		for _, documents := range DocumentKinds() {
			for seed := range uint64(4) {
				text := mixture(seed, 3000+20000*int(seed/3))
				for _, o := range []Options{
					{Kind: kind, Documents: documents, Valid: 0.1},
					{Kind: kind, Documents: documents, Valid: 0.7, MinCount: 3},
				} {
					c, err := New(FromBytes("text", []byte(text)), o)
					if err != nil {
						t.Fatal(err)
					}
					_, end, err := c.Train().Bytes()
					if err != nil {
						t.Fatal(err)
					}
					alone, err := New(FromBytes("text", []byte(text[:end])), Options{Kind: kind, MinCount: o.MinCount})
					if err != nil {
						t.Fatal(err)
					}
					if !c.Alphabet.Equal(alone.Alphabet) || c.train != alone.n {
						t.Errorf("%+v, seed %d: %v of %d symbols, of the first %d bytes alone %v of %d", o, seed, c.Alphabet, c.train, end, alone.Alphabet, alone.n)
					}
					o.AllSymbols = true
					all, err := New(FromBytes("text", []byte(text)), o)
					if err != nil {
						t.Fatal(err)
					}
					if kind != Subwords && (all.n != c.n || all.train != c.train) || all.Alphabet.Size() < c.Alphabet.Size() {
						t.Errorf("%+v, seed %d: %v, %d of %d symbols; with the part held out %v, %d of %d", o, seed, c.Alphabet, c.train, c.n, all.Alphabet, all.train, all.n)
					}
				}
			}
		}
	}
}

// TestClosedLacksWhatIsHeldOut: a closed alphabet cannot read what only the section held out has.
func TestClosedLacksWhatIsHeldOut(t *testing.T) {
	text := parts("abc abc abc abc abc abc ", "bcé")
	for _, kind := range []Kind{Bytes, Chars, Words} {
		_, err := New(text, Options{Kind: kind, Closed: true, Valid: 0.2})
		want := map[Kind]string{
			Bytes: `b: "\xc3" (at byte 2)`, Chars: `b: "é" (at byte 2)`, Words: `b: "bcé" (at byte 0)`,
		}[kind] + " is not in the alphabet: only the text held out has it; leave out closed, or hold out less (valid)"
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", kind, err, want)
		}
		if _, err := New(text, Options{Kind: kind, Closed: true}); err != nil {
			t.Errorf("%s, nothing held out: %v", kind, err)
		}
	}
}

// TestWordsAtMost: the most frequent words stay, equally frequent ones together.
func TestWordsAtMost(t *testing.T) {
	text := FromBytes("text", []byte("a a a a b b b c c c d d e e f"))
	for _, tt := range []struct {
		size, min int
		want      string
	}{{0, 0, "abcdef"}, {6, 0, "abcdef"}, {5, 0, "abcde"}, {4, 0, "abc"}, {3, 0, "abc"}, {2, 0, "a"}, {1, 0, "a"}, {4, 3, "abc"}, {9, 2, "abcde"}, {5, 3, "abc"}} {
		c, err := New(text, Options{Kind: Words, AlphabetSize: tt.size, MinCount: tt.min})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Alphabet.symbols.text; got != tt.want {
			t.Errorf("at most %d words, at least %d times: %q, want %q", tt.size, tt.min, got, tt.want)
		}
	}
	want := "more than 2 words are equally frequent; choose a larger alphabet_size"
	if _, err := New(FromBytes("text", []byte("a b c")), Options{Kind: Words, AlphabetSize: 2}); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
