package corpus

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestEveryCharacter asks alphabets of few and many characters, around the edges of table, pages and blocks, for all there
// are, and compares with a map.
func TestEveryCharacter(t *testing.T) {
	every := func(step, from, to rune) (all []string) {
		for r := from; r <= to; r += step {
			if utf8.ValidRune(r) {
				all = append(all, string(r))
			}
		}
		return all
	}
	for _, tt := range []struct {
		name    string
		symbols []string
	}{
		{"first", []string{"\x00"}},
		{"last", []string{"\U0010FFFF"}},
		{"edge of the table", []string{"\u07FE", "\u07FF", "\u0800", "\u0801"}},
		{"above the table only", []string{"\u0800"}},
		{"edges of a block", []string{"a", "\u103F", "\u1040", "\u107F", "\u1080", "\u10BF"}},
		{"a block", every(1, 0x4e00, 0x4e7f)},
		{"Chinese", every(3, 0x4e00, 0x9fff)},
		{"a character of each page", every(128, 0x77, 0x10FFFF)},
		{"all", every(1, 0, utf8.MaxRune)},
	} {
		a, err := newAlphabet(Form{Kind: Chars}, tt.symbols, nil)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		number := map[rune]int32{}
		for i, s := range tt.symbols {
			r, _ := utf8.DecodeRuneInString(s)
			number[r] = int32(i)
			if got := a.Symbol(int32(i)); got != s {
				t.Fatalf("%s: symbol %d is %q, want %q", tt.name, i, got, s)
			}
		}
		for r := range rune(utf8.MaxRune + 1) {
			if !utf8.ValidRune(r) {
				continue
			}
			c := cursor{a: a, reader: reader{rest: utf8.AppendRune(nil, r)}}
			id, ok := c.read()
			if want, is := number[r]; ok != is || ok && id != want {
				t.Fatalf("%s: %U is number %d, %v; want %d, %v", tt.name, r, id, ok, want, is)
			}
		}
	}
}

func TestWordTable(t *testing.T) {
	var symbols []string
	for i := range 5000 {
		symbols = append(symbols, fmt.Sprintf("w%04d", i))
	}
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 1000, 5000} {
		a, err := newAlphabet(Form{Kind: Words}, symbols[:n], nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range symbols {
			if id, ok := a.words.find(a.symbols, []byte(s)); ok != (i < n) || ok && int(id) != i {
				t.Errorf("of %d words %s is number %d, %v", n, s, id, ok)
			}
		}
		if size := len(a.words.slots); size <= n || size > 4*n {
			t.Errorf("%d slots for %d words", size, n)
		}
	}
}

func TestRestoreAlphabet(t *testing.T) {
	for _, tt := range []struct {
		kind    Kind
		text    string
		lengths []int32
		want    string
	}{
		{Chars, "ab", []int32{1, 1}, "<nil>"},
		{Chars, "aü世", []int32{1, 2, 3}, "<nil>"},
		{Bytes, "\x00\xff", []int32{1, 1}, "<nil>"},
		{Words, "\nab-c", []int32{0, 1, 1, 3}, "<nil>"}, // the first is what stands between words that no space divides
		{Chars, "", nil, "alphabet: an alphabet of no symbols"},
		{"", "ab", []int32{1, 1}, "alphabet: kind is missing"},
		{"runes", "ab", []int32{1, 1}, `alphabet: kind is "runes": there are bytes, chars, words, subwords`},
		{Chars, "ab", []int32{1}, "alphabet: the symbols take 1 of the 2 bytes"},
		{Chars, "ab", []int32{1, 2}, "alphabet: symbol 1 of 2 bytes goes beyond the 2 bytes of all"},
		{Chars, "ab", []int32{-1, 3}, "alphabet: symbol 0 of -1 bytes goes beyond the 2 bytes of all"},
		{Chars, "ab", []int32{math.MaxInt32, math.MaxInt32}, "alphabet: symbol 0 of 2147483647 bytes goes beyond the 2 bytes of all"},
		{Chars, "ba", []int32{1, 1}, `alphabet: symbols "b" and "a" are out of order`},
		{Chars, "aa", []int32{1, 1}, `alphabet: symbols "a" and "a" are out of order`},
		{Chars, "ab", []int32{2}, `alphabet: "ab" is not one of the chars`},
		{Chars, "ü", []int32{1, 1}, "alphabet: \"\\xc3\" is not one of the chars"},
		{Words, "a b", []int32{3}, `alphabet: "a b" is not one of the words`},
	} {
		a, err := RestoreAlphabet(Form{Kind: tt.kind, Open: true}, tt.text, tt.lengths, nil)
		if fmt.Sprint(err) != tt.want {
			t.Errorf("%s %q %d: error %v\nwant %s", tt.kind, tt.text, tt.lengths, err, tt.want)
		}
		if err != nil {
			continue
		}
		if text, lengths := a.Symbols(); text != tt.text || !slices.Equal(lengths, tt.lengths) || a.Kind() != tt.kind || a.Size() != len(tt.lengths)+1 {
			t.Errorf("%s %q %d: restored as %v with %q %d", tt.kind, tt.text, tt.lengths, a, text, lengths)
		}
	}
}

// TestMemoryOfAlphabets: besides the text, what stays is the names, 4 bytes for each, 6 to 12 more for a word, and 24 more
// for a character far from others; 25 KB are for the tables of low and high codes.
func TestMemoryOfAlphabets(t *testing.T) {
	var words, pages []string
	for i := range 20000 {
		words = append(words, fmt.Sprintf("%05d", i))
	}
	for r := rune(0x10000); r <= utf8.MaxRune; r += 128 {
		pages = append(pages, string(r))
	}
	for _, tt := range []struct {
		name    string
		kind    Kind
		symbols []string
		size    int // of the names, and what each may take
		each    int
	}{
		{"one high character", Chars, []string{"\U0010FFFF"}, 4, 28},
		{"a low and a high character", Chars, []string{"a", "\U0010FFFF"}, 5, 28},
		{"characters far from each other", Chars, pages, 4 * len(pages), 28},
		{"words", Words, words, 5 * len(words), 16},
	} {
		text := strings.Join(tt.symbols, "")
		var lengths []int32
		for _, s := range tt.symbols {
			lengths = append(lengths, int32(len(s)))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := RestoreAlphabet(Form{Kind: tt.kind}, text, lengths, nil)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		// Sizes are rounded up, by an eighth at most.
		if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(tt.size+tt.each*len(tt.symbols))*9/8+32<<10; used > limit {
			t.Errorf("%s: %d bytes allocated for %d symbols, limit %d", tt.name, used, a.Size(), limit)
		}
	}
}

// FuzzRestoreAlphabet: no panic, memory in proportion, and each symbol of what is restored is encoded as itself.
func FuzzRestoreAlphabet(f *testing.F) {
	f.Add("chars", false, false, "ab", []byte{1, 1}, []byte{})
	f.Add("chars", true, false, "a\u07ff\u0800\U0010ffff", []byte{1, 2, 3, 4}, []byte{})
	f.Add("words", true, false, "\na-b", []byte{0, 1, 3}, []byte{})
	f.Add("words", true, true, "\na-b", []byte{0, 1, 3}, []byte{})
	f.Add("bytes", false, false, "\x00\xff", []byte{1, 1}, []byte{})
	f.Add("subwords", false, false, "ab abc aba", []byte{2, 1, 3, 3}, []byte("ab\x00c"))
	f.Fuzz(func(t *testing.T, kind string, open, lower bool, text string, sizes, pairs []byte) {
		var lengths, merges []int32
		spent := uint64(0)
		if Kind(kind) == Subwords { // the bytes, and what the pairs make of them
			spent = 1 << 17
			lengths = slices.Repeat([]int32{1}, fewestSubwords)
			text = bytesAlone(false).symbols.text + text
			for _, n := range pairs {
				merges = append(merges, int32(n)) // or of symbols before
				if n >= 0x80 {
					merges[len(merges)-1] += 0x80
				}
			}
		}
		for _, n := range sizes {
			lengths = append(lengths, int32(int8(n)))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := RestoreAlphabet(Form{Kind(kind), open, lower}, text, lengths, merges)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 28*uint64(len(text)+len(lengths))+1<<16+spent {
			t.Errorf("%d bytes allocated for %d symbols of %d bytes", used, len(lengths), len(text))
		}
		if err != nil {
			return
		}
		for id := range int32(len(lengths)) {
			// A subword that is no part of a pre-token can never be read.
			if kind == string(Subwords) && id >= fewestSubwords && preToken([]byte(a.Symbol(id))) != len(a.Symbol(id)) {
				continue
			}
			if ids, err := a.Encode(a.Symbol(id)); a.Symbol(id) != "" && a.Lower(a.Symbol(id)) == a.Symbol(id) && (err != nil || len(ids) != 1 || ids[0] != id) {
				t.Errorf("symbol %d, %q, is encoded as %v, %v", id, a.Symbol(id), ids, err)
			}
		}
	})
}
