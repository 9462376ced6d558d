package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// readMeasured reads a file and checks what holds for any bytes at all: an error is one line, and all memory ever taken to
// read it is in proportion to the file: 3 times the data, 6 times if weights of 8 bits take 32 in memory, and, since the
// decoder of JSON makes much garbage, 100 times the header.
func readMeasured(t testing.TB, what string, b []byte) (*Model, error) {
	t.Helper()
	header := 0
	if len(b) > 8 {
		header = int(min(binary.LittleEndian.Uint64(b), uint64(len(b))))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := read(b)
	runtime.ReadMemStats(&after)
	times := uint64(3)
	if bytes.Contains(b, []byte(`"I8"`)) {
		times = 6
	}
	if used, limit := after.TotalAlloc-before.TotalAlloc, times*uint64(len(b))+100*uint64(header)+1<<18; used > limit && !raceDetector {
		t.Errorf("%s: reading %d bytes with a header of %d allocated %d, limit %d", what, len(b), header, used, limit)
	}
	if err != nil && (strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 500) {
		t.Errorf("%s: error of several lines, or a long one: %q", what, err)
	}
	return m, err
}

// headerEnd returns where the data begin.
func headerEnd(b []byte) int { return 8 + int(binary.LittleEndian.Uint64(b)) }

// TestFlippedBits flips bits of a file, one at a time. None is read with another meaning: each is refused, or has no effect.
func TestFlippedBits(t *testing.T) {
	m := smallOf(t, "ab\"ü", rnn.Config{Cell: "lstm", Hidden: 2, Embedding: 2})
	m.Summary, m.Documents = Summary{Steps: 12, Loss: 1.25, Corpus: "abc"}, corpus.Lines
	whole := write(t, m)
	stride := 7
	if os.Getenv("ELMAN_TEST_FULL") != "" {
		stride = 1
	}
	for bit := 0; bit < 8*len(whole); bit += stride {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		what := fmt.Sprintf("bit %d of byte %d (%q, was %q)", bit%8, bit/8, b[bit/8], whole[bit/8])
		if got, err := readMeasured(t, what, b); err == nil && !bytes.Equal(write(t, got), whole) {
			t.Errorf("%s: read as another model, %+v of %q", what, got.Network.Config(), symbols(got.Alphabet))
		}
	}
}

// TestFlippedBitsOfAlphabets flips 200 bits, chosen at random, in the headers and alphabets of models with every kind of
// alphabet.
func TestFlippedBitsOfAlphabets(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, kind := range corpus.Kinds() {
		a := alphabetOf(t, kind, "To be, or not to be: être ou ne pas être? 存在する\n")
		network, err := rnn.New(rnn.Config{Cell: "gru", Symbols: a.Size(), Hidden: 4})
		if err != nil {
			t.Fatal(err)
		}
		m := &Model{Network: network, Alphabet: a, Summary: Summary{Seed: 7, Language: "play"}}
		whole := write(t, m)
		text, lengths := a.Symbols()
		tail := len(whole) - len(text) - 4*len(lengths) // Write puts the alphabet last
		for range 200 {
			at := rng.IntN(headerEnd(whole) + len(whole) - tail)
			if at >= headerEnd(whole) {
				at += tail - headerEnd(whole)
			}
			b := bytes.Clone(whole)
			b[at] ^= 1 << rng.IntN(8)
			what := fmt.Sprintf("%s: byte %d is %q, was %q", kind, at, b[at], whole[at])
			if got, err := readMeasured(t, what, b); err == nil && !bytes.Equal(write(t, got), whole) {
				t.Errorf("%s: read as another model", what)
			}
		}
	}
}

// TestEveryLength cuts a file short, at every length.
func TestEveryLength(t *testing.T) {
	whole := write(t, small(t, "abc", "tanh", 3, 1))
	for n := range whole {
		if _, err := readMeasured(t, fmt.Sprint(n, " bytes"), whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are read as a model", n, len(whole))
		}
	}
	if _, err := read(append(bytes.Clone(whole), 0)); err == nil {
		t.Error("a byte too many is not seen")
	}
}

// withHeader is a file with one text in its header replaced by another, and the length set right.
func withHeader(t testing.TB, file []byte, old, new string) []byte {
	t.Helper()
	end := headerEnd(file)
	header := string(file[8:end])
	if !strings.Contains(header, old) {
		t.Fatalf("%s does not contain %s", header, old)
	}
	header = strings.Replace(header, old, new, 1)
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), file[end:]...)
}

// checksumOf returns the checksum in the header of a file.
func checksumOf(t testing.TB, file []byte) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(file), `"sha256":"`)
	if !ok {
		t.Fatalf("no checksum in %q", file)
	}
	return rest[:64]
}

// sealed returns a file with the checksum that it should have, as somebody computes it who has read the documentation only.
func sealed(t testing.TB, file []byte) []byte {
	t.Helper()
	var header map[string]json.RawMessage
	if err := json.Unmarshal(file[8:headerEnd(file)], &header); err != nil {
		t.Fatal(err)
	}
	var metadata map[string]string
	if err := json.Unmarshal(header["__metadata__"], &metadata); err != nil {
		t.Fatal(err)
	}
	delete(header, "__metadata__")
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%s", len(metadata["elman"]), metadata["elman"])
	for _, name := range slices.Sorted(maps.Keys(header)) {
		var tensor struct {
			Type    string `json:"dtype"`
			Shape   []int
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(header[name], &tensor); err != nil {
			t.Fatal(err)
		}
		shape := strings.ReplaceAll(strings.Trim(fmt.Sprint(tensor.Shape), "[]"), " ", ", ")
		fmt.Fprintf(h, "%q %s [%s]\n", name, tensor.Type, shape)
		h.Write(file[headerEnd(file):][tensor.Offsets[0]:tensor.Offsets[1]])
	}
	return withHeader(t, file, checksumOf(t, file), fmt.Sprintf("%x", h.Sum(nil)))
}

// hostile files are such as no damage makes: somebody wants to break the reader, and seals the file. Tensors of the file are
// rnn.weight_ih_l0 [2 2] at 0, bias_ih [2] at 16, weight_hh [2 2] at 24, bias_hh [2] at 40, decoder.weight [2 2] at 48,
// decoder.bias [2] at 64, and the alphabet.
func hostile(t testing.TB) []damage {
	whole := write(t, small(t, "ab", "tanh", 2, 1))
	raw := func(old, new string) []byte { return withHeader(t, whole, old, new) } // nothing to seal, or not reached
	header := func(old, new string) []byte { return sealed(t, raw(old, new)) }
	weight := func(tensor int, x float64) []byte {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[headerEnd(b)+tensor+4:], math.Float32bits(float32(x)))
		return sealed(t, b)
	}
	const hh = `"rnn.weight_hh_l0":{"dtype":"F32","shape":[2,2],"data_offsets":[24,40]}`
	return []damage{
		{"metadata twice", raw(`"rnn.weight_ih_l0"`, `"__metadata__":{},"rnn.weight_ih_l0"`), `header: "__metadata__" is there twice`},
		{"entry twice", raw(`{"elman":`, `{"elman":"{}","elman":`), `header: __metadata__: "elman" is there twice`},
		{"tensor twice", raw(hh, hh+","+hh), `header: "rnn.weight_hh_l0" is there twice`},
		{"shape twice", raw(hh, strings.Replace(hh, `"shape"`, `"shape":[4],"shape"`, 1)), `header: tensor "rnn.weight_hh_l0": "shape" is there twice`},
		{"overlap", raw(`[24,40]`, `[16,32]`), `tensor "rnn.weight_hh_l0": data_offsets [16, 32] overlap the tensor before, which ends at 24`},
		{"gap", raw(`[24,40]`, `[28,44]`), `tensor "rnn.weight_hh_l0": data_offsets [28, 44] leave a hole behind byte 24`},
		{"offsets reversed", raw(`[24,40]`, `[40,24]`), `header: tensor "rnn.weight_hh_l0": data_offsets [40, 24] are no part of the data`},
		{"offsets at 2^63", raw(`[24,40]`, `[9223372036854775792,9223372036854775808]`), `header: tensor "rnn.weight_hh_l0": data_offsets: number 9223372036854775808 where a whole number should be`},
		{"offsets below 2^63", raw(`[24,40]`, `[9223372036854775791,9223372036854775807]`), `tensor "rnn.bias_hh_l0": data_offsets [40, 48] leave a hole behind byte 24`},
		{"last offset below 2^63", raw(`[64,72]`, `[64,9223372036854775807]`), `tensor "decoder.bias": data_offsets [64, 9223372036854775807], want 8 bytes`},
		{"shape of 2^62", raw(`"shape":[2,2],"data_offsets":[24,40]`, `"shape":[2147483647,2147483647],"data_offsets":[24,40]`), `tensor "rnn.weight_hh_l0": `},
		{"shape of 2^64 bytes", raw(`"shape":[2],"data_offsets":[40,48]`, `"shape":[2147483647,2147483647,2147483647],"data_offsets":[40,48]`), `tensor "rnn.bias_hh_l0": shape [2147483647 2147483647 2147483647] is too large`},
		{"shape with a zero", raw(`"shape":[2],"data_offsets":[64,72]`, `"shape":[0,2147483647],"data_offsets":[64,72]`), `tensor "decoder.bias": data_offsets [64, 72], want 0 bytes`},
		{"halves", header(`"F32","shape":[2],"data_offsets":[64,72]`, `"F16","shape":[4],"data_offsets":[64,72]`), `tensor "decoder.bias": dtype F16, want F32`},
		{"brain floats", header(`"F32","shape":[2],"data_offsets":[64,72]`, `"BF16","shape":[4],"data_offsets":[64,72]`), `tensor "decoder.bias": dtype BF16, want F32`},
		{"arrays in arrays", raw(`"shape":[2,2],"data_offsets":[24,40]`, `"shape":`+strings.Repeat("[", 5000)), `header: tensor "rnn.weight_hh_l0": `},
		{"arrays in arrays in the metadata", header(`\"layers\":1`, `\"layers\":`+strings.Repeat("[", 20000)), "metadata: format is 0"},
		{"deep arrays in the metadata", header(`\"layers\":1`, `\"layers\":`+strings.Repeat("[", 20)+strings.Repeat("]", 20)), "metadata: more than 16 brackets within each other"},
		{"a number of a page", header(`\"layers\":1`, `\"layers\":`+strings.Repeat("1", 5000)), "metadata: network.layers: number 1111"},
		{"a field of a page", header(`\"layers\"`, `\"`+strings.Repeat("layers", 800)+`\"`), `metadata: unknown field "layers`},
		{"a large object", header(`\"format\"`, strings.Repeat(" ", 1<<16)+`\"format\"`), `metadata: "elman" has`},
		{"a cell of a page", header(`\"elman\"`, `\"`+strings.Repeat("elman", 600)+`\"`), `metadata: network: cell is "elmanelman`},
		{"an activation of a page", header(`\"tanh\"`, `\"`+strings.Repeat("tanh", 800)+`\"`), `metadata: network: activation is "tanhtanh`},
		{"an activation of line breaks", header(`\"tanh\"`, `\"`+strings.Repeat(`\\n`, 1200)+`\"`), `metadata: network: activation is "\n\n`},
		{"a kind of a page", header(`\"chars\"`, `\"`+strings.Repeat("chars", 600)+`\"`), `alphabet: kind is "charschars`},
		{"weight NaN", weight(0, math.NaN()), `tensor "rnn.weight_ih_l0": weight 1 is NaN`},
		{"weight infinite", weight(24, math.Inf(1)), `tensor "rnn.weight_hh_l0": weight 1 is +Inf`},
		{"frozen weight NaN", weight(40, math.NaN()), `tensor "rnn.bias_hh_l0": weight 1 is NaN`},
		{"decoder infinite", weight(48, math.Inf(-1)), `tensor "decoder.weight": weight 1 is -Inf`},
		{"last bias NaN", weight(64, math.NaN()), `tensor "decoder.bias": weight 1 is NaN`},
	}
}

func TestHostileFiles(t *testing.T) {
	for _, tt := range hostile(t) {
		_, err := readMeasured(t, tt.name, tt.file)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// FuzzRead: no panic, no error of several lines, no memory beyond proportion; and what is read is written as the same file
// and read again. The fuzzer cannot compute checksums, so each input is tried sealed as well.
func FuzzRead(f *testing.F) {
	for _, d := range slices.Concat(damaged(f), hostile(f), hostileRounded(f)) {
		f.Add(d.file)
	}
	for name := range format1 {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, header := range largeHeaders(3000) {
		f.Add(headerOnly(header))
	}
	for _, symbols := range [][]string{{"\U0010FFFF"}, {"a", "\u07FF", "\u0800", "\U00010000"}} {
		f.Add(withSymbols(f, corpus.Chars, symbols, 1, 2))
	}
	for _, p := range rnn.Precisions() {
		f.Add(write(f, roundedOf(f, "ab", rnn.Config{Cell: "lstm", Hidden: 2}, p)))
	}
	whole := write(f, small(f, "ab", "sigmoid", 2, 2))
	for i := 0; i < headerEnd(whole); i += 7 {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		f.Add(b)
		f.Add(whole[:i])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkRead(t, b)
		file, err := safetensors.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil || file.Verify() == nil {
			return
		}
		object, _ := file.Metadata("elman")
		var tensors []safetensors.Source
		for _, tensor := range file.Tensors() {
			tensors = append(tensors, safetensors.Source{Tensor: tensor, Write: func(w io.Writer) error { return file.Copy(w, tensor.Name) }})
		}
		var resealed bytes.Buffer
		if safetensors.Write(&resealed, []byte(object), tensors) == nil {
			checkRead(t, resealed.Bytes())
		}
	})
}

func checkRead(t *testing.T, b []byte) {
	m, err := readMeasured(t, "any bytes", b)
	if err != nil {
		return
	}
	file := write(t, m)
	if again, err := read(file); err != nil || again.Hash() != m.Hash() || !bytes.Equal(write(t, again), file) {
		t.Errorf("what was read cannot be written and read again: %v", err)
	}
}
