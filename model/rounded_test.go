package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// roundedOf returns smallOf, rounded.
func roundedOf(t testing.TB, text string, c rnn.Config, p rnn.Precision) *Model {
	t.Helper()
	m, err := smallOf(t, text, c).Round(p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shapes are networks with weights of every kind.
func shapes() []rnn.Config {
	return []rnn.Config{
		{Cell: "elman", Hidden: 17, Layers: 2}, {Cell: "lstm", Hidden: 9, LayerNorm: true, LearnInitial: true}, {Cell: "gru", Hidden: 70},
		{Cell: "mingru", Hidden: 8, Block: true, Conv: 3}, {Cell: "lstm", Hidden: 12, Embedding: 12, Tie: true},
	}
}

// TestRoundedRoundTrip writes and reads rounded models. Of their files a program that knows safetensors alone can read the
// weights.
func TestRoundedRoundTrip(t *testing.T) {
	for _, p := range rnn.Precisions() {
		for _, c := range shapes() {
			m := roundedOf(t, "naïve\n\"<世界>", c, p)
			file := write(t, m)
			got, err := readMeasured(t, fmt.Sprint(p, c), file)
			if err != nil {
				t.Fatalf("%v %+v: %v", p, c, err)
			}
			if got.Network.Config() != m.Network.Config() || got.Hash() != m.Hash() || !bytes.Equal(write(t, got), file) {
				t.Errorf("%v %+v: read as another model", p, c)
			}
			for i, w := range m.Network.Params() {
				for j, v := range got.Network.Params()[i].Value {
					if math.Float32bits(v) != math.Float32bits(w.Value[j]) {
						t.Fatalf("%v %+v: %s[%d] is %v, want %v", p, c, w.Name, j, v, w.Value[j])
					}
				}
			}
			compareTensors(t, file, m)
		}
	}
}

// compareTensors compares the tensors of a file with a model, as its documentation has it.
func compareTensors(t *testing.T, b []byte, m *Model) {
	t.Helper()
	file, err := safetensors.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	raw := func(name string) []byte {
		var b bytes.Buffer
		if err := file.Copy(&b, name); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, p := range m.Network.Params() {
		want, values := make([]float32, p.Len()), raw(p.Name)
		toFile(want, p, 0)
		for i, w := range want {
			got := float32(0)
			switch p.Precision {
			case rnn.BF16:
				got = math.Float32frombits(uint32(binary.LittleEndian.Uint16(values[2*i:])) << 16)
			case rnn.Int8:
				scales := raw(p.Name + "_scale")
				scale := binary.LittleEndian.Uint32(scales[i/(len(want)/(len(scales)/4))*4:])
				got = float32(int8(values[i])) * math.Float32frombits(scale)
			default:
				got = math.Float32frombits(binary.LittleEndian.Uint32(values[4*i:]))
			}
			if got != w {
				t.Fatalf("%s: weight %d of the file is %v, want %v", p.Name, i, got, w)
			}
		}
	}
}

// TestRoundedHash computes the hash as its documentation has it. The three precisions have three hashes, even of weights that
// no rounding changes.
func TestRoundedHash(t *testing.T) {
	m := small(t, "ab", "tanh", 2, 1)
	for _, p := range m.Network.Params() {
		for i := range p.Value {
			if !p.Frozen {
				p.Value[i] = 1
			}
		}
	}
	hashes := map[string]bool{m.Hash(): true}
	for _, p := range rnn.Precisions() {
		r, err := m.Round(p)
		if err != nil {
			t.Fatal(err)
		}
		hashes[r.Hash()] = true
	}
	if len(hashes) != 3 {
		t.Errorf("%d hashes of three models", len(hashes))
	}
	r, err := m.Round(rnn.Int8)
	if err != nil {
		t.Fatal(err)
	}
	const scale = "\x00\x03\x01\x3c" // 1/127, rounded up to 16 bits
	matrix := func(name string) string {
		return name + " I8 [2 2]\n\x7f\x7f\x7f\x7f" + name + "_scale [2]\n" + scale + scale
	}
	one := strings.Repeat("\x00\x00\x80\x3f", 2)
	if weights := m.Network.Params(); weights[1].Value[0] != 1 || r.Network.Params()[0].Scales()[0] != math.Float32frombits(0x3c010300) {
		t.Fatal("the weights are not what the test takes them for")
	}
	want := sha256.Sum256([]byte(matrix("rnn.weight_ih_l0") + "rnn.bias_ih_l0 [2]\n" + one + matrix("rnn.weight_hh_l0") +
		"rnn.bias_hh_l0 [2]\n" + strings.Repeat("\x00", 8) + matrix("decoder.weight") + "decoder.bias [2]\n" + one))
	if got := r.Hash(); got != fmt.Sprintf("%x", want) {
		t.Errorf("Hash() = %s, want %x", got, want)
	}
}

// hostileRounded are files that somebody wrote with numbers which rounding cannot have made.
func hostileRounded(t testing.TB) []damage {
	whole := write(t, roundedOf(t, "ab", rnn.Config{Hidden: 2}, rnn.Int8))
	file, err := safetensors.Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { // where a tensor begins
		var b bytes.Buffer
		if err := file.Copy(&b, name); err != nil {
			t.Fatal(err)
		}
		return headerEnd(whole) + bytes.Index(whole[headerEnd(whole):], b.Bytes())
	}
	weights, scales := at("decoder.weight"), at("decoder.weight_scale")
	change := func(f func(b []byte)) []byte {
		b := bytes.Clone(whole)
		f(b)
		return sealed(t, b)
	}
	scale := func(bits uint32) []byte {
		return change(func(b []byte) { binary.LittleEndian.PutUint32(b[scales+4:], bits) })
	}
	header := func(old, new string) []byte { return sealed(t, withHeader(t, whole, old, new)) }
	const wrong = `tensor "decoder.weight_scale": scale 1 is `
	bf16 := write(t, roundedOf(t, "ab", rnn.Config{Hidden: 2}, rnn.BF16))
	return []damage{
		{"scale NaN", scale(0x7fc00000), `tensor "decoder.weight": weight 2 is NaN`},
		{"scale infinite", scale(0x7f800000), `tensor "decoder.weight": weight 2 is `},
		{"scale negative", scale(0xbc010300), wrong},
		{"scale -0", scale(0x80000000), `tensor "decoder.weight": weight 2 is not 0, its scale is`},
		{"scale of 24 bits", scale(0x3c010301), wrong},
		{"scale below the smallest", scale(1), wrong},
		{"a row of small numbers", change(func(b []byte) { b[weights+2], b[weights+3] = 3, 4 }), wrong},
		{"a row of zeros with a scale", change(func(b []byte) { b[weights+2], b[weights+3] = 0, 0 }), wrong},
		{"-128", change(func(b []byte) { b[weights+2] = 0x80 }), wrong},
		{"no scales", header(`"decoder.weight_scale"`, `"decoder.weight_sc"`), `tensor "decoder.weight_sc" does not belong to the network`},
		{"another precision", header(`\"int8\"`, `\"bf16\"`), `tensor "decoder.weight": dtype I8, want F32`},
		{"an unknown precision", header(`\"int8\"`, `\"int4\"`), `tensor "decoder.weight": dtype I8, want F32`},
		{"no precision", header(`,\"precision\":\"int8\"`, ``), `tensor "decoder.weight": dtype I8, want F32`},
		{"bf16 infinite", sealed(t, withWeight(t, bf16, "decoder.weight", "\x80\x7f")), `tensor "decoder.weight": weight 0 is +Inf`},
	}
}

// withWeight replaces the first bytes of a tensor.
func withWeight(t testing.TB, whole []byte, name, with string) []byte {
	t.Helper()
	file, err := safetensors.Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	var was bytes.Buffer
	if err := file.Copy(&was, name); err != nil {
		t.Fatal(err)
	}
	b := bytes.Clone(whole)
	copy(b[headerEnd(b)+bytes.Index(b[headerEnd(b):], was.Bytes()):], with)
	return b
}

func TestHostileRoundedFiles(t *testing.T) {
	for _, tt := range hostileRounded(t) {
		_, err := readMeasured(t, tt.name, tt.file)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// TestFlippedBitsOfRounded is TestFlippedBits for rounded models.
func TestFlippedBitsOfRounded(t *testing.T) {
	for _, p := range rnn.Precisions() {
		whole := write(t, roundedOf(t, "ab", rnn.Config{Cell: "gru", Hidden: 2}, p))
		for bit := 0; bit < 8*len(whole); bit += 5 {
			b := bytes.Clone(whole)
			b[bit/8] ^= 1 << (bit % 8)
			what := fmt.Sprintf("%v: bit %d of byte %d", p, bit%8, bit/8)
			if got, err := readMeasured(t, what, b); err == nil && !bytes.Equal(write(t, got), whole) {
				t.Errorf("%s: read as another model", what)
			}
		}
	}
}
