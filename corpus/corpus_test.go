package corpus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// texts serve tests and fuzz seeds.
var texts = []string{
	"a",
	"Aye, he's here.\n",
	"3,4  (two)",
	"so--so 'tis rock-'n'-roll well-known- x",
	"naïve 世界, e\u0301tude ’twas o’clock",
	"\u2060a\u2060b a\u2060 b",
	"ends in space ",
	" begins with one",
	"\r\n\tif x==y{ return a[0] }",
	"a\ufffdb and \x00",
	"....  ,,;:!?a!a ?a",
}

func open(t testing.TB, kind Kind, valid float64, texts ...string) *Corpus {
	t.Helper()
	text := &Text{}
	for i, s := range texts {
		text.add(textPart(fmt.Sprint("part ", i), s))
	}
	c, err := New(text, Options{Kind: kind, Closed: true, Valid: valid, AllSymbols: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func textPart(name, text string) part {
	return part{name: name, bytes: []byte(text), size: int64(len(text))}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"Aye, he's here.\n", []string{"Aye", ",", "he's", "here", ".", "\n"}},
		{"3,4  (two)", []string{"3", ",", "", "4", " ", " ", "(", "two", ")"}},
		{"well-known, rock-'n' 'tis", []string{"well-known", ",", "rock", "-", "'", "n", "'", " ", "'", "tis"}},
		{"o’clock, 世界", []string{"o’clock", ",", "世界"}},
		{"e\u0301a- b-", []string{"e\u0301a", "-", " ", "b", "-"}},
		{"3.14", []string{"3", ".", "", "14"}},
		{"a. b, c; d: e! f? g) h", []string{"a", ".", "b", ",", "c", ";", "d", ":", "e", "!", "f", "?", "g", ")", " ", "h"}},
		{"rock-'n'-roll", []string{"rock", "-", "'", "n", "'", "-", "roll"}},
		{"a\nb", []string{"a", "\n", "b"}},
		{"a \nb ", []string{"a", " ", "\n", "b", " "}},
	} {
		c := open(t, Words, 0, tt.text)
		ids, err := c.Alphabet.Encode(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, id := range ids {
			got = append(got, c.Alphabet.Symbol(id))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q is cut into %q, want %q", tt.text, got, tt.want)
		}
	}
}

// all reads every pair of one stream over a section.
func all(t testing.TB, s Section) []int32 {
	r, err := s.Streams(1)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]int32, r.Length()), make([]int32, r.Length())
	if n, err := r.Next(x, y); err != nil || n != len(x) {
		t.Fatalf("%d time steps, want %d", n, len(x))
	}
	return append(x, y[len(y)-1])
}

// checkRoundTrip reads a text given in parts and makes sure that nothing is lost, in streams and in the alphabet's symbols.
func checkRoundTrip(t *testing.T, kind Kind, parts ...string) {
	t.Helper()
	c := open(t, kind, 0, parts...)
	whole := strings.Join(parts, "")
	if c.n > 1 {
		if got := c.Alphabet.Decode(all(t, c.Train())); got != whole {
			t.Errorf("%s of %q: streams give %q", kind, parts, got)
		}
	}
	text, lengths := c.Alphabet.Symbols()
	again, err := RestoreAlphabet(c.Alphabet.Form(), text, lengths, c.Alphabet.Merges())
	if err != nil {
		t.Fatalf("%s of %q: %q %d: %v", kind, parts, text, lengths, err)
	}
	if again.symbols.text != c.Alphabet.symbols.text || !slices.Equal(again.symbols.ends, c.Alphabet.symbols.ends) {
		t.Errorf("%s of %q: symbols %v come back as %v", kind, parts, c.Alphabet.symbols, again.symbols)
	}
	if len(parts) > 1 {
		return // a word cut by the end of a file makes two symbols
	}
	ids, err := again.Encode(whole)
	if err != nil {
		t.Fatalf("%s of %q: %v", kind, parts, err)
	}
	if got := again.Decode(ids); got != whole {
		t.Errorf("%s: %q comes back as %q", kind, whole, got)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, kind := range Kinds() {
		for i, s := range texts {
			checkRoundTrip(t, kind, s)
			checkRoundTrip(t, kind, s, "", texts[(i+1)%len(texts)], s)
		}
	}
	checkRoundTrip(t, Bytes, "\xff\xfe\x00\x80 any")
}

func FuzzRoundTrip(f *testing.F) {
	for _, s := range texts {
		f.Add(s, uint(3))
	}
	f.Add("\xff", uint(0))
	f.Fuzz(func(t *testing.T, s string, cut uint) {
		if s == "" {
			return
		}
		checkRoundTrip(t, Bytes, s)
		for _, kind := range []Kind{Chars, Words} {
			_, err := New(FromBytes("text", []byte(s)), Options{Kind: kind, Closed: true})
			if bad := (*EncodingError)(nil); errors.As(err, &bad) {
				if strings.ToValidUTF8(s[:bad.Offset], "") != s[:bad.Offset] || strings.ToValidUTF8(s[bad.Offset:], "") == s[bad.Offset:] {
					t.Errorf("%s: %q: error at byte %d", kind, s, bad.Offset)
				}
				continue
			}
			checkRoundTrip(t, kind, s)
			runes := []rune(s)
			at := int(cut % uint(len(runes)+1))
			checkRoundTrip(t, kind, string(runes[:at]), string(runes[at:]))
		}
	})
}

// TestStreams compares windows with what the definition says, after seeks to random positions, over texts of several
// thousand symbols so that the index has more than one mark.
func TestStreams(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, kind := range Kinds() {
		var parts []string
		for range 700 {
			parts = append(parts, texts[rng.IntN(len(texts))])
		}
		c := open(t, kind, 0.1, parts...)
		whole := all(t, Section{c, 0, c.n})
		if kind != Words && c.Alphabet.Decode(whole) != strings.Join(parts, "") {
			t.Fatalf("%s: the text is not whole", kind)
		}
		if got, want := c.Valid().Len(), int64(float64(c.n)*0.1); kind != Subwords && got != want || c.Train().Len() != c.n-got {
			t.Errorf("%s: %d symbols are held out of %d, want %d", kind, got, c.n, want)
		}
		for _, B := range []int{1, 2, 7, 64} {
			for _, s := range []Section{c.Train(), c.Valid()} {
				checkStreams(t, rng, s, whole[s.lo:s.hi], B)
			}
		}
	}
}

func checkStreams(t *testing.T, rng *rand.Rand, s Section, want []int32, B int) {
	t.Helper()
	r, err := s.Streams(B)
	if err != nil {
		t.Fatal(err)
	}
	L := (len(want) - 1) / B
	if r.Length() != int64(L) {
		t.Fatalf("%d streams of %d symbols: length %d, want %d", B, len(want), r.Length(), L)
	}
	at := 0
	for range 40 {
		if rng.IntN(3) == 0 {
			at = rng.IntN(L + 1)
			if err := r.SetPosition(int64(at)); err != nil {
				t.Fatal(err)
			}
		}
		T := 1 + rng.IntN(2*L/3)
		x, y := make([]int32, T*B), make([]int32, T*B)
		steps, err := r.Next(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if steps != min(T, L-at) {
			t.Fatalf("%d streams: window of %d at %d of %d: %d time steps", B, T, at, L, steps)
		}
		for i := range steps {
			for b := range B {
				if x[i*B+b] != want[b*L+at+i] || y[i*B+b] != want[b*L+at+i+1] {
					t.Fatalf("stream %d of %d, position %d: pair %d %d, want %d %d", b, B, at+i, x[i*B+b], y[i*B+b], want[b*L+at+i], want[b*L+at+i+1])
				}
			}
		}
		at += steps
		if r.Position() != int64(at) {
			t.Fatalf("position %d, want %d", r.Position(), at)
		}
	}
	if n := testing.AllocsPerRun(10, func() { r.SetPosition(0); r.Next(make([]int32, 0), nil) }); n != 0 {
		t.Errorf("a window allocates %v times", n)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, two, empty := file("one", "one "), file("two", "two"), file("empty", "")
	text, err := Open(context.Background(), []string{one, empty, "-", two}, strings.NewReader("and "))
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	const want = "5452ae8ab37475e19cd13538c49c37d1f01d452a7304e6e367c1246e7a1f9d88" // printf "one and two" | sha256sum
	if c, err := New(text, Options{}); err != nil || text.Size() != 11 || c.Hash() != want {
		t.Errorf("size %d, hash %s: %v", text.Size(), c.Hash(), err)
	}
	for _, tt := range []struct {
		paths []string
		want  string
	}{
		{[]string{filepath.Join(dir, "none")}, "no such file"},
		{[]string{one, dir}, "is a directory"},
		{[]string{empty}, "empty: the text is empty"},
		{[]string{empty, "-"}, "the text is empty"},
	} {
		_, err := Open(context.Background(), tt.paths, strings.NewReader(""))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Open(%q): error %v, want %q", tt.paths, err, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	text := &Text{}
	text.add(textPart("fine", "fine"))
	text.add(textPart("bad", "so far ü, \xe4 no"))
	for _, kind := range []Kind{Chars, Words} {
		_, err := New(text, Options{Kind: kind, Closed: true})
		if want := "bad is not UTF-8 text: byte 11 begins no character"; err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", kind, err, want)
		}
	}
	for _, o := range []Options{{Kind: "runes"}, {Valid: 1}, {Valid: -0.1}, {MinCount: -1}, {MinCount: 2, Closed: true}} {
		if _, err := New(FromBytes("", []byte("text")), o); err == nil {
			t.Errorf("New accepts %+v", o)
		}
	}
	if _, err := New(FromBytes("", nil), Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("no text: error %v", err)
	}
	c := open(t, Chars, 0.5, "abcd")
	for _, B := range []int{0, -1, 2, math.MaxInt} {
		if _, err := c.Valid().Streams(B); err == nil {
			t.Errorf("2 symbols make %d streams", B)
		}
	}
	for kind, prompt := range map[Kind]string{Bytes: "cd!", Chars: "cdé", Words: "abcd zz"} {
		_, err := open(t, kind, 0, "abcd").Alphabet.Encode(prompt)
		if unknown := (*UnknownSymbolError)(nil); !errors.As(err, &unknown) || !strings.HasPrefix(prompt[unknown.Offset:], unknown.Symbol) || unknown.Offset < 2 {
			t.Errorf("%s: %q: error %v", kind, prompt, err)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	text := strings.Repeat("To be, or not to be, that is the question:\n", 20000)
	for _, kind := range Kinds() {
		for _, B := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/B=%d", kind, B), func(b *testing.B) {
				r, err := open(b, kind, 0, text).Train().Streams(B)
				if err != nil {
					b.Fatal(err)
				}
				x, y := make([]int32, B), make([]int32, B)
				for b.Loop() {
					if n, _ := r.Next(x, y); n == 0 {
						r.SetPosition(0)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*B), "ns/symbol")
			})
		}
	}
}

func BenchmarkNew(b *testing.B) {
	text := []byte(strings.Repeat("To be, or not to be, that is the question:\n", 200000))
	for _, kind := range Kinds() {
		b.Run(string(kind), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := New(FromBytes("", text), Options{Kind: kind, Closed: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkScripts reads characters of one, two, three and four bytes.
func BenchmarkScripts(b *testing.B) {
	chinese := "" // 3,000 characters, as a novel has
	for i := range 3000 {
		chinese += string(rune(0x4e00 + i*7919%20000))
	}
	for _, script := range []struct{ name, text string }{
		{"Danish", "Æblerne på øen er røde, og gæssene går i søen.\n"}, {"Greek", "Ἄνδρα μοι ἔννεπε, Μοῦσα, πολύτροπον\n"}, {"Chinese", chinese}, {"emoji", "😀😁😂🤣😃😄😅😆😉😊😋😎😍😘"},
	} {
		b.Run(script.name, func(b *testing.B) {
			r, err := open(b, Chars, 0, strings.Repeat(script.text, 1+500000/len(script.text))).Train().Streams(1)
			if err != nil {
				b.Fatal(err)
			}
			x, y := make([]int32, 64), make([]int32, 64)
			for b.Loop() {
				if n, _ := r.Next(x, y); n == 0 {
					r.SetPosition(0)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*64), "ns/symbol")
		})
	}
}

// TestReadingTells tells how much of a text is read, in order, from its beginning to near its end.
func TestReadingTells(t *testing.T) {
	text := strings.Repeat("to be or not to be\n", 2000)
	for _, kind := range Kinds() {
		var told []int64
		if _, err := New(FromBytes("text", []byte(text)), Options{Kind: kind, Progress: func(n int64) {
			if n == 0 { // of subwords it is read twice
				told = nil
			}
			told = append(told, n)
		}}); err != nil {
			t.Fatal(err)
		}
		last := len(told) - 1
		if last < 2 || told[0] != 0 || told[last] < int64(len(text))/2 || told[last] > int64(len(text)) || !slices.IsSorted(told) {
			t.Errorf("%s: told %v of %d bytes", kind, told, len(text))
		}
	}
}
