package corpus

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// parts makes one text of several files.
func parts(texts ...string) *Text {
	t := &Text{}
	for i, text := range texts {
		t.add(textPart(string(rune('a'+i)), text))
	}
	return t
}

// TestWithAlphabet reads a text by the alphabet it gave, which must make the same corpus of it.
func TestWithAlphabet(t *testing.T) {
	long := strings.Repeat("Aye, he's here.\n3,4 (two)\n\n日本 \xff", indexStep/5)
	for _, kind := range Kinds() {
		for _, documents := range DocumentKinds() {
			for _, closed := range []bool{false, true} {
				text := parts("Oh, no", "two 3", "", long)
				if kind != Bytes {
					text = parts("Oh, no", "two 3", "", strings.ToValidUTF8(long, "é"))
				}
				want, err := New(text, Options{Kind: kind, Closed: closed, Documents: documents, Valid: 0.3, AllSymbols: closed})
				if err != nil {
					t.Fatal(err)
				}
				got, err := WithAlphabet(text, want.Alphabet, Options{Documents: documents, Valid: 0.3})
				if err != nil {
					t.Fatal(err)
				}
				if got.n != want.n || got.train != want.train || !slices.Equal(got.index, want.index) || got.Documents() != documents {
					t.Errorf("%s, %s: %d symbols, %d to learn from, want %d and %d", kind, documents, got.n, got.train, want.n, want.train)
				}
			}
		}
	}
}

func TestWithAlphabetErrors(t *testing.T) {
	closed := func(kind Kind, text string) *Alphabet {
		c, err := New(FromBytes("text", []byte(text)), Options{Kind: kind, Closed: true})
		if err != nil {
			t.Fatal(err)
		}
		return c.Alphabet
	}
	for _, tt := range []struct {
		a    *Alphabet
		want string
	}{
		{closed(Chars, "abc \n"), `b: "日" (at byte 4) is not in the alphabet`},
		{closed(Bytes, "abc \n\xe6\x97"), `b: "\xa5" (at byte 6) is not in the alphabet`},
		{closed(Words, "abc bca\n"), `b: "日" (at byte 4) is not in the alphabet`},
	} {
		_, err := WithAlphabet(parts("abc\n", "bca 日"), tt.a, Options{})
		if err == nil || err.Error() != tt.want || !errors.As(err, new(*UnknownSymbolError)) {
			t.Errorf("%v: error %v, want %s", tt.a, err, tt.want)
		}
	}
	a := closed(Chars, "a")
	if _, err := WithAlphabet(parts(""), a, Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("no text: error %v", err)
	}
	if _, err := WithAlphabet(parts("a"), a, Options{Valid: 1}); err == nil {
		t.Error("all held out: no error")
	}
}

// TestSectionFeed: the first symbol of a section is predicted after the symbol before it, from a state that restarts, also
// within a document.
func TestSectionFeed(t *testing.T) {
	for _, documents := range DocumentKinds() {
		const text = "abcd\nefgh\n"
		c, err := New(FromBytes("text", []byte(text)), Options{Documents: documents})
		if err != nil {
			t.Fatal(err)
		}
		symbols, _ := c.Alphabet.Encode(text)
		for lo := range int64(9) {
			feed, err := c.Section(lo, lo+2).Feed()
			if err != nil {
				t.Fatal(err)
			}
			first, err := feed.Next()
			want := c.Alphabet.Start()
			if lo > 0 && (lo != 5 || documents != Lines) {
				want = symbols[lo-1]
			}
			if err != nil || !first.Starts || first.X != want {
				t.Errorf("%s, from symbol %d: %+v after %d, error %v", documents, lo, first, want, err)
			}
		}
	}
}

// TestSections looks where each symbol lies: it begins where the one before it ends. Then it reads every stretch of bytes.
func TestSections(t *testing.T) {
	files := []string{"one, two\n3,4\n\n", "five six", "", "seven 日本\n\n\n8,9"}
	text := parts(files...)
	whole := strings.Join(files, "")
	for _, kind := range Kinds() {
		for _, documents := range DocumentKinds() {
			c, err := New(text, Options{Kind: kind, Documents: documents})
			if err != nil {
				t.Fatal(err)
			}
			end := int64(0)
			for i := range c.n {
				lo, hi, _ := c.Section(i, i+1).Bytes()
				if lo != end || hi < lo {
					t.Fatalf("%s, %s: symbol %d is bytes %d to %d, the one before ends at %d", kind, documents, i, lo, hi, end)
				}
				end = hi
			}
			if end != text.Size() {
				t.Errorf("%s, %s: the last symbol ends at byte %d of %d", kind, documents, end, text.Size())
			}
		}
	}
	for lo := range len(whole) {
		for hi := lo; hi <= len(whole)+2; hi++ {
			b := make([]byte, hi-lo)
			n, err := text.ReadAt(b, int64(lo))
			if want := whole[lo:min(hi, len(whole))]; string(b[:n]) != want || (err == io.EOF) != (hi > len(whole)) {
				t.Fatalf("bytes %d to %d: %q, %v, want %q", lo, hi, b[:n], err, want)
			}
		}
	}
}

func TestSplitAt(t *testing.T) {
	c := open(t, Chars, 0.5, "abcd")
	for _, n := range []int64{0, 3, 4} {
		if err := c.SplitAt(n); err != nil || c.Train().Len() != n || c.Valid().Len() != 4-n {
			t.Errorf("at %d: %d to learn from and %d held out, %v", n, c.Train().Len(), c.Valid().Len(), err)
		}
	}
	for _, n := range []int64{-1, 5} {
		if err := c.SplitAt(n); err == nil || c.Train().Len() != 4 {
			t.Errorf("at %d of 4: error %v", n, err)
		}
	}
}
