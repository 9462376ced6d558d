package elman_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/score"
)

// TestSession reads texts cut anywhere, within characters and words too, and wants what the whole text gives.
func TestSession(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	text := "blue\ngreen don't  blue, жук 日本\n\ngreen-red.red 3.14\nred-\n"
	for _, kind := range corpus.Kinds() {
		for _, documents := range corpus.DocumentKinds() {
			m := drawn(t, corpus.Options{Kind: kind, Documents: documents})
			s := m.Session()
			for round := range 12 {
				s.Reset()
				read := ""
				for rest := text; rest != ""; {
					n := 1 + rng.IntN(min(len(rest), 1+round*2))
					if err := s.Read(t.Context(), rest[:n]); err != nil {
						t.Fatal(err)
					}
					if read, rest = read+rest[:n], rest[n:]; rng.IntN(4) == 0 || rest == "" {
						compare(t, m, s, read, fmt.Sprintf("%s, %s", kind, documents))
					}
				}
			}
		}
	}
}

// compare wants a session that has read a text to say what the model says of the text at once.
func compare(t *testing.T, m *elman.Model, s *elman.Session, read, what string) {
	t.Helper()
	want, err := m.Score(t.Context(), read)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Sum(t.Context()); err != nil || got.Bits != want.Bits || got.Symbols != want.Symbols || got.Chars != want.Chars || got.Excess != want.Excess {
		t.Errorf("%s: after %q: %+v, %v; want %+v", what, read, got, err, want)
	}
	wantNext, err := m.Next(t.Context(), read)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Next(t.Context()); err != nil || !slices.Equal(got.P, wantNext.P) || !slices.Equal(got.Top(3), wantNext.Top(3)) {
		t.Errorf("%s: after %q other symbols are expected next: %v, want %v; %v", what, read, got.Top(3), wantNext.Top(3), err)
	}
	o := generate.Defaults()
	o.Length, o.Prompt = 9, "re"
	got, err := s.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Prompt = read + "re"
	texts, err := m.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if read+got[0] != texts[0] {
		t.Errorf("%s: after %q it writes %q, want %q", what, read, got[0], strings.TrimPrefix(texts[0], read))
	}
}

// TestNextIsWhatScoreTakes: surprisals are those of the distributions, the first symbol's and those after line breaks too.
func TestNextIsWhatScoreTakes(t *testing.T) {
	for _, kind := range []corpus.Kind{corpus.Chars, corpus.Words} {
		for _, documents := range corpus.DocumentKinds() {
			m := drawn(t, corpus.Options{Kind: kind, Documents: documents})
			text := "red\nblue\n\ngreen red"
			at := 0
			err := score.New(m.Model, score.Extras{}).Text(t.Context(), []byte(text), func(x score.Symbol) error {
				d, err := m.Next(t.Context(), text[:at])
				if err != nil {
					return err
				}
				if i := slices.IndexFunc(d.Top(99), func(p score.Prediction) bool { return p.ID == x.ID }); d.Top(99)[i].Bits != x.Bits && !d.Top(99)[i].Escape {
					t.Errorf("%s, %s: after %q %q takes %v bits, and is expected with %v", kind, documents, text[:at], x.Text, x.Bits, d.Top(99)[i].Bits)
				}
				at += len(x.Text)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestSessionEach: the symbols of pieces and what is held back are those of the whole text, and a stream is what Generate gives.
func TestSessionEach(t *testing.T) {
	for _, kind := range corpus.Kinds() {
		m := drawn(t, corpus.Options{Kind: kind})
		var whole, got []string
		text := "blue\ngreen don't  blue, жук"
		err := score.New(m.Model, score.Extras{}).Text(t.Context(), []byte(text), func(x score.Symbol) error {
			whole = append(whole, fmt.Sprintf("%q %v", x.Text, x.Bits))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := m.Session()
		keep := func(x score.Symbol) error { got = append(got, fmt.Sprintf("%q %v", x.Text, x.Bits)); return nil }
		for i := range len(text) {
			if err := s.ReadEach(t.Context(), text[i:i+1], keep); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // it stays where it is
			before := len(got)
			if err := s.Held(t.Context(), keep); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, whole) {
				t.Errorf("%s: in pieces\n%q\nwant\n%q", kind, got, whole)
			}
			got = got[:before]
		}
		stop := errors.New("stop")
		if err := s.ReadEach(t.Context(), "red red red\n", func(score.Symbol) error { return stop }); err != stop {
			t.Errorf("%s: error %v, want that of emit", kind, err)
		}
		compare(t, m, s, text, string(kind)+", after an error of emit")

		streamed := ""
		if err := s.Stream(t.Context(), generate.Defaults(), func(p generate.Piece) error { streamed += p.Text; return s.Read(t.Context(), p.Text) }); err != nil {
			t.Fatal(err)
		}
		compare(t, m, s, text+streamed, string(kind)+", after a stream")
	}
}

// TestSessionFails: an error leaves the session where it was.
func TestSessionFails(t *testing.T) {
	m := drawn(t, corpus.Options{Closed: true})
	s := m.Session()
	for _, text := range []string{"red\ngr", "een\nx", "een\n"} {
		err := s.Read(t.Context(), text)
		if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(err, &unknown) != strings.Contains(text, "x") {
			t.Errorf("%q: error %v", text, err)
		}
	}
	compare(t, m, s, "red\ngreen\n", "after an error")
	c := s.Clone()
	if err := c.Read(t.Context(), "blue"); err != nil {
		t.Fatal(err)
	}
	compare(t, m, s, "red\ngreen\n", "after a clone has read more")
	compare(t, m, c, "red\ngreen\nblue", "a clone")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Read(cancelled, "blue"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	compare(t, m, s, "red\ngreen\n", "after a cancelled call")
}

// TestDistribution: probabilities of a distribution are those of its top, and sum to 1.
func TestDistribution(t *testing.T) {
	d, err := drawn(t, corpus.Options{}).Next(t.Context(), "red\n")
	if err != nil {
		t.Fatal(err)
	}
	sum, last := 0.0, 1.0
	for _, p := range d.Top(1000) {
		if p.P != float64(d.P[p.ID]) || p.P > last || math.Abs(p.Bits.Float()+math.Log2(p.P)) > 1e-4 || p.Escape != (p.Text == "\ufffd") {
			t.Errorf("%+v after one of %v", p, last)
		}
		sum, last = sum+p.P, p.P
	}
	if math.Abs(sum-1) > 1e-5 || len(d.Top(2)) != 2 || len(d.Top(0)) != 0 {
		t.Errorf("the sum is %v; top 2 %v", sum, d.Top(2))
	}
}

// What comes after a beginning.
func ExampleModel_Next() {
	next, err := learn().Next(context.Background(), "bl")
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range next.Top(2) {
		fmt.Printf("%-6q %.1f %%\n", p.Text, 100*p.P)
	}
	// Output:
	// "u"    100.0 %
	// "l"    0.0 %
}

// A text that comes piece by piece.
func ExampleSession() {
	s := learn().Session()
	for _, piece := range []string{"red\ngr", "een\nb"} {
		if err := s.Read(context.Background(), piece); err != nil {
			log.Fatal(err)
		}
	}
	sum, err := s.Sum(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d characters take %.1f bits\n", sum.Chars, sum.Bits.Float())
	o := generate.Defaults()
	o.Stops = []string{"\n"}
	texts, err := s.Generate(context.Background(), o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("then it writes %q\n", texts[0])
	// Output:
	// 11 characters take 5.0 bits
	// then it writes "lue"
}
