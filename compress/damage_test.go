package compress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// TestErrors names what is wrong with a packed text.
func TestErrors(t *testing.T) {
	m := testModel(t, corpus.Options{}, corpus.Whole, "lstm")
	text := []byte(strings.Repeat(verse, 3))
	packed := pack(t, m, Options{}, text)
	other := *m
	other.Documents = corpus.Lines
	learned := pack(t, nil, Options{Learn: true}, text)
	hash := m.Hash()[:16]
	for _, tt := range []struct {
		name   string
		packed []byte
		change func(p []byte) []byte
		want   string
	}{
		{"nothing", packed, func(p []byte) []byte { return nil }, "nothing at all: not a packed text; elman compress makes them"},
		{"another file", packed, func(p []byte) []byte { return text }, "not a packed text; elman compress makes them"},
		{"its first bytes", packed, func(p []byte) []byte { return p[:9] }, "the packed text ends too early; copy the file again"},
		{"no end", packed, func(p []byte) []byte { return p[:len(p)-1] }, "the packed text ends too early; copy the file again"},
		{"a later version", packed, func(p []byte) []byte { p[7] = 9; return p }, "a packed text of version 9; this program reads version 1"},
		{"header", packed, func(p []byte) []byte { p[14] ^= 1; return p }, "the header of the packed text, bytes 0 to 25, is damaged; copy the file again"},
		{"block", packed, func(p []byte) []byte { p[40] ^= 1; return p },
			fmt.Sprintf("block 1 of the packed text, bytes 26 to %d, is damaged; copy the file again", len(packed)-1-2-8-4-1)},
		{"end", packed, func(p []byte) []byte { p[len(p)-5] ^= 1; return p },
			fmt.Sprintf("the end of the packed text, bytes %d to %d, is damaged; copy the file again", len(packed)-1-2-8-4, len(packed)-1)},
		{"more bytes", packed, func(p []byte) []byte { return append(p, 0) },
			"more bytes follow the end of the packed text; cut them off, or copy the file again"},
		{"learned, cut", learned, func(p []byte) []byte { return p[:len(p)/2] }, "the packed text ends too early; copy the file again"},
	} {
		_, err := unpack(m, 1, tt.change(bytes.Clone(tt.packed)))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v\nwant %s", tt.name, err, tt.want)
		}
	}
	if _, err := unpack(nil, 1, packed); err == nil || err.Error() != "packed with a model, whose hash begins with "+hash+"; name it" {
		t.Errorf("without a model: %v", err)
	}
	if _, err := unpack(&other, 1, packed); err == nil || !strings.Contains(err.Error(), "same weights, "+hash) {
		t.Errorf("with other documents: %v", err)
	}
	other.Network = testNetwork(t, "gru", m.Alphabet.Size())
	if _, err := unpack(&other, 1, packed); err == nil || !strings.Contains(err.Error(), "begins with "+hash+", that of the model given with "+other.Hash()[:16]) {
		t.Errorf("with another model: %v", err)
	}
}

// TestDamage damages packed texts in many ways: each is an error, or the exact text.
func TestDamage(t *testing.T) {
	n := 300
	if full {
		n = 5000
	}
	m := testModel(t, corpus.Options{}, corpus.Lines, "lstm")
	text := []byte(strings.Repeat(verse, 2) + "\xff\xfe")
	noise := make([]byte, 300)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = byte(r.IntN(256))
	}
	all := [][]byte{pack(t, m, Options{Streams: 2}, text), pack(t, m, Options{}, noise)}
	texts := [][]byte{text, noise}
	for i := range n {
		k := i % len(all)
		p := bytes.Clone(all[k])
		for range 1 + r.IntN(3) {
			at := r.IntN(len(p))
			switch r.IntN(5) {
			case 0:
				p = p[:at+1]
			case 1:
				p = append(p[:at:at], p[min(at+1+r.IntN(4), len(p)):]...)
			case 2:
				p = append(p[:at:at], append([]byte{byte(r.IntN(256))}, p[at:]...)...)
			case 3:
				p[at] = byte(r.IntN(256))
			default:
				p[at] ^= 1 << r.IntN(8)
			}
			if len(p) == 0 {
				break
			}
		}
		if got, err := unpack(m, 1, p); err == nil && !bytes.Equal(got, texts[k]) {
			t.Fatalf("damaged %x gives %q", p, got)
		}
	}
}

// FuzzDecode reads anything as what follows a header, with checksums that fit.
func FuzzDecode(f *testing.F) {
	m := testModel(f, corpus.Options{Kind: corpus.Words}, corpus.Paragraphs, "gru")
	f.Add([]byte("abc"), int64(20), uint8(1))
	f.Add([]byte{}, int64(1<<16), uint8(3))
	f.Add([]byte("\x01stored"), int64(-6), uint8(1))
	f.Add(bytes.Repeat([]byte{255}, 40), int64(100), uint8(1))
	f.Fuzz(func(t *testing.T, code []byte, n int64, streams uint8) {
		h := header{flags: flagModel, streams: 1 + streams%8, model: idOf(m)}
		p := appendBlock(h.append(nil), n, code)
		r, err := NewReader(bytes.NewReader(p), m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err == nil {
			t.Error("a text without an end is whole")
		}
	})
}

// FuzzContainer reads anything.
func FuzzContainer(f *testing.F) {
	m := testModel(f, corpus.Options{}, corpus.Whole, "lstm")
	for _, o := range []Options{{}, {Streams: 3}} {
		f.Add(pack(f, m, o, []byte(verse)))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		r, err := NewReader(bytes.NewReader(p), m, Options{})
		if err != nil {
			return
		}
		io.Copy(io.Discard, r)
	})
}

// TestMemory reads containers that ask for much, and have checksums that fit.
func TestMemory(t *testing.T) {
	m := testModel(t, corpus.Options{}, corpus.Whole, "lstm")
	for _, p := range [][]byte{
		appendBlock((&header{flags: flagModel, streams: MaxStreams, model: idOf(m)}).append(nil), blockSymbols, nil),
		appendBlock((&header{flags: flagLearns, streams: 1}).append(nil), 3, nil),
		append((&header{flags: flagModel, streams: 1, model: idOf(m)}).append(nil), 0x80, 0x80, 8, 0xFF, 0xFF, 0xFF, 1),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := unpack(m, 1, p)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; err == nil || grown > 64<<20 {
			t.Errorf("%x: %v, after %d bytes were allocated", p[:20], err, grown)
		}
	}
}

// A failing writer or reader is told of.
func TestFailures(t *testing.T) {
	m := testModel(t, corpus.Options{}, corpus.Whole, "lstm")
	broken := errors.New("broken")
	w, err := NewWriter(failing{broken}, m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(verse))
	if err := w.Close(); err != broken {
		t.Errorf("Close = %v", err)
	}
	p := pack(t, m, Options{}, []byte(verse))
	for _, n := range []int{3, 20, 30, len(p) - 2} {
		r, err := NewReader(io.MultiReader(bytes.NewReader(p[:n]), failing{broken}), m, Options{})
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if err != broken {
			t.Errorf("a failure after %d bytes is %v", n, err)
		}
	}
	stop := errors.New("stop")
	o := Options{Progress: func(int64) error { return stop }}
	w, err = NewWriter(io.Discard, m, o)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(strings.Repeat(verse, 40)))
	if err := w.Close(); err != stop {
		t.Errorf("Close after Progress has failed: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
func (f failing) Read([]byte) (int, error)  { return 0, f.err }
