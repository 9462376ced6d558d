package inspect

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

const verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n\nRough winds do shake (and shake) the buds of May,\nAnd \"summer's lease\" hath all too short a date.\n"

// verseModel returns an untrained model of the verse, but for some of its symbols.
func verseModel(t testing.TB, o corpus.Options, c rnn.Config) *model.Model {
	t.Helper()
	text, err := corpus.New(corpus.FromBytes("verse", []byte(verse)), o)
	if err != nil {
		t.Fatal(err)
	}
	c.Symbols = text.Alphabet.Size()
	return &model.Model{Network: network(t, c), Alphabet: text.Alphabet, Documents: o.Documents}
}

// some text in lines of the verse.
func someText(lines int) string {
	r := rand.New(rand.NewPCG(5, 6))
	all := strings.SplitAfter(verse, "\n")
	var b strings.Builder
	for range lines {
		b.WriteString(all[r.IntN(len(all))])
	}
	return b.String()
}

// TestReadSeesAll compares what a trace keeps with a reader that goes through the Sequence of the text step by step, and the
// bits with those of a scorer.
func TestReadSeesAll(t *testing.T) {
	ctx := context.Background()
	for _, kind := range corpus.Kinds() {
		for _, documents := range corpus.DocumentKinds() {
			m := verseModel(t, corpus.Options{Kind: kind, Documents: documents}, rnn.Config{Cell: "lstm", Hidden: 6, Layers: 2})
			text := []byte(someText(20) + "zebra\n日本\nand")
			trace := &Trace{Quantities: []string{"f", "c", "h"}}
			sum, err := Read(ctx, m, corpus.FromBytes("text", text), score.Extras{Top: 2}, trace)
			if err != nil {
				t.Fatal(err)
			}
			at, offset := 0, 0
			if err := score.New(m, score.Extras{Top: 2}).Text(ctx, text, func(x score.Symbol) error {
				y := trace.Symbols[at]
				if y.ID != x.ID || string(y.Text) != string(x.Text) || y.Bits != x.Bits || !slices.Equal(y.Top, x.Top) {
					t.Fatalf("%s, %s: symbol %d is %v, scored alone %v", kind, documents, at, y, x)
				}
				at++
				offset += len(x.Text)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if at != len(trace.Symbols) || int64(at) != sum.Symbols || sum.Bytes != int64(len(text)) {
				t.Errorf("%s, %s: %d symbols kept, %d read, %d scored", kind, documents, len(trace.Symbols), sum.Symbols, at)
			}

			s, err := Encode(m, corpus.FromBytes("text", text), len(text))
			if err != nil {
				t.Fatal(err)
			}
			one := m.Network.NewWindow(1, 1, nil)
			want := make([]float32, 6)
			for i := range s.Len() {
				one.Starts()[0] = s.Starts[i]
				one.Forward(s.X[i : i+1])
				if id := trace.Symbols[i].ID; s.Y[i] != id {
					t.Fatalf("%s, %s: symbol %d is %d, encoded %d", kind, documents, i, id, s.Y[i])
				}
				for layer := range 2 {
					for _, q := range trace.Quantities {
						if one.Observe(want, layer, q); i > 0 && !slices.Equal(trace.Values(layer, q)[(i-1)*6:][:6], want) {
							t.Fatalf("%s, %s: %s of layer %d behind symbol %d is %v, want %v", kind, documents, q, layer, i-1, trace.Values(layer, q)[(i-1)*6:][:6], want)
						}
					}
				}
			}
			if got := len(trace.Values(1, "h")); got != at*6 {
				t.Errorf("%s, %s: %d values for %d symbols", kind, documents, got, at)
			}
		}
	}
}

// onlooker is an Observer made of a function.
type onlooker func(*Chunk) error

func (onlooker) Needs() []string          { return []string{"h"} }
func (o onlooker) Observe(s *Chunk) error { return o(s) }

// TestChunks shows that they make up the text, and what stands after each.
func TestChunks(t *testing.T) {
	m := verseModel(t, corpus.Options{Documents: corpus.Lines}, rnn.Config{Hidden: 3})
	for _, n := range []int{0, 1, 2, 127, 128, 129, 1000} {
		text := []byte(someText(40))[:n]
		var read []byte
		ends := 0
		if _, err := Read(context.Background(), m, corpus.FromBytes("text", text), score.Extras{}, onlooker(func(s *Chunk) error {
			if s.First != int64(len(read)) || len(s.Symbols) == 0 || len(s.Values(0, "h")) != 3*len(s.Symbols) {
				t.Fatalf("a chunk of %d begins at %d, want %d; %d values", len(s.Symbols), s.First, len(read), len(s.Values(0, "h")))
			}
			for i, x := range s.Symbols {
				if read = append(read, x.Text...); s.Ends[i] != (string(x.Text) == "\n") {
					t.Fatalf("%q ends a line: %v", x.Text, s.Ends[i])
				}
				if s.Ends[i] {
					ends++
				}
			}
			if want := text[len(read):]; string(s.Next) != string(want[:min(1, len(want))]) {
				t.Fatalf("behind symbol %d comes %q, want %q", len(read), s.Next, want[:min(1, len(want))])
			}
			return nil
		})); err != nil {
			t.Fatal(err)
		}
		if string(read) != string(text) || ends != strings.Count(string(text), "\n") {
			t.Errorf("of %q %q was read in %d lines", text, read, ends)
		}
	}
}

func TestReadEnds(t *testing.T) {
	m := verseModel(t, corpus.Options{Closed: true}, rnn.Config{Hidden: 3})
	text := []byte(someText(100))
	wrong := errors.New("wrong")
	seen := 0
	_, err := Read(context.Background(), m, corpus.FromBytes("text", text), score.Extras{}, onlooker(func(s *Chunk) error {
		if seen++; seen == 3 {
			return wrong
		}
		return nil
	}))
	if err != wrong || seen != 3 {
		t.Errorf("an observer's error becomes %v after %d chunks", err, seen)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Read(ctx, m, corpus.FromBytes("text", text), score.Extras{}, onlooker(func(s *Chunk) error { cancel(); return nil }))
	if err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
	unknown := (*corpus.UnknownSymbolError)(nil)
	if _, err := Read(context.Background(), m, corpus.FromBytes("text", []byte("Shall I\x00")), score.Extras{}); !errors.As(err, &unknown) {
		t.Errorf("a symbol that the alphabet lacks: %v", err)
	}
	if _, err := Encode(m, corpus.FromBytes("text", []byte("Shall I\x00")), 100); !errors.As(err, &unknown) {
		t.Errorf("encoding a symbol that the alphabet lacks: %v", err)
	}
}
