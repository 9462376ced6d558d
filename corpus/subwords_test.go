package corpus

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The first of these are in docs/words.md.
func TestPreTokens(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"Aye, he's here.\n", []string{"Aye", ",", " he's", " here", ".", "\n"}},
		{"3,4  (two)", []string{"3", ",", "4", " ", " (", "two", ")"}},
		{"if x:\n\treturn -1\n\n", []string{"if", " x", ":", "\n", "\t", "return", " -", "1", "\n", "\n"}},
		{"rock-'n'-roll!?", []string{"rock", "-'", "n", "'-", "roll", "!?"}},
		{"a \n b  \n  c \r\n", []string{"a", " ", "\n", " b", "  ", "\n", " ", " c", " \r", "\n"}},
		{" \t x\ty ", []string{" \t", " x", "\t", "y", " "}},
		{"x\u00a0y\xffz", []string{"x", "\u00a0", "y", "\xff", "z"}},
		{strings.Repeat("x", 130), []string{strings.Repeat("x", 64), strings.Repeat("x", 64), "xx"}},
		{strings.Repeat(" ", 70) + "y", []string{strings.Repeat(" ", 64), "     ", " y"}},
		{"x" + strings.Repeat("é", 40), []string{"x" + strings.Repeat("é", 31), strings.Repeat("é", 9)}},
		{strings.Repeat("\x80", 65), []string{strings.Repeat("\x80", 64), "\x80"}},
	} {
		var got []string
		for rest := []byte(tt.text); len(rest) > 0; {
			n := preToken(rest)
			got, rest = append(got, string(rest[:n])), rest[n:]
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q is cut into %q, want %q", tt.text, got, tt.want)
		}
	}
}

// checkSubwords makes sure that a text is read without loss, in one segmentation: by the definition, merge after merge, however
// the pieces are cut in which it comes.
func checkSubwords(t *testing.T, a *Alphabet, text []byte, rng *rand.Rand) {
	t.Helper()
	ids, err := a.Encode(string(text))
	if err != nil || a.Decode(ids) != a.Lower(string(text)) {
		t.Fatalf("%q is %v, %v: %q", text, ids, err, a.Decode(ids))
	}
	var want []int32
	for rest := text; len(rest) > 0; {
		n := preToken(rest)
		var word []int32
		for _, b := range []byte(a.Lower(string(rest[:n]))) {
			word = append(word, int32(b))
		}
		for i, p := range a.sub.merges {
			for k := 0; k+1 < len(word); k++ {
				if word[k] == p.left && word[k+1] == p.right {
					word = slices.Replace(word, k, k+2, int32(fewestSubwords+i))
				}
			}
		}
		want, rest = append(want, word...), rest[n:]
	}
	if !slices.Equal(ids, want) {
		t.Fatalf("%q is %v, want %v", text, ids, want)
	}
	f := a.Feed(nil, Whole)
	f.Open = true
	var got []int32
	var read bytes.Buffer
	for rest := text; ; {
		n := rng.IntN(min(len(rest), 90) + 1)
		f.Append(rest[:n])
		if rest = rest[n:]; len(rest) == 0 {
			f.Open = false
		}
		for {
			x, err := f.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, x.Y)
			read.Write(x.Text)
		}
		if rng.IntN(4) == 0 {
			f = f.Clone()
		}
		if !f.Open {
			break
		}
	}
	if !slices.Equal(got, want) || !bytes.Equal(read.Bytes(), text) {
		t.Fatalf("in pieces %q is %v of %q, want %v", text, got, read.Bytes(), want)
	}
}

// oddText returns random text with much in it that is cut, merged or lowered in an uncommon way.
func oddText(rng *rand.Rand, n int) []byte {
	parts := []string{"the ", "The", " KİNG", "Ⱥ", "'s", "'", "-", " ", "  ", "\n", "\t", "世界", "é", "\xff", "\xe4\xb8", "aaaa", "ab", "!?", "\u00a0", "3.14"}
	var b []byte
	for range n {
		part := parts[rng.IntN(len(parts))]
		b = append(b, strings.Repeat(part, 1+rng.IntN(3)*rng.IntN(12))...)
	}
	return b
}

func TestSubwordsAreCanonical(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for _, lower := range []bool{false, true} {
		c, err := New(FromBytes("text", oddText(rng, 3000)), Options{Kind: Subwords, AlphabetSize: 450, Lowercase: lower})
		if err != nil {
			t.Fatal(err)
		}
		for range 150 {
			checkSubwords(t, c.Alphabet, oddText(rng, 1+rng.IntN(30)), rng)
		}
	}
}

// TestLowerWithinCharacter reads a character of two bytes whose lower case has three. Without merges those are three symbols: they
// share its bytes, and the last has one, or it would come after the end of the text.
func TestLowerWithinCharacter(t *testing.T) {
	f := bytesAlone(true).Feed(nil, Whole)
	f.Append([]byte("aȺ"))
	var got []string
	for {
		x, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(x.Text))
	}
	if want := []string{"a", "\xc8", "", "\xba"}; !slices.Equal(got, want) {
		t.Errorf("symbols of %q, want %q", got, want)
	}
}

// FuzzSubwords: any text is read without loss, in one segmentation.
func FuzzSubwords(f *testing.F) {
	f.Add([]byte("the king, the kings"), []byte("The KİNG's\n\xff"), true, uint64(1))
	f.Add([]byte(strings.Repeat("ab-'é \n", 20)), []byte(strings.Repeat("é", 70)), false, uint64(2))
	f.Fuzz(func(t *testing.T, learn, read []byte, lower bool, seed uint64) {
		if len(learn) == 0 || len(learn)+len(read) > 1<<11 {
			return
		}
		c, err := New(FromBytes("text", learn), Options{Kind: Subwords, AlphabetSize: 330, Lowercase: lower})
		if err != nil {
			t.Fatal(err)
		}
		checkSubwords(t, c.Alphabet, read, rand.New(rand.NewPCG(seed, 1)))
		for id := range int32(c.Alphabet.Size()) {
			if s := c.Alphabet.Symbol(id); len(s) > longestLower || strings.Count(s, "\n") > 0 && s != "\n" || id >= fewestSubwords && !lower && utf8.RuneCountInString(s) > longestPreToken {
				t.Errorf("symbol %d is %q", id, s)
			}
		}
	})
}

// TestRestoreSubwords: a damaged list of merges is an error.
func TestRestoreSubwords(t *testing.T) {
	text := bytesAlone(false).symbols.text
	ones := slices.Repeat([]int32{1}, fewestSubwords)
	for _, tt := range []struct {
		more    string
		lengths []int32
		merges  []int32
		want    string
	}{
		{"ababc", []int32{2, 3}, []int32{'a', 'b', 256, 'c'}, ""},
		{"ab", []int32{2}, nil, "257 subwords with 0 numbers of merges"},
		{"", nil, []int32{'a', 'b'}, "256 subwords with 2 numbers of merges"},
		{"ab", []int32{2}, []int32{'a', 'c'}, `subword 256 is "ab", and is merged from "a" and "c"`},
		{"ab", []int32{2}, []int32{'a', 256}, "subword 256 is merged from 97 and 256, which are not before it"},
		{"ab", []int32{2}, []int32{-1, 'b'}, "subword 256 is merged from -1 and 98, which are not before it"},
		{"abab", []int32{2, 2}, []int32{'a', 'b', 'a', 'b'}, `subword 257, "ab", is not what the merges make of its bytes`},
		{"abbcabc", []int32{2, 2, 3}, []int32{'a', 'b', 'b', 'c', 'a', 257}, `subword 258, "abc", is not what the merges make of its bytes`},
	} {
		a, err := RestoreAlphabet(Form{Kind: Subwords}, text+tt.more, slices.Concat(ones, tt.lengths), tt.merges)
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), "alphabet: "+tt.want) {
			t.Errorf("%q, %v: error %v, want %s", tt.more, tt.merges, err, tt.want)
		}
		if err == nil && (!slices.Equal(a.Merges(), tt.merges) || a.Escape() >= 0 || a.Start() != '\n') {
			t.Errorf("%v: merges %v, start %d", a, a.Merges(), a.Start())
		}
	}
	swapped := "\x01\x00" + text[2:]
	if _, err := RestoreAlphabet(Form{Kind: Subwords}, swapped, ones, nil); err == nil {
		t.Error("bytes out of order are taken")
	}
	if _, err := RestoreAlphabet(Form{Kind: Subwords, Open: true}, text, ones, nil); err == nil {
		t.Error("subwords with an escape are taken")
	}
	if _, err := RestoreAlphabet(Form{Kind: Chars}, "ab", []int32{1, 1}, []int32{1, 2}); err == nil {
		t.Error("merges of characters are taken")
	}
}
