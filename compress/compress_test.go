package compress

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// full reports whether tests run at full size.
var full = os.Getenv("ELMAN_TEST_FULL") != ""

const verse = "To be, or not to be: that is the question.\nWhether 'tis nobler in the mind to suffer\n\nThe slings and arrows, é ж 3,4\n"

// testModel makes a model with random weights whose predictions are far from even.
func testModel(t testing.TB, o corpus.Options, documents corpus.Documents, cell string) *model.Model {
	t.Helper()
	text := strings.Repeat(verse, 4)
	if o.Kind == corpus.Subwords {
		o.AlphabetSize = 280
	}
	c, err := corpus.New(corpus.FromBytes("verse", []byte(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	return &model.Model{Network: testNetwork(t, cell, c.Alphabet.Size()), Alphabet: c.Alphabet, Documents: documents}
}

func testNetwork(t testing.TB, cell string, symbols int) *rnn.Network {
	t.Helper()
	n, err := rnn.New(rnn.Config{Cell: cell, Hidden: 16, Symbols: symbols})
	if err != nil {
		t.Fatal(err)
	}
	n.Init(rnn.Init{Normal: 0.7}, 3)
	return n
}

// A testCase is a model of each kind of alphabet.
type testCase struct {
	name  string
	model *model.Model
}

func testModels(t testing.TB) (all []testCase) {
	for _, kind := range corpus.Kinds() {
		for _, lower := range []bool{false, true} {
			for _, closed := range []bool{false, true} {
				if closed && kind == corpus.Subwords {
					continue
				}
				documents := corpus.DocumentKinds()[len(all)%3]
				o := corpus.Options{Kind: kind, Lowercase: lower, Closed: closed}
				name := fmt.Sprintf("%s, lower %v, closed %v, documents %s", kind, lower, closed, documents)
				all = append(all, testCase{name, testModel(t, o, documents, []string{"lstm", "gru", "elman"}[len(all)%3])})
			}
		}
	}
	return all
}

func pack(t testing.TB, m *model.Model, o Options, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, m, o)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write(text); err != nil || n != len(text) {
		t.Fatalf("Write = %d, %v", n, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(m *model.Model, threads int, packed []byte) ([]byte, error) {
	r, err := NewReader(bytes.NewReader(packed), m, Options{Threads: threads})
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func checkRoundTrip(t testing.TB, m *model.Model, o Options, text []byte) []byte {
	t.Helper()
	packed := pack(t, m, o, text)
	got, err := unpack(m, 1, packed)
	if err != nil || !bytes.Equal(got, text) {
		i := 0
		for i < min(len(got), len(text)) && got[i] == text[i] {
			i++
		}
		t.Fatalf("%+v: %d bytes become %d, from byte %d on others, %v", o, len(text), len(got), i, err)
	}
	return packed
}

// texts are what is easily lost.
var texts = []string{
	"", "a", "\n", "\xff", "\xfe", "\xc3", "é", "é\xc3", "\xf0\x9f\x98\x80\xf0\x9f", "\x00\x00",
	verse, "TO BE, Or Not tO be. İstanbul ÉÉ", "3,4  (two)words;and\tÉa-b'c ''-", "no\r\nend of line",
	" a b  c", "a,b , c.d", "ж", "snow☃man", "\ufffd\ufffe", strings.Repeat("x", 5000),
}

func TestRoundTrip(t *testing.T) {
	for _, tt := range testModels(t) {
		t.Run(tt.name, func(t *testing.T) {
			for i, text := range texts {
				checkRoundTrip(t, tt.model, Options{Streams: 1 + i%3}, []byte(text))
			}
			checkRoundTrip(t, tt.model, Options{Learn: true, Streams: 2}, []byte(strings.Join(texts, " ")))
		})
	}
}

func TestNewbornRoundTrip(t *testing.T) {
	checkRoundTrip(t, nil, Options{Learn: true}, []byte(strings.Join(texts, "")))
}

// TestSameBytes packs on every kernel set, with several numbers of threads, and unpacks on another.
func TestSameBytes(t *testing.T) {
	defer f32.Use("auto")
	m := testModel(t, corpus.Options{Kind: corpus.Chars}, corpus.Whole, "lstm")
	text := []byte(strings.Repeat(verse, 6))
	for _, o := range []Options{{}, {Streams: 5}, {Streams: 3, Learn: true}} {
		var first []byte
		for _, kernels := range f32.Kernels() {
			for _, threads := range []int{1, 2, 5} {
				if err := f32.Use(kernels); err != nil {
					t.Fatal(err)
				}
				o.Threads = threads
				packed := pack(t, m, o, text)
				if first == nil {
					first = packed
				}
				if !bytes.Equal(packed, first) {
					t.Errorf("%+v, %s: other bytes than on %s", o, kernels, f32.Kernels()[0])
				}
			}
		}
		if got, err := unpack(m, 2, first); err != nil || !bytes.Equal(got, text) { // on the last set
			t.Errorf("%+v: packed on %s, unpacked on %s: %v", o, f32.Kernels()[0], f32.Active(), err)
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	for i, text := range texts {
		f.Add([]byte(text), uint8(i))
	}
	all := testModels(f)
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		checkRoundTrip(t, all[int(which)%len(all)].model, Options{Streams: 1 + int(which)%4, Learn: which >= 224}, text)
	})
}

// TestManyRoundTrips draws texts of all bytes, of bytes that the alphabets know, and of both.
func TestManyRoundTrips(t *testing.T) {
	n := 40
	if full {
		n = 500
	}
	all := testModels(t)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		var text []byte
		for range r.IntN(30) {
			switch r.IntN(4) {
			case 0:
				for range r.IntN(20) {
					text = append(text, byte(r.IntN(256)))
				}
			case 1:
				text = append(text, texts[r.IntN(len(texts)-1)]...)
			default:
				from := r.IntN(len(verse))
				text = append(text, verse[from:from+r.IntN(len(verse)-from)]...)
			}
		}
		checkRoundTrip(t, all[i%len(all)].model, Options{Streams: 1 + r.IntN(4), Learn: full && i%25 == 0}, text)
	}
}

// TestGolden: packed texts can be unpacked by later versions, and on every processor. If this fails a packed text of yesterday is lost,
// unless version rises and the old one is still read.
func TestGolden(t *testing.T) {
	text := []byte(strings.Repeat(verse, 3) + "\xff")
	for _, tt := range []struct {
		name  string
		model *model.Model
		o     Options
		want  string // first bytes of the SHA-256
	}{
		{"characters", testModel(t, corpus.Options{}, corpus.Lines, "lstm"), Options{Streams: 2}, "274 bytes 97ff4fb05e83a706"},
		{"words in lower case", testModel(t, corpus.Options{Kind: corpus.Words, Lowercase: true}, corpus.Whole, "gru"), Options{}, "143 bytes b3ec771f6ea68439"},
		{"a model that learns", testModel(t, corpus.Options{Kind: corpus.Subwords}, corpus.Whole, "elman"), Options{Learn: true}, "158 bytes f2235e3de2dd6866"},
		{"learned from nothing", nil, Options{Learn: true}, "126 bytes b49b3b78527d811f"},
	} {
		packed := checkRoundTrip(t, tt.model, tt.o, text)
		if got := fmt.Sprintf("%d bytes %x", len(packed), sha256.Sum256(packed)); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %.30s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestOneByteForLong packs many blocks of one byte, in which every symbol is all but certain.
func TestOneByteForLong(t *testing.T) {
	n := 300_000
	if full {
		n = 10_000_000
	}
	c, err := corpus.New(corpus.FromBytes("x", []byte("xy\n")), corpus.Options{Kind: corpus.Bytes, Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Network: testNetwork(t, "lstm", 3), Alphabet: c.Alphabet}
	text := bytes.Repeat([]byte("x"), n)
	packed := checkRoundTrip(t, m, Options{Streams: MaxStreams, Threads: 2}, text)
	if len(packed) > n/3 {
		t.Errorf("%d bytes of one become %d", n, len(packed))
	}
	if full {
		return
	}
	if packed = checkRoundTrip(t, nil, Options{Learn: true, Streams: 8}, text[:20_000]); len(packed) > 400 {
		t.Errorf("20,000 bytes of one become %d when they are learned", len(packed))
	}
}

// TestStoredBlocks packs texts in small blocks, of which some are shorter as they are: those after them go on as if these were not
// there.
func TestStoredBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, tt := range testModels(t) {
		var text []byte
		for range 6 {
			text = append(text, verse...)
			for range 60 {
				text = append(text, byte(r.IntN(256)))
			}
			text = append(text, "aye"...)
		}
		var b bytes.Buffer
		w, err := NewWriter(&b, tt.model, Options{Streams: 2})
		if err != nil {
			t.Fatal(err)
		}
		w.most = 7
		for rest := text; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(50))
			w.Write(rest[:n])
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		d, err := NewReader(&b, tt.model, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(d); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s: %d bytes become %d, %v", tt.name, len(text), len(got), err)
		}
	}
}

// TestPieces writes a text in one piece and in many, with a word so long that it is cut.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	text := []byte(verse + strings.Repeat("word", 40_000) + " " + verse)
	for _, kind := range []corpus.Kind{corpus.Words, corpus.Subwords} {
		m := testModel(t, corpus.Options{Kind: kind}, corpus.Whole, "gru")
		whole := checkRoundTrip(t, m, Options{}, text)
		var b bytes.Buffer
		w, err := NewWriter(&b, m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for rest := text; len(rest) > 0; {
			n := min(len(rest), 1+r.IntN(3000))
			w.Write(rest[:n])
			rest = rest[n:]
		}
		if err := w.Close(); err != nil || !bytes.Equal(b.Bytes(), whole) {
			t.Errorf("%s: in pieces a text becomes %d bytes, %d in one, %v", kind, b.Len(), len(whole), err)
		}
	}
}
