package corpus

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// alphabetJSON is the JSON form of an alphabet.
func alphabetJSON(t testing.TB, kind Kind, symbols []string) []byte {
	t.Helper()
	text, err := json.Marshal(alphabetFile{Kind: kind, Symbols: symbols})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

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
		a, err := ReadAlphabet(alphabetJSON(t, Chars, tt.symbols), len(tt.symbols))
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
			c := cursor{a: a, rest: utf8.AppendRune(nil, r)}
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
		a, err := newAlphabet(Words, symbols[:n], false)
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

func TestReadAlphabetWantsSize(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`{"kind":"chars","symbols":["a","b"]}`, "<nil>"},
		{`{"kind":"chars","open":true,"symbols":["a"]}`, "<nil>"},
		{`{"kind":"chars","open":true,"symbols":["a","b"]}`, "alphabet: 3 symbols, want 2"},
		{`{"kind":"words","symbols":["a"]}`, "alphabet: 1 symbols, want 2"},
		{`{"kind":"bytes","bytes":[1,2]}`, "<nil>"},
		{`{"kind":"bytes","bytes":[1,2,3]}`, "alphabet: 3 symbols, want 2"},
		{`{"kind":"runes","symbols":["a"]}`, `alphabet: kind: "runes": there are bytes, chars, words`},
		{`{"kind":"chars","symbols":["a",1]}`, "alphabet: symbols: 1 where a string should be"},
		{`{"kind":"chars","symbols":["a","b"]`, "alphabet: ends in the middle"},
		{`{"kind":"chars","symbols":["a","b"]} 1`, "alphabet: something follows the closing }"},
	} {
		if _, err := ReadAlphabet([]byte(tt.text), 2); fmt.Sprint(err) != tt.want {
			t.Errorf("%s: error %v, want %s", tt.text, err, tt.want)
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
		text := alphabetJSON(t, tt.kind, tt.symbols)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := ReadAlphabet(text, len(tt.symbols))
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

func FuzzAlphabetFile(f *testing.F) {
	f.Add([]byte(`{"kind":"chars","symbols":["a","b"]}`))
	f.Add([]byte(`{"kind":"chars","symbols":["a","\u07ff","\u0800","\udbff\udfff"]}`))
	f.Add([]byte(`{"kind":"words","symbols":["","\n","a-b"]}`))
	f.Add([]byte(`{"kind":"words","open":true,"symbols":[` + strings.Repeat(`"a",`, 1000) + `"b"]}`))
	f.Add([]byte(`{"kind":"bytes","bytes":[0,255]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		var a Alphabet
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := a.UnmarshalJSON(file)
		runtime.ReadMemStats(&after)
		// A copy of the text, whose symbols take 4 bytes at least; in a file of a model they take 20.
		if used := after.TotalAlloc - before.TotalAlloc; used > 8*uint64(len(file))+1<<16 {
			t.Errorf("%d bytes allocated for %d", used, len(file))
		}
		var plain alphabetFile
		if err != nil {
			return
		}
		if err := json.Unmarshal(file, &plain); err != nil || plain.Kind != a.kind || plain.Open != a.open {
			t.Errorf("%s is read as %v, package json finds %+v, %v", file, &a, plain, err)
		}
		var all []string
		for id := range int32(a.symbols.len()) {
			all = append(all, a.Symbol(id))
			if ids, err := a.Encode(a.Symbol(id)); a.Symbol(id) != "" && (err != nil || len(ids) != 1 || ids[0] != id) {
				t.Errorf("symbol %d, %q, is encoded as %v, %v", id, a.Symbol(id), ids, err)
			}
		}
		for _, b := range plain.Bytes {
			plain.Symbols = append(plain.Symbols, string([]byte{byte(b)}))
		}
		if !slices.Equal(all, plain.Symbols) {
			t.Errorf("%s has symbols %q, package json finds %q", file, all, plain.Symbols)
		}
	})
}
