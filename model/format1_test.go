package model

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// format1 are models that the last version before format 2 has written, and what it told of them.
var format1 = map[string]struct {
	hash      string
	network   string
	alphabet  string
	open      bool
	documents corpus.Documents
}{
	"format1-chars.safetensors":  {"b6dc6ca14c29168ecec103b13eabf8baeb5428466b557b81207f6e22c8c6df08", "elman of 3 and 1", "\n ,.?acdeghmnostä", false, corpus.Whole},
	"format1-bytes.safetensors":  {"cfb9366d3fd455779feddd99e09534b16f9386456d59c5b9176bd39171a288e8", "gru of 3 and 1", "\n ,.?acdeghmnost\xa4\xc3", true, corpus.Lines},
	"format1-words.safetensors":  {"e39060215d55765be82d51b6dbd8729948272fb59650dc9b3254ae3a913a334d", "lstm of 3 and 1", "\n.catdogsatthe", true, corpus.Whole},
	"format1-blocks.safetensors": {"aeda3d20fc228d5eada0a38cca1da9a51221d6515d3643b9b2ccb0826d276e03", "mingru of 3 and 2", "\n ,.?acdeghmnostä", true, corpus.Whole},
}

func TestFormat1(t *testing.T) {
	for name, want := range format1 {
		m, err := Load(filepath.Join("testdata", name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c := m.Network.Config()
		text, _ := m.Alphabet.Symbols()
		if network := fmt.Sprintf("%s of %d and %d", c.Cell, c.Hidden, c.Layers); m.Hash() != want.hash || network != want.network || text != want.alphabet ||
			m.Alphabet.Escape() >= 0 != want.open || m.Documents != want.documents || m.Summary.Steps != 30 {
			t.Errorf("%s is read as %s with symbols %q, hash %s, %q, %+v", name, network, text, m.Hash(), m.Documents, m.Summary)
		}
		again, err := read(write(t, m)) // as format 2
		if err != nil || again.Hash() != want.hash || again.Summary != m.Summary || again.Network.Config() != c || again.Documents != m.Documents ||
			again.Alphabet.String() != m.Alphabet.String() || strings.Join(symbols(again.Alphabet), "\x00") != strings.Join(symbols(m.Alphabet), "\x00") {
			t.Errorf("%s is read otherwise once it is written as format 2: %v", name, err)
		}
	}
}

// TestDamagedFormat1 changes files of format 1, in which the checksum covers the weights alone.
func TestDamagedFormat1(t *testing.T) {
	file := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", "format1-"+name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	chars, bytewise, words := file("chars"), file("bytes"), file("words")
	sum := `,"sha256":"` + format1["format1-words.safetensors"].hash + `"`
	if _, err := read(withHeader(t, words, sum, "")); err != nil {
		t.Errorf("without checksum, as other programs write it: error %v", err)
	}
	flipped := bytes.Clone(words)
	flipped[len(flipped)-4] ^= 1
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"a weight", flipped, "tensors differ from their checksum"},
		{"no checksum", withHeader(t, words, format1["format1-words.safetensors"].hash, ""), "tensors differ from their checksum"},
		{"symbols unlike the alphabet", withHeader(t, words, `\"cat\",`, ``), "alphabet: 6 symbols, the network has 7"},
		{"alphabet out of order", withHeader(t, words, `\"cat\",\"dog\"`, `\"dog\",\"cat\"`), `metadata: alphabet: symbols "dog" and "cat" are out of order`},
		{"alphabet of numbers", withHeader(t, words, `\"cat\"`, `1`), "metadata: alphabet.symbols: number where a string should be"},
		{"a symbol missing", withHeader(t, words, `\"cat\"`, `null`), "metadata: alphabet: "},
		{"no alphabet", withHeader(t, words, `\"alphabet\":{`, `\"alphabet\":null,\"summary\":{},\"network\":{`), `metadata: "network" is there twice`},
		{"alphabet null", withHeader(t, words, string(words[bytes.Index(words, []byte(`{\"kind\"`)):bytes.Index(words, []byte(`,\"documents\"`))]), `null`), "metadata: alphabet is missing"},
		{"kind unknown", withHeader(t, words, `\"words\"`, `\"word\"`), `metadata: alphabet: kind is "word": there are bytes, chars, words`},
		{"kind of bytes", withHeader(t, words, `\"words\"`, `\"bytes\"`), "metadata: alphabet: kind is bytes, and there are symbols"},
		{"kind of words", withHeader(t, bytewise, `\"kind\":\"bytes\"`, `\"kind\":\"words\"`), `metadata: alphabet: kind is "words", and there are bytes`},
		{"no byte", withHeader(t, bytewise, `,195]`, `,256]`), "metadata: alphabet: bytes: 256 is no byte"},
		{"a character of two", withHeader(t, chars, `\"a\"`, `\"aa\"`), `metadata: alphabet: "aa" is not one of the chars`},
		{"field of the alphabet unknown", withHeader(t, words, `\"open\"`, `\"opem\"`), `metadata: unknown field "opem"`},
		{"field unknown", withHeader(t, words, `\"documents\"`, `\"document\"`), `metadata: unknown field "document"`},
		{"field twice", withHeader(t, words, `\"open\":true`, `\"open\":true,\"open\":true`), `metadata: "open" is there twice`},
		{"format 2", withHeader(t, words, `\"format\":1`, `\"format\":2`), "the file differs from its checksum"},
		{"halves", withHeader(t, words, `"F32","shape":[7],`, `"BF16","shape":[14],`), `tensor "decoder.bias": dtype BF16, want F32`},
	} {
		if _, err := readMeasured(t, tt.name, tt.file); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
		}
	}
}
