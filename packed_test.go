package elman_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"math"
	"strings"
	"testing"

	elman "github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/compress"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// tiny trains a small network for a moment.
func tiny(t testing.TB, text string, o corpus.Options) *elman.Model {
	t.Helper()
	m, err := elman.TrainText(context.Background(), text, elman.Config{Corpus: &o, Change: func(s *train.Settings) {
		s.Network.Hidden, s.Budget.Steps, s.Window, s.Batch = 24, 60, 16, 8
	}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPackedBitsAreScored: the code of a text takes the bits that score says, within 64 and a hundredth of a percent. In one stream
// it is one number for each block.
func TestPackedBitsAreScored(t *testing.T) {
	play, err := language.Find("play")
	if err != nil {
		t.Fatal(err)
	}
	text := string(play.Generate(1, 60000))
	unseen := string(play.Generate(2, 40000)) + "Здравствуй, zöological world! 0123456789\n"
	for _, o := range []corpus.Options{
		{},
		{Kind: corpus.Bytes},
		{Kind: corpus.Chars, Documents: corpus.Paragraphs},
		{Kind: corpus.Words, MinCount: 3, Documents: corpus.Lines},
		{Kind: corpus.Subwords, AlphabetSize: 300},
	} {
		m := tiny(t, text, o)
		var bits float64
		scorer := score.New(m.Model, score.Extras{})
		err := scorer.Text(context.Background(), []byte(unseen), func(s score.Symbol) error {
			bits += s.Bits.Float()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		w, err := compress.NewWriter(&packed, m.Model, compress.Options{Streams: 1})
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(unseen))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		code := 8 * float64(codeBytes(t, packed.Bytes()))
		if over := math.Abs(code - bits); over > 64+1e-4*bits {
			t.Errorf("%s, %s: the code has %.0f bits, score says %.1f", o.Kind, o.Documents, code, bits)
		}
	}
}

// codeBytes returns how many bytes of a packed text are code: what its blocks say.
func codeBytes(t *testing.T, packed []byte) (n uint64) {
	rest := packed[26:] // after the header
	for {
		symbols, k := binary.Varint(rest)
		if symbols == 0 {
			return n
		}
		size, l := binary.Uvarint(rest[k:])
		if k <= 0 || l <= 0 || symbols < 0 {
			t.Fatal("no block")
		}
		n += size
		rest = rest[k+l+int(size)+4:]
	}
}

// Lines of a log, packed one by one with a model that knows such lines.
func Example_codec() {
	var lines strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&lines, "GET /item/%d/%s %d\n", i*7919%1000, []string{"view", "edit", "history"}[i%3], []int{200, 200, 404}[i*i%3])
	}
	o := corpus.Defaults()
	o.Documents = corpus.Lines
	m, err := elman.TrainText(context.Background(), lines.String(), elman.Config{Corpus: &o, Change: func(s *train.Settings) {
		s.Network.Hidden, s.Budget.Steps = 24, 300
	}})
	if err != nil {
		log.Fatal(err)
	}
	codec, err := compress.NewCodec(m.Model)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range []string{"GET /item/421/view 200", "GET /item/7/history 404", "POST /login 500"} {
		packed, err := codec.AppendEncode(nil, []byte(line))
		if err != nil {
			log.Fatal(err)
		}
		back, err := codec.AppendDecode(nil, packed)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d bytes in %d: %s\n", len(line), len(packed), back)
	}
	// Output:
	// 22 bytes in 1: GET /item/421/view 200
	// 23 bytes in 6: GET /item/7/history 404
	// 15 bytes in 24: POST /login 500
}
