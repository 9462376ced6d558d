package corpus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// documentLength returns the length of the document that b begins with.
func documentLength(kind Documents, b []byte) int {
	s := DocumentSplitter{Kind: kind}
	if n := s.find(b); n >= 0 {
		return n
	}
	return len(b)
}

func TestDocumentLength(t *testing.T) {
	for _, tt := range []struct {
		kind Documents
		text string
		want []string
	}{
		{Whole, "a\nb\n\nc", []string{"a\nb\n\nc"}},
		{Lines, "a\nb\r\n\nc", []string{"a\n", "b\r\n", "\n", "c"}},
		{Paragraphs, "a\nb\n\nc\n", []string{"a\nb\n\n", "c\n"}},
		{Paragraphs, "\n\na\r\n \t\r\n\nb", []string{"\n\na\r\n \t\r\n", "\nb"}},
		{Paragraphs, "a\n\n\n", []string{"a\n\n", "\n"}},
		{Paragraphs, " ", []string{" "}},
	} {
		var got []string
		for rest := []byte(tt.text); len(rest) > 0; {
			n := documentLength(tt.kind, rest)
			got, rest = append(got, string(rest[:n])), rest[n:]
		}
		ending, written := DocumentSplitter{Kind: tt.kind}, []string{""}
		for _, r := range tt.text {
			if written[len(written)-1] += string(r); ending.Add(string(r)) {
				written = append(written, "")
			}
		}
		if n := len(written) - 1; written[n] == "" {
			written = written[:n]
		}
		if !slices.Equal(written, tt.want) {
			t.Errorf("%s: %q, symbol by symbol, is cut into %q, want %q", tt.kind, tt.text, written, tt.want)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q is cut into %q, want %q", tt.kind, tt.text, got, tt.want)
		}
	}
}

// A pair is what streams give at one time step.
type pair struct {
	x, y   int32
	starts bool
}

// naive returns all pairs of a corpus, file by file and document by document.
func naive(t *testing.T, c *Corpus) (pairs []pair) {
	t.Helper()
	for _, p := range c.text.parts {
		for rest := p.bytes; len(rest) > 0; {
			n := documentLength(c.Documents(), rest)
			ids, err := c.Alphabet.Encode(string(rest[:n]))
			if err != nil {
				t.Fatal(err)
			}
			before := c.Alphabet.Start()
			for i, id := range ids {
				pairs = append(pairs, pair{before, id, i == 0})
				before = id
			}
			rest = rest[n:]
		}
	}
	return pairs
}

// read returns the pairs of each stream from the position on, in windows of random lengths.
func read(t *testing.T, rng *rand.Rand, r *Streams) [][]pair {
	t.Helper()
	B := r.B()
	streams := make([][]pair, B)
	for {
		T := 1 + rng.IntN(50)
		x, y := make([]int32, T*B), make([]int32, T*B)
		r.Starts = make([]bool, T*B)
		steps, err := r.Next(x, y)
		if err != nil {
			t.Fatal(err)
		}
		if steps == 0 {
			return streams
		}
		for i := range steps * B {
			streams[i%B] = append(streams[i%B], pair{x[i], y[i], r.Starts[i]})
		}
	}
}

// cutAtStarts returns documents as strings, in order.
func cutAtStarts(pairs []pair) (documents []string) {
	for _, p := range pairs {
		if p.starts {
			documents = append(documents, fmt.Sprint("after ", p.x, ":"))
		}
		documents[len(documents)-1] += fmt.Sprint(" ", p.y)
	}
	return documents
}

// TestDocuments compares streams of documents with the naive reading of the same text.
func TestDocuments(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, kind := range Kinds() {
		for _, documents := range DocumentKinds()[1:] {
			text := &Text{}
			for i := range 3 {
				var b strings.Builder
				for range 400 {
					b.WriteString(texts[rng.IntN(len(texts))])
					b.WriteString([]string{"", "\n", "\n", "\n\n", "\r\n \n"}[rng.IntN(5)])
				}
				text.add(textPart(fmt.Sprint(i), b.String()))
				text.add(textPart("empty", ""))
			}
			c, err := New(text, Options{Kind: kind, Documents: documents, Valid: 0.2})
			if err != nil {
				t.Fatal(err)
			}
			pairs := naive(t, c)
			if int64(len(pairs)) != c.n {
				t.Fatalf("%s, %s: %d symbols, want %d", kind, documents, c.n, len(pairs))
			}
			held := c.Valid().Len()
			if want := int64(float64(c.n) * 0.2); !pairs[c.train].starts || kind != Subwords && (held < want || held > want+200) {
				t.Errorf("%s, %s: %d of %d symbols are held out; a document begins there: %v", kind, documents, held, c.n, pairs[c.train].starts)
			}
			for _, s := range []Section{c.Train(), c.Valid()} {
				for _, B := range []int{1, 2, 7, 64} {
					checkDocuments(t, rng, s, pairs[s.lo:s.hi], B)
				}
			}
		}
	}
}

func checkDocuments(t *testing.T, rng *rand.Rand, s Section, pairs []pair, B int) {
	t.Helper()
	r, err := s.Streams(B)
	if err != nil {
		t.Fatal(err)
	}
	L := len(pairs) / B
	want := make([][]pair, B)
	for b := range want {
		want[b] = slices.Clone(pairs[b*L : b*L+L])
		want[b][0].starts = true
	}
	for b, got := range read(t, rng, r) {
		if !slices.Equal(got, want[b]) {
			t.Fatalf("stream %d of %d differs from the text, which has %d pairs", b, B, len(pairs))
		}
	}
	var orders [2][][]pair
	for pass := range orders {
		r.Shuffle(5, pass)
		r.SetPosition(0)
		orders[pass] = read(t, rng, r)
		at := rng.IntN(L)
		r.SetPosition(int64(at))
		for b, rest := range read(t, rng, r) {
			if !slices.Equal(rest, orders[pass][b][at:]) {
				t.Fatalf("pass %d, stream %d of %d: other pairs after a jump to position %d of %d", pass, b, B, at, L)
			}
			shuffled, straight := cutAtStarts(orders[pass][b]), cutAtStarts(want[b])
			if len(straight) > 20 && slices.Equal(shuffled, straight) {
				t.Errorf("pass %d, stream %d of %d: %d documents are not shuffled", pass, b, B, len(straight))
			}
			slices.Sort(shuffled)
			slices.Sort(straight)
			if !slices.Equal(shuffled, straight) {
				t.Fatalf("pass %d, stream %d of %d: other documents than the text has", pass, b, B)
			}
		}
	}
	if len(pairs) > 500*B && slices.Equal(orders[0][0], orders[1][0]) {
		t.Errorf("two passes have one order")
	}
	if n := testing.AllocsPerRun(10, func() { r.SetPosition(0); r.Next(make([]int32, 0), nil) }); n != 0 {
		t.Errorf("a window allocates %v times", n)
	}
}

// TestDocumentsAtEdges puts every edge between streams, and that of the part held out, at every place of a short text of
// several files, one of which ends with a word and without a line break.
func TestDocumentsAtEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, kind := range Kinds() {
		text := &Text{}
		for i, s := range []string{"one, two\n3,4\n\n", "five six", "", "seven\n\n\n8,9"} {
			text.add(textPart(fmt.Sprint(i), s))
		}
		for _, documents := range DocumentKinds()[1:] {
			for valid := 0.0; valid < 1; valid += 0.04 {
				c, err := New(text, Options{Kind: kind, Documents: documents, Valid: valid})
				if err != nil {
					t.Fatal(err)
				}
				pairs := naive(t, c)
				for _, s := range []Section{c.Train(), c.Valid()} {
					for B := 1; int64(B) <= s.Len(); B++ {
						checkDocuments(t, rng, s, pairs[s.lo:s.hi], B)
					}
				}
			}
		}
	}
}
