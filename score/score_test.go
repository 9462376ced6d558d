package score

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

const verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date.\n"

// untrained returns a model of the verse.
func untrained(t testing.TB, o corpus.Options) *model.Model {
	t.Helper()
	m, _ := known(t, verse, o)
	return m
}

// bits returns those of each symbol of the pieces of a text.
func bits(t testing.TB, s *Scorer, pieces ...string) (all []Bits) {
	t.Helper()
	s.Reset()
	for _, piece := range pieces {
		if err := s.Text(context.Background(), []byte(piece), func(x Symbol) error {
			all = append(all, x.Bits)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestSameBits scores a text whole, in pieces and on every kernel set.
func TestSameBits(t *testing.T) {
	defer f32.Use("auto")
	for _, kind := range corpus.Kinds() {
		m := untrained(t, corpus.Options{Kind: kind})
		text := strings.Repeat(verse+"日本 zebra\n", 3)
		lines := strings.SplitAfter(text, "\n")
		want := bits(t, New(m, Extras{}), text)
		rng := rand.New(rand.NewPCG(1, 2))
		for _, set := range f32.Kernels() {
			if err := f32.Use(set); err != nil {
				t.Fatal(err)
			}
			s := New(m, Extras{Top: 2})
			for range 5 {
				var pieces []string
				for rest := lines; len(rest) > 0; {
					n := 1 + rng.IntN(len(rest))
					pieces, rest = append(pieces, strings.Join(rest[:n], "")), rest[n:]
				}
				if got := bits(t, s, pieces...); !slices.Equal(got, want) {
					t.Fatalf("%s, %s: pieces of %d lines give other bits", kind, set, len(pieces))
				}
			}
		}
	}
}

// TestDocuments scores, with models that restart with each line or paragraph, a text whole, in pieces, and each of its
// documents alone.
func TestDocuments(t *testing.T) {
	for _, kind := range corpus.Kinds() {
		for documents, text := range map[corpus.Documents]string{
			corpus.Lines:      verse + "\nno end",
			corpus.Paragraphs: verse + " \n\n" + verse + verse + "\r\n" + verse,
		} {
			m := untrained(t, corpus.Options{Kind: kind})
			m.Documents = documents
			var each [][]byte
			var want []Bits
			for rest := []byte(text); len(rest) > 0; {
				n, splitter := 1, corpus.DocumentSplitter{Kind: documents}
				for n < len(rest) && !splitter.Add(string(rest[n-1:n])) {
					n++
				}
				each, rest = append(each, rest[:n]), rest[n:]
				want = append(want, bits(t, New(m, Extras{}), string(each[len(each)-1]))...)
			}
			if len(each) < 3 {
				t.Fatalf("%s: %d documents", documents, len(each))
			}
			s := New(m, Extras{})
			if got := bits(t, s, text); !slices.Equal(got, want) {
				t.Errorf("%s, %s: other bits together than alone", kind, documents)
			}
			if got := bits(t, s, strings.SplitAfter(text, "\n")...); !slices.Equal(got, want) {
				t.Errorf("%s, %s: other bits line by line than alone", kind, documents)
			}
			var got []Bits
			if err := s.Lines(context.Background(), [][]byte{[]byte(text)}, func(_ int, x Symbol) error {
				got = append(got, x.Bits)
				return nil
			}); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: other bits in a slot than alone, or error %v", kind, documents, err)
			}
			m.Documents = corpus.Whole
			if got := bits(t, New(m, Extras{}), text); slices.Equal(got, want) {
				t.Errorf("%s: documents make no difference", kind)
			}
		}
	}
}

// TestProbabilities adds up those of all symbols at a thousand places.
func TestProbabilities(t *testing.T) {
	m := untrained(t, corpus.Options{})
	s := New(m, Extras{Top: m.Alphabet.Size()})
	places := 0
	for places < 1000 {
		if err := s.Text(context.Background(), []byte(verse), func(x Symbol) error {
			places++
			sum, found := 0.0, false
			for i, a := range x.Top {
				sum += math.Exp2(-a.Bits.Float())
				found = found || a.ID == x.ID && a.Bits == x.Bits
				if i > 0 && a.Bits < x.Top[i-1].Bits {
					t.Errorf("place %d: alternatives out of order", places)
				}
			}
			if math.Abs(sum-1) > 1e-6 || !found || len(x.Top) != m.Alphabet.Size() {
				t.Errorf("place %d: %d probabilities sum to 1%+g; its own symbol among them: %v", places, len(x.Top), sum-1, found)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// What an alphabet lacks takes the escape and 8 bits a byte; only its spelling tells it from other such symbols.
func TestEscape(t *testing.T) {
	s := New(untrained(t, corpus.Options{}), Extras{})
	short, long := bits(t, s, "Shaéll"), bits(t, s, "Sha日ll")
	short[3] += 8 * bitUnit
	if !slices.Equal(short, long) {
		t.Errorf("é and 日 differ in more than their spelling: %v, %v", short, long)
	}
	if n := len(bits(t, s, "a\xffb")); n != 3 {
		t.Errorf("a stray byte makes %d symbols of 3", n)
	}
}

func TestErrors(t *testing.T) {
	closed := New(untrained(t, corpus.Options{Closed: true}), Extras{})
	nothing := func(Symbol) error { return nil }
	if err := closed.Text(context.Background(), []byte("Shall Z"), nothing); !errors.As(err, new(*corpus.UnknownSymbolError)) {
		t.Errorf("unknown symbol: error %v", err)
	}
	var which *TextError
	err := closed.Lines(context.Background(), [][]byte{[]byte("a"), []byte("Z")}, func(int, Symbol) error { return nil })
	if !errors.As(err, new(*corpus.UnknownSymbolError)) || !errors.As(err, &which) || which.Text != 1 {
		t.Errorf("unknown symbol in a line: error %v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	closed.Reset()
	if err := closed.Text(cancelled, []byte("Shall"), nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
	stop := errors.New("stop")
	closed.Reset()
	if err := closed.Text(context.Background(), []byte("Shall"), func(Symbol) error { return stop }); err != stop {
		t.Errorf("emit fails: error %v", err)
	}
	m := untrained(t, corpus.Options{})
	m.Network.Params()[0].Value[0] = float32(math.NaN())
	m.Network.Updated()
	if err := New(m, Extras{}).Text(context.Background(), []byte(verse+"\x00"), nothing); !errors.Is(err, model.ErrNotFinite) {
		t.Errorf("a weight that is no number: error %v", err)
	}
	coded := untrained(t, corpus.Options{})
	network, err := rnn.New(rnn.Config{Symbols: coded.Alphabet.Size(), Hidden: 2, Codes: 3})
	if err != nil {
		t.Fatal(err)
	}
	coded.Network = network
	if err := New(coded, Extras{}).Text(context.Background(), []byte(verse), nothing); !errors.Is(err, model.ErrCodes) {
		t.Errorf("a text by codes: error %v", err)
	}
	if err := New(coded, Extras{}).Lines(context.Background(), [][]byte{[]byte(verse)}, func(int, Symbol) error { return nil }); !errors.Is(err, model.ErrCodes) {
		t.Errorf("lines by codes: error %v", err)
	}
}

// TestWatch compares the logits that Watch sees with the bits of symbols, in documents by line, and the states with those of
// a reader that goes from symbol to symbol.
func TestWatch(t *testing.T) {
	for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
		m := untrained(t, corpus.Options{})
		s := New(m, Extras{})
		s.Documents = documents
		var scored []Symbol
		H, V := m.Network.Config().Hidden, m.Alphabet.Size()
		one := m.Network.NewInferenceWindow(1, 1, nil)
		starts := one.Starts()
		want, seen, read := make([]float32, H), 0, m.Alphabet.Start()
		s.Watch = func(w *rnn.Window) error {
			got := make([]float32, len(w.Logits())/V*H)
			w.Observe(got, 0, "h")
			for i := range len(got) / H {
				if starts[0] = seen == 0; seen > 0 {
					last := scored[seen-1]
					if read = last.ID; documents == corpus.Lines && string(last.Text) == "\n" {
						starts[0], read = true, m.Alphabet.Start()
					}
				}
				one.Forward([]int32{read})
				one.Observe(want, 0, "h")
				if !slices.Equal(got[i*H:][:H], want) {
					t.Fatalf("%s: in front of symbol %d the state is another", documents, seen)
				}
				if seen < len(scored) {
					if b := RoundBits(float64(f32.CrossEntropy(w.Logits()[i*V:][:V], int(scored[seen].ID))) * math.Log2E); b != scored[seen].Bits {
						t.Fatalf("%s: symbol %d takes %d, by the logits %d", documents, seen, scored[seen].Bits, b)
					}
				}
				seen++
			}
			return nil
		}
		for range 2 {
			scored, seen = nil, 0
			for _, piece := range []string{verse + verse, verse[:20], verse} {
				if err := s.Text(context.Background(), []byte(piece), func(x Symbol) error {
					x.Text = slices.Clone(x.Text)
					scored = append(scored, x)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.End(); err != nil {
				t.Fatal(err)
			}
			if want := 3*len(verse) + 20 + 1; seen != want {
				t.Errorf("%s: %d time steps, want %d", documents, seen, want)
			}
		}
		wrong := errors.New("wrong")
		s.Watch = func(*rnn.Window) error { return wrong }
		if err := s.Text(context.Background(), []byte(verse), func(Symbol) error { return nil }); err != wrong {
			t.Errorf("%s: an error of Watch becomes %v", documents, err)
		}
	}
}

// TestNextChangesNothing: a look at what comes next leaves the position, and nobody who watches sees it.
func TestNextChangesNothing(t *testing.T) {
	m := untrained(t, corpus.Options{})
	read := func(look bool) (all []Bits, watched int) {
		s := New(m, Extras{})
		s.Documents = corpus.Lines // which the model was not trained on
		s.Watch = func(*rnn.Window) error { watched++; return nil }
		for _, part := range []string{"Shall I", " compare\n", "thee"} {
			if look {
				first, err := s.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if again, err := s.Next(t.Context()); err != nil || !slices.Equal(first.P, again.P) {
					t.Errorf("before %q: %v, then %v, error %v", part, first.P, again.P, err)
				}
			}
			if err := s.Text(t.Context(), []byte(part), func(x Symbol) error { all = append(all, x.Bits); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		return all, watched
	}
	want, watched := read(false)
	if got, again := read(true); !slices.Equal(got, want) || again != watched {
		t.Errorf("bits %v after looks, want %v; %d watched, want %d", got, want, again, watched)
	}
}

// TestNextWords: a word that may come next has its implied space, and a look at it reads what is held back unwatched.
func TestNextWords(t *testing.T) {
	s := New(untrained(t, corpus.Options{Kind: corpus.Words}), Extras{})
	place := s.Place()
	place.Feed.Open = true
	s.GoTo(place)
	if err := s.Text(t.Context(), []byte("Shall"), func(Symbol) error { return nil }); err != nil { // which may go on
		t.Fatal(err)
	}
	s.Watch = func(*rnn.Window) error { t.Error("a look is watched"); return nil }
	next, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(next.Top(1000), func(p Prediction) bool { return p.Text == " compare" })
	if i < 0 {
		t.Errorf("no word with a space before it: %+v", next.Top(1000))
	}
}
