package score

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// TestStreams mixes the lines of three texts in random ways: each takes the bits that it takes alone.
func TestStreams(t *testing.T) {
	m := untrained(t, corpus.Options{})
	texts := []string{verse, strings.ToUpper(verse), strings.Repeat("ha\n", 9)}
	want := make([][]Bits, len(texts))
	for i, text := range texts {
		want[i] = bits(t, New(m, Extras{}), text)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	streams := NewStreams(New(m, Extras{}), len(texts))
	for range 5 {
		streams.Reset()
		got := make([][]Bits, len(texts))
		var rest [][]string
		left := 0
		for _, text := range texts {
			lines := strings.SplitAfter(text, "\n")
			rest, left = append(rest, lines), left+len(lines)
		}
		for left > 0 {
			i := rng.IntN(len(texts))
			if len(rest[i]) == 0 {
				continue
			}
			if err := streams.Text(context.Background(), strconv.Itoa(i), []byte(rest[i][0]), func(x Symbol) error {
				got[i] = append(got[i], x.Bits)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			rest[i], left = rest[i][1:], left-1
		}
		for i := range texts {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("text %d takes other bits among others than alone", i)
			}
		}
	}
}

// TestStreamsKept keeps an adapting scorer with the texts of several keys in a file after each line, and goes on with another: the bits are
// those of one that was never kept.
func TestStreamsKept(t *testing.T) {
	m := untrained(t, corpus.Options{})
	begin := func() *Streams {
		s := New(m, Extras{})
		if err := s.Adapt(DefaultAdaptation()); err != nil {
			t.Fatal(err)
		}
		return NewStreams(s, 3)
	}
	read := func(to *Streams, key int, line string) (all []Bits) {
		if err := to.Text(t.Context(), string([]byte{0xff, byte(key)}), []byte(line), func(x Symbol) error { all = append(all, x.Bits); return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	rng := rand.New(rand.NewPCG(7, 8))
	whole, kept := begin(), begin()
	for i, line := range strings.SplitAfter(strings.Repeat(verse, 3), "\n") {
		key := rng.IntN(5) // more than are remembered
		if got, want := read(kept, key, line), read(whole, key, line); !slices.Equal(got, want) {
			t.Fatalf("line %d, key %d: %v, never kept %v", i, key, got, want)
		}
		var file bytes.Buffer
		if err := kept.WriteAdaptation(&file, Bookmark{Text: "t", Lines: int64(i)}); err != nil {
			t.Fatal(err)
		}
		kept = begin()
		if at, err := kept.ReadAdaptation(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil || at.Lines != int64(i) {
			t.Fatalf("line %d: bookmark %+v, %v", i, at, err)
		}
		if _, err := begin().s.ReadAdaptation(bytes.NewReader(file.Bytes()), int64(file.Len())); err == nil {
			t.Fatal("a scorer of one text goes on with several")
		}
	}
}

// TestStreamsForget lets a text that has not come for long begin anew.
func TestStreamsForget(t *testing.T) {
	m := untrained(t, corpus.Options{})
	streams := NewStreams(New(m, Extras{}), 2)
	read := func(key, line string) (all []Bits) {
		if err := streams.Text(context.Background(), key, []byte(line), func(x Symbol) error { all = append(all, x.Bits); return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	const line = "And summer's lease\n"
	first := read("a", line)
	for _, step := range []struct {
		key   string
		fresh bool
	}{{"b", true}, {"c", true}, {"b", false}, {"a", true}, {"b", false}, {"c", true}, {"c", false}} {
		if got := read(step.key, line); slices.Equal(got, first) != step.fresh {
			t.Errorf("key %s: begins anew %v, want %v", step.key, !step.fresh, step.fresh)
		}
	}
}
