package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// allowance is the memory that reading may take besides 3 times the file: buffers, package json's decoder, a message.
const allowance = 1 << 16

// readMeasured reads a file and checks what holds for any bytes at all: an error is one line, and all memory ever taken
// to read it is at most 3 times the file and the allowance.
func readMeasured(t testing.TB, what string, b []byte) (*Model, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := read(b)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 3*uint64(len(b))+allowance && !raceDetector {
		t.Errorf("%s: reading %d bytes allocated %d", what, len(b), used)
	}
	if err != nil && (strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 500) {
		t.Errorf("%s: error of several lines, or a long one: %q", what, err)
	}
	return m, err
}

// headerEnd returns where the data begin.
func headerEnd(b []byte) int { return 8 + int(binary.LittleEndian.Uint64(b)) }

// TestEveryBitOfTheHeader flips each bit of length and header in turn. What is read nevertheless is the same network, with
// the same weights, up to what nothing can be checked against: what one symbol of the alphabet stands for.
func TestEveryBitOfTheHeader(t *testing.T) {
	m := small(t, "ab\"ü", "sigmoid", 3, 2)
	m.Summary = Summary{Steps: 12, Loss: 1.25, Corpus: "abc"}
	whole := write(t, m)
	read, refused := 0, 0
	for bit := range 8 * headerEnd(whole) {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		what := fmt.Sprintf("bit %d of byte %d (%q, was %q)", bit%8, bit/8, b[bit/8], whole[bit/8])
		got, err := readMeasured(t, what, b)
		if err != nil {
			refused++
			continue
		}
		read++
		if got.Network.Config() != m.Network.Config() || got.Hash() != m.Hash() {
			t.Errorf("%s: read as %+v with hash %s", what, got.Network.Config(), got.Hash())
		}
		if got.Alphabet.Kind() != m.Alphabet.Kind() || differences(symbols(got.Alphabet), symbols(m.Alphabet)) > 1 {
			t.Errorf("%s: read with the %s %q", what, got.Alphabet.Kind(), symbols(got.Alphabet))
		}
	}
	if refused < 10*read {
		t.Errorf("%d flips of a bit are refused, %d read", refused, read)
	}
}

// differences counts the symbols in which two alphabets differ.
func differences(a, b []string) (n int) {
	if len(a) != len(b) {
		return max(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
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

// TestEveryBitOfTheWeights flips each bit of the data: the checksum tells, and without one, as in files of other programs,
// the model has the weights that the file has.
func TestEveryBitOfTheWeights(t *testing.T) {
	m := small(t, "abc", "tanh", 3, 2)
	whole := write(t, m)
	sum := fmt.Sprintf(`,"sha256":"%s"`, m.Hash())
	bare := withHeader(t, whole, sum, "")
	if got, err := read(bare); err != nil || got.Hash() != m.Hash() {
		t.Fatalf("without checksum: %v", err)
	}
	for bit := 8 * headerEnd(whole); bit < 8*len(whole); bit++ {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		_, err := readMeasured(t, fmt.Sprint("bit ", bit), b)
		if err == nil || !strings.HasPrefix(err.Error(), "tensors differ from their checksum") && !strings.HasPrefix(err.Error(), `tensor "`) {
			t.Errorf("bit %d of byte %d: error %v", bit%8, bit/8-headerEnd(whole), err)
		}
		b = withHeader(t, b, sum, "")
		if got, err := read(b); err == nil && got.Hash() == m.Hash() {
			t.Errorf("bit %d of byte %d: is not in the hash", bit%8, bit/8-headerEnd(whole))
		}
	}
	for name, value := range map[string]string{"another": strings.Repeat("0", 64), "in capitals": strings.ToUpper(m.Hash()), "empty": "", "of another length": m.Hash()[:63]} {
		if _, err := read(withHeader(t, whole, m.Hash(), value)); err == nil || !strings.Contains(err.Error(), "checksum") {
			t.Errorf("a checksum that is %s: error %v", name, err)
		}
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

// hostile files are such as no damage makes: somebody wants to break the reader. Tensors of the file are
// rnn.weight_ih_l0 [2 2] at 0, bias_ih [2] at 16, weight_hh [2 2] at 24, bias_hh [2] at 40, decoder.weight [2 2] at 48,
// decoder.bias [2] at 64.
func hostile(t testing.TB) []damage {
	whole := write(t, small(t, "ab", "tanh", 2, 1))
	header := func(old, new string) []byte { return withHeader(t, whole, old, new) }
	weight := func(tensor int, x float64) []byte {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[headerEnd(b)+tensor+4:], math.Float32bits(float32(x)))
		return b
	}
	const hh = `"rnn.weight_hh_l0":{"dtype":"F32","shape":[2,2],"data_offsets":[24,40]}`
	return []damage{
		{"metadata twice", header(`"rnn.weight_ih_l0"`, `"__metadata__":{},"rnn.weight_ih_l0"`), `header: "__metadata__" is there twice`},
		{"entry twice", header(`{"elman":`, `{"elman":"{}","elman":`), `header: __metadata__: "elman" is there twice`},
		{"tensor twice", header(hh, hh+","+hh), `header: "rnn.weight_hh_l0" is there twice`},
		{"shape twice", header(hh, strings.Replace(hh, `"shape"`, `"shape":[4],"shape"`, 1)), `header: tensor "rnn.weight_hh_l0": "shape" is there twice`},
		{"overlap", header(`[24,40]`, `[16,32]`), `tensor "rnn.weight_hh_l0": data_offsets [16, 32] overlap the tensor before, which ends at 24`},
		{"gap", header(`[24,40]`, `[28,44]`), `tensor "rnn.weight_hh_l0": data_offsets [28, 44] leave a hole behind byte 24`},
		{"offsets reversed", header(`[24,40]`, `[40,24]`), `tensor "rnn.weight_hh_l0": data_offsets [40, 24], want 16 bytes`},
		{"offsets at 2^63", header(`[24,40]`, `[9223372036854775792,9223372036854775808]`), `header: tensor "rnn.weight_hh_l0": "data_offsets": 9223372036854775808 where a whole number below 2^63 should be`},
		{"offsets below 2^63", header(`[24,40]`, `[9223372036854775791,9223372036854775807]`), `tensor "rnn.bias_hh_l0": data_offsets [40, 48] leave a hole behind byte 24`},
		{"last offset below 2^63", header(`[64,72]`, `[64,9223372036854775807]`), `tensor "decoder.bias": data_offsets [64, 9223372036854775807], want 8 bytes`},
		{"shape of 2^62", header(`"shape":[2,2],"data_offsets":[24,40]`, `"shape":[2147483647,2147483647],"data_offsets":[24,40]`), `tensor "rnn.weight_hh_l0": `},
		{"shape of 2^64 bytes", header(`"shape":[2],"data_offsets":[40,48]`, `"shape":[2147483647,2147483647,2147483647],"data_offsets":[40,48]`), `tensor "rnn.bias_hh_l0": shape [2147483647 2147483647 2147483647] is too large`},
		{"shape with a zero", header(`"shape":[2],"data_offsets":[64,72]`, `"shape":[0,2147483647],"data_offsets":[64,72]`), `tensor "decoder.bias": data_offsets [64, 72], want 0 bytes`},
		{"halves", header(`"F32","shape":[2],"data_offsets":[64,72]`, `"F16","shape":[4],"data_offsets":[64,72]`), `tensor "decoder.bias": dtype F16, want F32`},
		{"arrays in arrays", header(`"shape":[2,2],"data_offsets":[24,40]`, `"shape":`+strings.Repeat("[", 5000)), `header: tensor "rnn.weight_hh_l0": "shape": '[' where`},
		{"arrays in arrays in the metadata", header(`\"layers\":1`, `\"layers\":`+strings.Repeat("[", 20000)), "metadata: more than 8 brackets within each other"},
		{"a number of a page", header(`\"layers\":1`, `\"layers\":`+strings.Repeat("1", 5000)), "metadata: 1111"},
		{"a field of a page", header(`\"layers\"`, `\"`+strings.Repeat("layers", 800)+`\"`), `metadata: unknown field "layers`},
		{"a cell of a page", header(`\"elman\"`, `\"`+strings.Repeat("elman", 600)+`\"`), `metadata: network: cell "elmanelman`},
		{"an activation of a page", header(`\"tanh\"`, `\"`+strings.Repeat("tanh", 800)+`\"`), `metadata: network: activation "tanhtanh`},
		{"an activation of line breaks", header(`\"tanh\"`, `\"`+strings.Repeat(`\\n`, 1200)+`\"`), `metadata: network: activation "\n\n`},
		{"symbols of large letters", header(`[\"a\",\"b\"]`, `[\"b`+strings.Repeat("\U000e0001", 99)+`\",\"a`+strings.Repeat("\U000e0001", 99)+`\"]`), `metadata: alphabet: "b`},
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

// FuzzRead: no panic, no error of several lines, no memory beyond 3 times the file.
func FuzzRead(f *testing.F) {
	for _, d := range slices.Concat(damaged(f), hostile(f)) {
		f.Add(d.file)
	}
	for _, kind := range corpus.Kinds() {
		m := small(f, "ab", "tanh", 2, 1)
		m.Alphabet = alphabetOf(f, kind, "aa ")
		if m.Alphabet.Size() == m.Network.Config().Symbols {
			f.Add(write(f, m))
		}
	}
	for _, header := range largeHeaders(3000) {
		f.Add(headerOnly(header))
	}
	for _, symbols := range [][]string{{"\U0010FFFF"}, {"a", "\u07FF", "\u0800", "\U00010000"}} {
		f.Add(withSymbols(f, corpus.Chars, symbols, 1, 2))
	}
	whole := write(f, small(f, "ab", "sigmoid", 2, 2))
	for i := 0; i < headerEnd(whole); i += 7 {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		f.Add(b)
		f.Add(whole[:i])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readMeasured(t, "any bytes", b)
		if err != nil {
			return
		}
		again, err := read(write(t, m))
		if err != nil || again.Hash() != m.Hash() {
			t.Errorf("what was read cannot be written and read again: %v", err)
		}
	})
}
