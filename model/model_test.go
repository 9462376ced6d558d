package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// small is smallOf for the Elman cell.
func small(t testing.TB, text, activation string, hidden, layers int) *Model {
	t.Helper()
	return smallOf(t, text, rnn.Config{Activation: activation, Hidden: hidden, Layers: layers})
}

// smallOf returns a model of the characters of text whose weights, in the order of the file, are 0.51, 0.88, 0.24, ...:
// (37 i + 11 mod 101 - 50) / 100 for i = 1, 2, ...; the frozen biases are zero and take no number.
func smallOf(t testing.TB, text string, c rnn.Config) *Model {
	t.Helper()
	alphabet := alphabetOf(t, corpus.Chars, text)
	c.Symbols = alphabet.Size()
	network, err := rnn.New(c)
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, p := range network.Params() {
		if p.Frozen {
			continue
		}
		values := make([]float32, len(p.Value))
		for j := range values {
			i++
			values[j] = float32((37*i+11)%101-50) / 100
		}
		fromFile(p, 0, values)
	}
	network.Updated()
	return &Model{Network: network, Alphabet: alphabet}
}

// alphabetOf returns the alphabet of a text.
func alphabetOf(t testing.TB, kind corpus.Kind, text string) *corpus.Alphabet {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(text)), corpus.Options{Kind: kind, Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	return c.Alphabet
}

func symbols(a *corpus.Alphabet) (all []string) {
	for id := range a.Size() {
		all = append(all, a.Symbol(int32(id)))
	}
	return all
}

func write(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(b []byte) (*Model, error) { return Read(bytes.NewReader(b), int64(len(b))) }

func TestRoundTripKeepsEveryBit(t *testing.T) {
	for _, c := range []rnn.Config{{Activation: "sigmoid"}, {Activation: "tanh"}, {Activation: "relu"}, {Cell: "lstm"}, {Cell: "gru"}, {Codes: 3}} {
		cell := fmt.Sprint(c.Cell, c.Activation, c.Codes)
		c.Hidden, c.Layers = 17, 2
		m := smallOf(t, "naïve\n\"<世界>", c)
		odd := []float32{float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, -0x1p-130, math.MaxFloat32, -math.MaxFloat32}
		for _, p := range m.Network.Params() {
			if !p.Frozen {
				copy(p.Value[1:], odd)
			}
		}
		if c.Codes > 0 {
			codes := m.Network.Params()[0].Value
			codes[0], codes[len(codes)-1] = 1, 1
		}
		m.Summary = Summary{Steps: 12, Symbols: 1 << 40, Loss: 1.25, ValidLoss: 1.5, Seed: math.MaxUint64, Corpus: "abc"}

		path := filepath.Join(t.TempDir(), "some.safetensors")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.Network.Config() != m.Network.Config() || got.Summary != m.Summary {
			t.Errorf("%s: got  %+v %+v\nwant %+v %+v", cell, got.Network.Config(), got.Summary, m.Network.Config(), m.Summary)
		}
		if got, want := fmt.Sprint(symbols(got.Alphabet)), fmt.Sprint(symbols(m.Alphabet)); got != want {
			t.Errorf("%s: alphabet %q, want %q", cell, got, want)
		}
		for i, p := range m.Network.Params() {
			q := got.Network.Params()[i]
			for j := range p.Value {
				if a, b := math.Float32bits(p.Value[j]), math.Float32bits(q.Value[j]); a != b {
					t.Fatalf("%s: %s[%d] has bits %08x, want %08x", cell, p.Name, j, b, a)
				}
			}
		}
		if got.Hash() != m.Hash() {
			t.Errorf("%s: hash changed", cell)
		}
		if !bytes.Equal(write(t, got), write(t, m)) {
			t.Errorf("%s: written again, the file has other bytes", cell)
		}
	}
}

// The hash as Python gives it: hashlib.sha256 over b"NAME [d d]\n" and the little-endian floats of each tensor of the file.
func TestHash(t *testing.T) {
	m := small(t, "abcd", "tanh", 3, 2)
	const want = "232ad85e846398c2395648b46d064febb591751dc8689f6a1eb3d9ac66281645"
	if got := m.Hash(); got != want {
		t.Errorf("Hash() = %s, want %s", got, want)
	}
	path := filepath.Join(t.TempDir(), FileName)
	m.Summary.Steps = 5
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, filepath.Dir(path)} {
		if got, err := Load(path); err != nil || got.Hash() != want {
			t.Errorf("%s: loaded %v, %v; want hash %s", path, got, err, want)
		}
	}
	w := m.Network.Params()[0].Value
	w[0] = math.Nextafter32(w[0], 1)
	if m.Hash() == want {
		t.Errorf("the last bit of one weight does not change the hash")
	}
}

// crafted is a file with this object and these tensors, under a checksum that is right.
func crafted(object string, tensors ...safetensors.Source) []byte {
	var b bytes.Buffer
	if err := safetensors.Write(&b, []byte(object), tensors); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// zeros is a tensor of them.
func zeros(name string, shape ...int) safetensors.Source {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return safetensors.Float32(name, make([]float32, n), shape...)
}

// alphabetTensors are the tensors of an alphabet of these symbols.
func alphabetTensors(symbols ...string) []safetensors.Source {
	var lengths []byte
	for _, s := range symbols {
		lengths = binary.LittleEndian.AppendUint32(lengths, uint32(len(s)))
	}
	return []safetensors.Source{safetensors.Bytes("alphabet.lengths", "I32", lengths), safetensors.Bytes("alphabet.symbols", "U8", []byte(strings.Join(symbols, "")))}
}

// object is the object of small(t, "ab", "tanh", 2, 1) with one text replaced by another.
func object(t testing.TB, old, new string) string {
	t.Helper()
	text, err := json.Marshal(header{Format: 2, Network: rnn.Config{Cell: "elman", Activation: "tanh", Symbols: 2, Hidden: 2, Layers: 1}, Alphabet: corpus.Form{Kind: corpus.Chars}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not contain %s", text, old)
	}
	return strings.Replace(string(text), old, new, 1)
}

// tensors are those of small(t, "ab", "tanh", 2, 1), changed.
func tensors(change func(ts []safetensors.Source) []safetensors.Source) []safetensors.Source {
	return change(append([]safetensors.Source{
		zeros("rnn.weight_ih_l0", 2, 2), zeros("rnn.bias_ih_l0", 2), zeros("rnn.weight_hh_l0", 2, 2), zeros("rnn.bias_hh_l0", 2),
		zeros("decoder.weight", 2, 2), zeros("decoder.bias", 2),
	}, alphabetTensors("a", "b")...))
}

type damage struct {
	name string
	file []byte
	want string
}

func damaged(t testing.TB) []damage {
	objectWith := func(old, new string) []byte {
		return crafted(object(t, old, new), tensors(func(ts []safetensors.Source) []safetensors.Source { return ts })...)
	}
	tensorsWith := func(change func(ts []safetensors.Source) []safetensors.Source) []byte {
		return crafted(object(t, "", ""), tensors(change)...)
	}
	instead := func(i int, tensor safetensors.Source) []byte {
		return tensorsWith(func(ts []safetensors.Source) []safetensors.Source {
			ts[i] = tensor
			return ts
		})
	}
	symbols := func(symbols ...string) []byte {
		return tensorsWith(func(ts []safetensors.Source) []safetensors.Source {
			return append(ts[:6], alphabetTensors(symbols...)...)
		})
	}
	whole := write(t, small(t, "ab", "tanh", 2, 1))
	biased := small(t, "ab", "tanh", 2, 1)
	biased.Network.Params()[3].Value[1] = 0.5
	return []damage{
		{"empty", nil, "0 bytes are too few for a safetensors file"},
		{"text", []byte("First Citizen:\nBefore we proceed any further, hear me speak.\n"), "not a safetensors file: header length 7584941881947220294 is above the limit of 100000000"},
		{"cut", whole[:len(whole)-1], "tensors take 82 bytes, the file holds 81"},
		{"no metadata", withHeader(t, whole, `"elman":`, `"Elman":`), `no entry "elman" in the metadata: the file is not elman's`},
		{"metadata no JSON", crafted("yes"), "metadata: format is 0, this program reads 1 and 2"},
		{"format 3", objectWith(`"format":2`, `"format":3`), "metadata: format is 3, this program reads 1 and 2"},
		{"no format", objectWith(`"format":2,`, ``), "metadata: format is 0, this program reads 1 and 2"},
		{"cell unknown", objectWith(`"elman"`, `"jordan"`), `metadata: network: cell is "jordan", must be ` + setting.Alternatives(cellNames())},
		{"activation unknown", objectWith(`"tanh"`, `"step"`), `metadata: network: activation is "step", must be tanh, sigmoid or relu`},
		{"hidden 0", objectWith(`"hidden":2`, `"hidden":0`), "metadata: network: hidden is 0, must be 1 to 32768"},
		{"hidden negative", objectWith(`"hidden":2`, `"hidden":-2`), "metadata: network: hidden is -2, must be 1 to 32768"},
		{"hidden no number", objectWith(`"hidden":2`, `"hidden":"2"`), "metadata: network.hidden: string where a whole number should be"},
		{"hidden enormous", objectWith(`"hidden":2`, `"hidden":30000`), "metadata: network: hidden 30000, layers 1 and 2 symbols make 3600480000 bytes of weights, the file has 82"},
		{"layers too many", objectWith(`"layers":1`, `"layers":64`), "metadata: network: hidden 2, layers 64 and 2 symbols make 2064 bytes of weights, the file has 82"},
		{"layer missing", crafted(object(t, `"layers":1`, `"layers":2`), tensors(func(ts []safetensors.Source) []safetensors.Source { return append(ts, zeros("more", 4)) })...), `tensor "rnn.weight_ih_l1" is missing`},
		{"symbols unlike the alphabet", objectWith(`"symbols":2`, `"symbols":3`), `tensor "rnn.weight_ih_l0": shape [2 2], want [2 3]`},
		{"alphabet too large", symbols("a", "b", "c"), "alphabet: 3 symbols, the network has 2"},
		{"an escape too many", objectWith(`"kind":"chars"`, `"kind":"chars","open":true`), "alphabet: 3 symbols, the network has 2"},
		{"alphabet out of order", symbols("b", "a"), `alphabet: symbols "b" and "a" are out of order`},
		{"alphabet without symbols", symbols(), "alphabet: an alphabet of no symbols"},
		{"symbols of another kind", objectWith(`"kind":"chars"`, `"kind":"runes"`), `alphabet: kind is "runes": there are bytes, chars, words, subwords`},
		{"no kind", objectWith(`"kind":"chars"`, ``), `alphabet: kind is missing`},
		{"lengths longer than the symbols", instead(6, safetensors.Bytes("alphabet.lengths", "I32", []byte{1, 0, 0, 0, 2, 0, 0, 0})), "alphabet: symbol 1 of 2 bytes goes beyond the 2 bytes of all"},
		{"lengths negative", instead(6, safetensors.Bytes("alphabet.lengths", "I32", []byte{255, 255, 255, 255, 3, 0, 0, 0})), "alphabet: symbol 0 of -1 bytes goes beyond the 2 bytes of all"},
		{"lengths too short", instead(6, safetensors.Bytes("alphabet.lengths", "I32", []byte{1, 0, 0, 0, 0, 0, 0, 0})), "alphabet: the symbols take 1 of the 2 bytes"},
		{"lengths of another type", instead(6, safetensors.Bytes("alphabet.lengths", "U8", []byte{1, 1})), `tensor "alphabet.lengths": dtype U8, want I32`},
		{"symbols a matrix", instead(7, zeros("alphabet.symbols", 1, 2)), `tensor "alphabet.symbols": dtype F32, want U8`},
		{"no symbols", tensorsWith(func(ts []safetensors.Source) []safetensors.Source { return ts[:7] }), `tensor "alphabet.symbols" is missing`},
		{"no lengths", instead(6, zeros("alphabet.length", 2)), `tensor "alphabet.length" does not belong to the network`},
		{"documents unknown", objectWith(`"summary"`, `"documents":"lime","summary"`), `metadata: documents is "lime": there are whole, line, paragraph`},
		{"field unknown", objectWith(`"activation"`, `"activatiom"`), `metadata: unknown field "activatiom"`},
		{"field of the summary unknown", objectWith(`"summary":{`, `"summary":{"stepz":1`), `metadata: unknown field "stepz"`},
		{"field twice", objectWith(`"hidden":2`, `"hidden":3,"hidden":2`), `metadata: "hidden" is there twice`},
		{"field twice, in capitals", objectWith(`"hidden":2`, `"hidden":3,"HIDDEN":2`), `metadata: unknown field "HIDDEN"`},
		{"field twice, escaped", objectWith(`"kind":`, `"kind":"bytes","\u006bind":`), `metadata: "kind" is there twice`},
		{"metadata cut", objectWith(`"summary":{}}`, ``), "metadata: format is 0, this program reads 1 and 2"},
		{"metadata no object", crafted("[]"), "metadata: format is 0, this program reads 1 and 2"},
		{"something behind the metadata", objectWith(`"summary":{}}`, `"summary":{}}{}`), "metadata: format is 0, this program reads 1 and 2"},
		{"another entry of metadata", withHeader(t, whole, `"elman":`, `"note":"","elman":`), `metadata: unknown entry "note"`},
		{"no checksum", withHeader(t, whole, `"sha256":"`+checksumOf(t, whole)+`"`, `"sha256":""`), `metadata: "sha256", the checksum of the file, is missing`},
		{"bias missing", tensorsWith(func(ts []safetensors.Source) []safetensors.Source { return append(ts[:5:5], ts[6:]...) }), `tensor "decoder.bias" is missing`},
		{"matrix missing", tensorsWith(func(ts []safetensors.Source) []safetensors.Source { return append(ts[:4:4], ts[5:]...) }), `tensor "decoder.weight" is missing`},
		{"tensor unknown", tensorsWith(func(ts []safetensors.Source) []safetensors.Source { return append(ts, zeros("rnn.weight_ih_l1", 2, 2)) }), `tensor "rnn.weight_ih_l1" does not belong to the network`},
		{"bias too short", instead(1, zeros("rnn.bias_ih_l0", 1)), `tensor "rnn.bias_ih_l0": shape [1], want [2]`},
		{"matrix of more gates", instead(2, zeros("rnn.weight_hh_l0", 8, 2)), `tensor "rnn.weight_hh_l0": shape [8 2], want [2 2]`},
		{"matrix of three dimensions", instead(4, zeros("decoder.weight", 2, 2, 1)), `tensor "decoder.weight": shape [2 2 1], want [2 2]`},
		{"halves", instead(4, safetensors.Source{Tensor: safetensors.Tensor{Name: "decoder.weight", Type: "F16", Shape: []int{2, 2}}, Write: safetensors.Bytes("", "F16", make([]byte, 8)).Write}),
			`tensor "decoder.weight": dtype F16, want F32: convert the weights to float32`},
		{"second bias", write(t, biased), `tensor "rnn.bias_hh_l0": must be zero, the elman cell has no use for a second bias`},
	}
}

func TestDamagedFiles(t *testing.T) {
	for _, tt := range damaged(t) {
		_, err := readMeasured(t, tt.name, tt.file)
		if fmt.Sprint(err) != tt.want {
			t.Errorf("%s: error %v\n want %s", tt.name, err, tt.want)
		}
	}
}

func TestPathsWithoutAModel(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte("hello"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, want string }{
		{folder, "the folder holds no model.safetensors"},
		{filepath.Join(folder, "none"), "no such file or directory"},
		{text, "5 bytes are too few for a safetensors file"},
		{os.DevNull, "is not a regular file"},
	} {
		if (runtime.GOOS == "windows" || runtime.GOOS == "js") && tt.path != folder && tt.path != text {
			continue // words it otherwise
		}
		want := fmt.Sprintf("model %s: %s", tt.path, tt.want)
		if _, err := Load(tt.path); fmt.Sprint(err) != want {
			t.Errorf("Load: error %v, want %s", err, want)
		}
	}
	m := small(t, "ab", "tanh", 2, 1)
	m.Summary.Loss = math.NaN()
	if err := m.Save(text); err == nil || !strings.HasPrefix(err.Error(), "write "+text+": ") {
		t.Errorf("Save with a loss of NaN: error %v", err)
	}
	if b, err := os.ReadFile(text); string(b) != "hello" || err != nil {
		t.Errorf("a Save that failed left %q, %v; want the old file", b, err)
	}
}

// TestStacks writes and reads every shape of stack, and checks the names and shapes that package model promises.
func TestStacks(t *testing.T) {
	for _, tt := range []struct {
		c    rnn.Config
		want string
	}{
		{rnn.Config{Cell: "lstm", Hidden: 3, Embedding: 2}, "embedding.weight[4 2] rnn.weight_ih_l0[12 2] rnn.bias_ih_l0[12] rnn.weight_hh_l0[12 3] " +
			"rnn.bias_hh_l0[12] decoder.weight[4 3] decoder.bias[4]"},
		{rnn.Config{Hidden: 3, Embedding: 3, Tie: true}, "embedding.weight[4 3] rnn.weight_ih_l0[3 3] rnn.bias_ih_l0[3] rnn.weight_hh_l0[3 3] " +
			"rnn.bias_hh_l0[3] decoder.bias[4]"},
		{rnn.Config{Cell: "gru", Hidden: 3, Block: true, Conv: 5, MLP: 7}, "embedding.weight[4 3] blocks.0.conv.weight[3 1 5] blocks.0.conv.bias[3] " +
			"blocks.0.cell.weight_ih_l0[9 3] blocks.0.cell.bias_ih_l0[9] blocks.0.cell.weight_hh_l0[9 3] blocks.0.cell.bias_hh_l0[9] " +
			"blocks.0.mlp.0.weight[7 3] blocks.0.mlp.0.bias[7] blocks.0.mlp.2.weight[3 7] blocks.0.mlp.2.bias[3] decoder.weight[4 3] decoder.bias[4]"},
		{rnn.Config{Hidden: 2, Embedding: 2, Conv: 2}, "embedding.weight[4 2] conv.0.weight[2 1 2] conv.0.bias[2] rnn.weight_ih_l0[2 2] rnn.bias_ih_l0[2] " +
			"rnn.weight_hh_l0[2 2] rnn.bias_hh_l0[2] decoder.weight[4 2] decoder.bias[4]"},
		{rnn.Config{Cell: "lstm", Hidden: 2, LearnInitial: true}, "rnn.weight_ih_l0[8 4] rnn.bias_ih_l0[8] rnn.weight_hh_l0[8 2] rnn.bias_hh_l0[8] " +
			"rnn.h0_l0[2] rnn.c0_l0[2] decoder.weight[4 2] decoder.bias[4]"},
		{rnn.Config{Cell: "lstm", Hidden: 2, LayerNorm: true}, "rnn.weight_ih_l0[8 4] rnn.bias_ih_l0[8] rnn.weight_hh_l0[8 2] rnn.bias_hh_l0[8] " +
			"rnn.gain_ih_l0[8] rnn.gain_hh_l0[8] rnn.gain_c_l0[2] rnn.bias_c_l0[2] decoder.weight[4 2] decoder.bias[4]"},
		{rnn.Config{Cell: "mingru", Hidden: 2, Block: true, MLP: 3, LearnInitial: true}, "embedding.weight[4 2] blocks.0.cell.weight_ih_l0[4 2] " +
			"blocks.0.cell.bias_ih_l0[4] blocks.0.cell.h0_l0[2] blocks.0.mlp.0.weight[3 2] blocks.0.mlp.0.bias[3] blocks.0.mlp.2.weight[2 3] " +
			"blocks.0.mlp.2.bias[2] decoder.weight[4 2] decoder.bias[4]"},
	} {
		m := smallOf(t, "abcd", tt.c)
		file := write(t, m)
		var names []string
		for _, p := range m.Network.Params() {
			names = append(names, fmt.Sprint(p.Name, p.Shape()))
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%+v: tensors\n%s, want\n%s", tt.c, got, tt.want)
		}
		got, err := readMeasured(t, fmt.Sprintf("%+v", tt.c), file)
		if err != nil {
			t.Errorf("%+v: %v", tt.c, err)
			continue
		}
		if got.Hash() != m.Hash() || got.Network.Config() != m.Network.Config() {
			t.Errorf("%+v: read as %+v with other weights", tt.c, got.Network.Config())
		}
	}
	file := write(t, smallOf(t, "abcd", rnn.Config{Hidden: 3, Block: true}))
	for old, new := range map[string]string{`\"mlp\":6`: `\"mlp\":131072`, `\"layers\":1`: `\"layers\":9`, `\"block\":true`: `\"block\":false`} {
		if _, err := readMeasured(t, new, sealed(t, withHeader(t, file, old, new))); err == nil || strings.Contains(err.Error(), "checksum") {
			t.Errorf("%s is read: %v", new, err)
		}
	}
}

func cellNames() (names []string) {
	for _, c := range rnn.Cells() {
		names = append(names, c.Name)
	}
	return names
}
