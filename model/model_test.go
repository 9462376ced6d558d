package model

import (
	"bytes"
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
		if got, err := HashFile(path); got != want || err != nil {
			t.Errorf("HashFile(%s) = %s, %v; want %s", path, got, err, want)
		}
	}
	w := m.Network.Params()[0].Value
	w[0] = math.Nextafter32(w[0], 1)
	if m.Hash() == want {
		t.Errorf("the last bit of one weight does not change the hash")
	}
}

// crafted is a file with this metadata and tensors of zeros, for the tests of what is refused.
func crafted(metadata map[string]string, tensors ...safetensors.Tensor) []byte {
	var b bytes.Buffer
	w, err := safetensors.NewWriter(&b, metadata, tensors)
	if err != nil {
		panic(err)
	}
	for _, tensor := range tensors {
		n := 1
		for _, d := range tensor.Shape {
			n *= d
		}
		if err := w.WriteFloat32(make([]float32, n)); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

// metadata is that of small(t, "ab", "tanh", 2, 1) with one text replaced by another.
func metadata(t testing.TB, old, new string) map[string]string {
	t.Helper()
	text, err := json.Marshal(header{Format: 1, Network: rnn.Config{Cell: "elman", Activation: "tanh", Symbols: 2, Hidden: 2, Layers: 1}, Alphabet: alphabetOf(t, corpus.Chars, "ab")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s does not contain %s", text, old)
	}
	return map[string]string{"elman": strings.Replace(string(text), old, new, 1)}
}

func tensors(change func(ts []safetensors.Tensor) []safetensors.Tensor) []safetensors.Tensor {
	return change([]safetensors.Tensor{
		{Name: "rnn.weight_ih_l0", Shape: []int{2, 2}}, {Name: "rnn.bias_ih_l0", Shape: []int{2}},
		{Name: "rnn.weight_hh_l0", Shape: []int{2, 2}}, {Name: "rnn.bias_hh_l0", Shape: []int{2}},
		{Name: "decoder.weight", Shape: []int{2, 2}}, {Name: "decoder.bias", Shape: []int{2}},
	})
}

type damage struct {
	name string
	file []byte
	want string
}

func damaged(t testing.TB) []damage {
	same := func(ts []safetensors.Tensor) []safetensors.Tensor { return ts }
	whole := write(t, small(t, "ab", "tanh", 2, 1))
	biased := small(t, "ab", "tanh", 2, 1)
	biased.Network.Params()[3].Value[1] = 0.5
	return []damage{
		{"empty", nil, "0 bytes are too few for a safetensors file"},
		{"text", []byte("First Citizen:\nBefore we proceed any further, hear me speak.\n"), "header length 7584941881947220294 is above the limit of 100000000: no safetensors file"},
		{"cut", whole[:len(whole)-1], "tensors take 72 bytes, the file holds 71"},
		{"no metadata", crafted(nil, tensors(same)...), `no entry "elman" in the metadata: not a model of elman's`},
		{"metadata no JSON", crafted(map[string]string{"elman": "yes"}, tensors(same)...), "metadata: yes where { should be"},
		{"format 2", crafted(metadata(t, `"format":1`, `"format":2`), tensors(same)...), "metadata: format is 2, this program reads 1"},
		{"no format", crafted(metadata(t, `"format":1,`, ``), tensors(same)...), "metadata: format is 0, this program reads 1"},
		{"cell unknown", crafted(metadata(t, `"elman"`, `"jordan"`), tensors(same)...), `metadata: network: cell "jordan": there are elman, lstm, gru, mingru`},
		{"activation unknown", crafted(metadata(t, `"tanh"`, `"step"`), tensors(same)...), `metadata: network: activation "step": there are sigmoid, tanh, relu`},
		{"hidden 0", crafted(metadata(t, `"hidden":2`, `"hidden":0`), tensors(same)...), "metadata: network: hidden is 0, must be 1 to 32768"},
		{"hidden negative", crafted(metadata(t, `"hidden":2`, `"hidden":-2`), tensors(same)...), "metadata: network: hidden is -2, must be 1 to 32768"},
		{"hidden no number", crafted(metadata(t, `"hidden":2`, `"hidden":"2"`), tensors(same)...), "metadata: network.hidden: string where int should be"},
		{"hidden enormous", crafted(metadata(t, `"hidden":2`, `"hidden":30000`), tensors(same)...), "metadata: network: hidden 30000, layers 1 and 2 symbols make 3600480000 bytes of weights, the file has 72"},
		{"layers too many", crafted(metadata(t, `"layers":1`, `"layers":64`), tensors(same)...), "metadata: network: hidden 2, layers 64 and 2 symbols make 2064 bytes of weights, the file has 72"},
		{"layer missing", crafted(metadata(t, `"layers":1`, `"layers":2`), append(tensors(same), safetensors.Tensor{Name: "more", Shape: []int{4}})...), `tensor "rnn.weight_ih_l1" is missing`},
		{"symbols unlike the alphabet", crafted(metadata(t, `"symbols":2`, `"symbols":3`), tensors(same)...), "metadata: alphabet: 2 symbols, want 3"},
		{"alphabet unlike the symbols", crafted(metadata(t, `["a","b"]`, `["a","b","c"]`), tensors(same)...), "metadata: alphabet: 3 symbols, want 2"},
		{"alphabet out of order", crafted(metadata(t, `["a","b"]`, `["b","a"]`), tensors(same)...), `metadata: alphabet: symbols "b" and "a" are out of order`},
		{"alphabet of numbers", crafted(metadata(t, `["a","b"]`, `["a",1]`), tensors(same)...), "metadata: alphabet: symbols: 1 where a string should be"},
		{"no alphabet", crafted(metadata(t, `"alphabet":{"kind":"chars","symbols":["a","b"]},`, ``), tensors(same)...), "metadata: alphabet is missing"},
		{"field unknown", crafted(metadata(t, `"activation"`, `"activatiom"`), tensors(same)...), `metadata: unknown field "activatiom"`},
		{"field twice", crafted(metadata(t, `"hidden":2`, `"hidden":3,"hidden":2`), tensors(same)...), `metadata: "hidden" is there twice`},
		{"field twice, in capitals", crafted(metadata(t, `"hidden":2`, `"hidden":3,"HIDDEN":2`), tensors(same)...), `metadata: unknown field "HIDDEN"`},
		{"field twice, escaped", crafted(metadata(t, `"kind":`, `"kind":"bytes","\u006bind":`), tensors(same)...), `metadata: unknown field "kind"`},
		{"metadata cut", crafted(metadata(t, `"summary":{}}`, ``), tensors(same)...), "metadata: ends in the middle"},
		{"metadata no object", crafted(map[string]string{"elman": "[]"}, tensors(same)...), "metadata: '[' where { should be"},
		{"something behind the metadata", crafted(metadata(t, `"summary":{}}`, `"summary":{}}{}`), tensors(same)...), "metadata: something follows the closing }"},
		{"tensor missing", crafted(metadata(t, "", ""), tensors(func(ts []safetensors.Tensor) []safetensors.Tensor { return ts[:5] })...), `tensor "decoder.bias" is missing`},
		{"matrix missing", crafted(metadata(t, "", ""), tensors(func(ts []safetensors.Tensor) []safetensors.Tensor { return ts[:4] })...), `tensor "decoder.weight" is missing`},
		{"tensor unknown", crafted(metadata(t, "", ""), tensors(func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, safetensors.Tensor{Name: "rnn.weight_ih_l1", Shape: []int{2, 2}})
		})...), "7 tensors, want the 6 of the network"},
		{"bias too short", crafted(metadata(t, "", ""), tensors(func(ts []safetensors.Tensor) []safetensors.Tensor {
			ts[1].Shape = []int{1}
			return ts
		})...), `tensor "rnn.bias_ih_l0": shape [1], want [2]`},
		{"matrix of more gates", crafted(metadata(t, "", ""), tensors(func(ts []safetensors.Tensor) []safetensors.Tensor {
			ts[2].Shape = []int{8, 2}
			return ts
		})...), `tensor "rnn.weight_hh_l0": shape [8 2], want [2 2]`},
		{"matrix of three dimensions", crafted(metadata(t, "", ""), tensors(func(ts []safetensors.Tensor) []safetensors.Tensor {
			ts[4].Shape = []int{2, 2, 1}
			return ts
		})...), `tensor "decoder.weight": shape [2 2 1], want [2 2]`},
		{"second bias", write(t, biased), `tensor "rnn.bias_hh_l0": must be zero, the elman cell has no use for a second bias`},
	}
}

func TestDamagedFiles(t *testing.T) {
	for _, tt := range damaged(t) {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readMeasured(t, tt.name, tt.file)
			if fmt.Sprint(err) != tt.want {
				t.Errorf("error %v\n want %s", err, tt.want)
			}
		})
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
		{os.DevNull, "is no regular file"},
	} {
		if runtime.GOOS == "windows" && tt.path != folder && tt.path != text {
			continue // words it otherwise
		}
		want := fmt.Sprintf("model %s: %s", tt.path, tt.want)
		if _, err := Load(tt.path); fmt.Sprint(err) != want {
			t.Errorf("Load: error %v, want %s", err, want)
		}
		if _, err := HashFile(tt.path); fmt.Sprint(err) != want {
			t.Errorf("HashFile: error %v, want %s", err, want)
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
		if _, err := readMeasured(t, new, withHeader(t, file, old, new)); err == nil {
			t.Errorf("%s is read", new)
		}
	}
}
