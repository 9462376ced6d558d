package score

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// everything is all extras at once.
var everything = Extras{Entropy: true, Rank: true, End: true, Top: 3}

// all returns what score emits, symbol by symbol, with the number of each one's text.
func all(t testing.TB, score func(emit func(int, Symbol) error) error) (symbols []Symbol, texts []int) {
	t.Helper()
	if err := score(func(i int, x Symbol) error {
		x.Text, x.Top = bytes.Clone(x.Text), slices.Clone(x.Top)
		symbols, texts = append(symbols, x), append(texts, i)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return symbols, texts
}

func same(a, b Symbol) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// randomLines returns lines of the verse's characters and some others; one in seven is empty.
func randomLines(rng *rand.Rand, n, longest int) (lines [][]byte) {
	for i := range n {
		line := []byte{}
		for range min(i%7, 1) * rng.IntN(longest) {
			line = append(line, verse[rng.IntN(len(verse)-1)])
		}
		lines = append(lines, append(line, "\n"...))
	}
	lines[n/2] = []byte("日本 §\n")
	return lines
}

// TestLines scores 1 to 300 lines with 1 to 3 workers, on every kernel set, with all extras, and compares every symbol with those of
// each line alone, which a network that keeps everything reads. Some lines are longer than a batch holds of a document.
func TestLines(t *testing.T) {
	defer f32.Use("auto")
	for _, kind := range corpus.Kinds() {
		m := untrained(t, corpus.Options{Kind: kind})
		rng := rand.New(rand.NewPCG(3, 4))
		lines := randomLines(rng, 300, 40)
		var want [][]Symbol
		for _, line := range lines {
			s := New(m, everything)
			s.Watch = func(*rnn.Window) error { return nil }
			one, _ := all(t, func(emit func(int, Symbol) error) error {
				return s.Text(t.Context(), line, func(x Symbol) error { return emit(0, x) })
			})
			want = append(want, one)
		}
		for _, set := range f32.Kernels() {
			if err := f32.Use(set); err != nil {
				t.Fatal(err)
			}
			s := New(m, everything)
			for _, n := range []int{0, 1, 2, 7, 30, 300} {
				s.Threads = 1 + n%3
				got, texts := all(t, func(emit func(int, Symbol) error) error { return s.Lines(t.Context(), lines[:n], emit) })
				at := 0
				for i, symbols := range want[:n] {
					for j, x := range symbols {
						if at >= len(got) || texts[at] != i || !same(got[at], x) {
							t.Fatalf("%s, %s, line %d of %d, symbol %d: %+v; alone %+v", kind, set, i, n, j, got[min(at, len(got)-1)], x)
						}
						at++
					}
				}
				if at != len(got) {
					t.Fatalf("%d symbols, want %d", len(got), at)
				}
			}
		}
	}
}

// TestLongLines: lines and documents that no batch holds whole, among short ones, take the bits that they take alone.
func TestLongLines(t *testing.T) {
	m, _ := known(t, verse, corpus.Options{})
	m.Documents = corpus.Lines
	rng := rand.New(rand.NewPCG(5, 6))
	letters := func(n int) []byte {
		line := bytes.Repeat([]byte("x"), n+1)
		for i := range line {
			line[i] = verse[rng.IntN(26)]
		}
		line[n] = '\n'
		return line
	}
	var lines [][]byte
	for _, n := range []int{10, mostSteps + 3000, 20, mostSteps / 2, 5, 3000} {
		lines = append(lines, letters(n))
	}
	lines = append(lines, randomLines(rng, 2*manyDocuments, 50)...)
	one := New(m, Extras{})
	one.Watch = func(*rnn.Window) error { return nil }
	want := bits(t, one, string(bytes.Join(lines, nil)))
	s := New(m, Extras{})
	s.Threads = 2
	for name, score := range map[string]func(emit func(int, Symbol) error) error{
		"Lines":  func(emit func(int, Symbol) error) error { return s.Lines(t.Context(), lines, emit) },
		"Pieces": func(emit func(int, Symbol) error) error { s.Reset(); return s.Pieces(t.Context(), lines, emit) },
		"Text": func(emit func(int, Symbol) error) error {
			s.Reset()
			return s.Text(t.Context(), bytes.Join(lines, nil), func(x Symbol) error { return emit(0, x) })
		},
	} {
		var got []Bits
		if err := score(func(_ int, x Symbol) error { got = append(got, x.Bits); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: other bits, of %d symbols and %d", name, len(got), len(want))
		}
	}
}

// TestPieces compares pieces, wherever they are cut, with calls of Text, and where the scorer is afterwards.
func TestPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines, corpus.Paragraphs} {
		m := untrained(t, corpus.Options{})
		m.Documents = documents
		text := strings.Repeat(verse+"\n\nno end", 20)
		var pieces [][]byte
		for rest := []byte(text); len(rest) > 0; {
			n := min(len(rest), 1+rng.IntN(100))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		one, side := New(m, Extras{}), New(m, Extras{})
		one.Watch = func(*rnn.Window) error { return nil }
		side.Threads = 2
		want, wantPieces := all(t, func(emit func(int, Symbol) error) error {
			for i, piece := range pieces {
				if err := one.Text(t.Context(), piece, func(x Symbol) error { return emit(i, x) }); err != nil {
					return err
				}
			}
			return nil
		})
		got, gotPieces := all(t, func(emit func(int, Symbol) error) error { return side.Pieces(t.Context(), pieces, emit) })
		if !slices.EqualFunc(got, want, same) || !slices.Equal(gotPieces, wantPieces) {
			t.Errorf("%q: pieces are scored as other symbols", documents)
		}
		a, err := one.Next(t.Context())
		b, err2 := side.Next(t.Context())
		if err != nil || err2 != nil || !slices.Equal(a.P, b.P) {
			t.Errorf("%q: other predictions after pieces: errors %v, %v", documents, err, err2)
		}
	}
}

// TestLinesErrors: symbols come before the error that follows them, and an error of emit ends all.
func TestLinesErrors(t *testing.T) {
	m := untrained(t, corpus.Options{Closed: true})
	lines := slices.Repeat([][]byte{[]byte("Shall I\n")}, 100)
	lines[70] = []byte("Shall Z\n")
	for _, threads := range []int{1, 2} {
		s := New(m, Extras{})
		s.Threads = threads
		n := 0
		err := s.Lines(t.Context(), lines, func(i int, x Symbol) error { n++; return nil })
		if text := (*TextError)(nil); !errors.As(err, &text) || text.Text != 70 || n != 70*8+6 {
			t.Errorf("%d threads: error %v after %d symbols", threads, err, n)
		}
		wrong := errors.New("wrong")
		n = 0
		if err := s.Lines(t.Context(), lines, func(i int, x Symbol) error {
			if n++; n == 100 {
				return wrong
			}
			return nil
		}); err != wrong || n != 100 {
			t.Errorf("%d threads: error %v after %d symbols", threads, err, n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.Lines(ctx, lines, func(i int, x Symbol) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("%d threads: error %v of a context that was cancelled", threads, err)
		}
	}
	broken := untrained(t, corpus.Options{})
	broken.Network.Params()[0].Value[0] = float32(math.NaN())
	broken.Network.Updated()
	if err := New(broken, Extras{}).Lines(t.Context(), [][]byte{[]byte(verse)}, func(int, Symbol) error { return nil }); !errors.Is(err, model.ErrNotFinite) {
		t.Errorf("weights that are not finite: error %v", err)
	}
}
