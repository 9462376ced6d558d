package compress

import (
	"bytes"
	"math/rand/v2"
	"testing"

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
