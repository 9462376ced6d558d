package elman_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// drawn returns a model of the colours with weights drawn far apart, by way of a file.
func drawn(t *testing.T, o corpus.Options) *elman.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(colours)), o)
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: "gru", Symbols: c.Alphabet.Size(), Hidden: 11, Layers: 2})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.7}, 1)
	var file bytes.Buffer
	if err := (&model.Model{Network: network, Alphabet: c.Alphabet, Documents: c.Documents()}).Write(&file); err != nil {
		t.Fatal(err)
	}
	m, err := elman.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestManyAtOnce: goroutines that share a model get what each would get alone.
func TestManyAtOnce(t *testing.T) {
	m := drawn(t, corpus.Options{})
	ask := func(i int) (string, error) {
		text := strings.Repeat("blue\ngreen red ", 1+3*i)
		switch i % 3 {
		case 0:
			s, err := m.Score(t.Context(), text)
			return fmt.Sprint(s), err
		case 1:
			s, err := m.ScoreEach(t.Context(), strings.Split(text, "e"))
			return fmt.Sprint(s), err
		}
		o := generate.Defaults()
		o.Prompt, o.Seed, o.Count, o.Threads = text, uint64(i), 1+i%5, 1+i%2
		s, err := m.Generate(t.Context(), o)
		return fmt.Sprintf("%q", s), err
	}
	var want []string
	for i := range 12 {
		alone, err := ask(i)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, alone)
	}
	var all sync.WaitGroup
	for i := range 48 {
		all.Go(func() {
			if got, err := ask(i % len(want)); err != nil || got != want[i%len(want)] {
				t.Errorf("question %d: %s, %v; alone it is %s", i%len(want), got, err, want[i%len(want)])
			}
		})
	}
	all.Wait()
}

// TestUsedAgain: what a call left behind, broken off or not, does not show in the next.
func TestUsedAgain(t *testing.T) {
	m := drawn(t, corpus.Options{Closed: true, Documents: corpus.Lines})
	text := "red\ngr"
	want, err := m.Score(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	o := generate.Defaults()
	o.Prompt = text
	wantTexts, err := m.Generate(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"blue", "blue\n", "red\nb?", "?", ""} {
		p := o
		p.Prompt = other
		_, scored := m.Score(t.Context(), other)
		_, written := m.Generate(t.Context(), p)
		if bad := strings.Contains(other, "?"); (scored != nil) != bad || (written != nil) != bad {
			t.Errorf("%q: errors %v, %v", other, scored, written)
		}
		if got, err := m.Score(t.Context(), text); err != nil || got != want {
			t.Errorf("after %q: %+v, %v; want %+v", other, got, err, want)
		}
		if got, err := m.Generate(t.Context(), o); err != nil || !slices.Equal(got, wantTexts) {
			t.Errorf("after %q: %q, %v; want %q", other, got, err, wantTexts)
		}
	}
	if _, err := elman.Read(strings.NewReader("no model"), 8); err == nil {
		t.Error("Read takes what is no model")
	}
}
