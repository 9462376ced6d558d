package compress

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
)

func TestCodec(t *testing.T) {
	all := testModels(t)
	c, err := corpus.New(corpus.FromBytes("no line break", []byte("abc, abc. abc")), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	m := testModel(t, corpus.Options{}, corpus.Whole, "lstm")
	m.Alphabet = c.Alphabet
	m.Network = testNetwork(t, "lstm", c.Alphabet.Size())
	all = append(all, testCase{"no line break", m})
	for _, tt := range all {
		codec, err := NewCodec(tt.model)
		if err != nil {
			t.Fatal(err)
		}
		var alone [][]byte
		for _, text := range append(texts, "two\nlines\n", "\n\n\n") {
			packed, err := codec.AppendEncode([]byte("before"), []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			alone = append(alone, packed)
			got, err := codec.AppendDecode([]byte("x"), packed[len("before"):])
			if err != nil || string(got) != "x"+text {
				t.Errorf("%s: %q in %x becomes %q, %v", tt.name, text, packed[6:], got, err)
			}
			for n := range min(len(packed)-7, 60) { // all but the last byte, and fewer
				if got, err := codec.AppendDecode(nil, packed[6:6+n]); err == nil && string(got) == text {
					t.Errorf("%s: %q is in %d of %d bytes", tt.name, text, n, len(packed)-6)
				}
			}
		}
		for i, text := range append(texts, "two\nlines\n", "\n\n\n") { // what was packed before changes nothing
			if packed, _ := codec.AppendEncode([]byte("before"), []byte(text)); !bytes.Equal(packed, alone[i]) {
				t.Errorf("%s: %q becomes other bytes the second time", tt.name, text)
			}
		}
	}
	if _, err := (&Codec{}).AppendEncode(nil, make([]byte, MaxString+1)); err == nil {
		t.Error("a text that is too long is packed")
	}
}

// TestCodecOfAnything decodes random bytes: a text or ErrString, and soon.
func TestCodecOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, tt := range testModels(t)[:4] {
		codec, err := NewCodec(tt.model)
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			packed := make([]byte, r.IntN(12))
			for i := range packed {
				packed[i] = byte(r.IntN(256))
			}
			if text, err := codec.AppendDecode(nil, packed); err == ErrString && text != nil {
				t.Errorf("%s: %x is an error and the text %q", tt.name, packed, text)
			} else if err == nil {
				again, err := codec.AppendEncode(nil, text)
				if err != nil {
					t.Fatal(err)
				}
				if back, err := codec.AppendDecode(nil, again); err != nil || !bytes.Equal(back, text) {
					t.Errorf("%s: %q from %x becomes %q, %v", tt.name, text, packed, back, err)
				}
			}
		}
	}
}

// TestCodecOfLongTexts: of words a text may have more symbols than bytes, and a word may be too long.
func TestCodecOfLongTexts(t *testing.T) {
	m := testModel(t, corpus.Options{Kind: corpus.Words}, corpus.Whole, "elman")
	codec, err := NewCodec(m)
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("a."), MaxString/2-9)
	packed, err := codec.AppendEncode(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := codec.AppendDecode(nil, packed); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes become %d, error %v", len(text), len(got), err)
	}
	for n, fits := range map[int]bool{maxSymbol: true, maxSymbol + 1: false} {
		word := bytes.Repeat([]byte("x"), n)
		packed, err := codec.AppendEncode(nil, word)
		if (err == nil) != fits {
			t.Errorf("a word of %d bytes: error %v", n, err)
		}
		if got, err := codec.AppendDecode(nil, packed); fits && (err != nil || !bytes.Equal(got, word)) {
			t.Errorf("a word of %d bytes becomes %d, error %v", n, len(got), err)
		}
	}
}

// TestReaderClose: a reader that is not read to its end gives back its threads, and reads nothing more.
func TestReaderClose(t *testing.T) {
	m := testModel(t, corpus.Options{}, corpus.Whole, "elman")
	packed := pack(t, m, Options{Streams: 8, Threads: 1}, bytes.Repeat([]byte("some text, "), 2000))
	before := runtime.NumGoroutine()
	for range 20 {
		r, err := NewReader(bytes.NewReader(packed), m, Options{Threads: 4})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Fatal(err)
		}
		if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil {
			t.Errorf("a closed reader gives %d bytes, error %v", n, err)
		}
	}
	for range 200 { // the threads end in their own time
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}
