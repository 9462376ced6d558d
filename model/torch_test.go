package model

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Logits of PyTorch 1.13 for smallOf's models of "abcd" with 3 hidden units and 2 layers, for the one-hot symbols 0 1 2 3 1
// from a state of zero: bench/torch_interchange.py logits FILE 0 1 2 3 1, which loads the files by load_state_dict. The test
// writes them to the folder ELMAN_KEEP_MODELS.
var torch = []struct {
	config rnn.Config
	logits []float32
}{
	{rnn.Config{Cell: "elman", Activation: "tanh"}, []float32{
		-0.2362478, 0.1530649, -0.4606671, -0.06439915,
		-0.4529814, 0.266993, -0.4767888, -0.2105707,
		-0.2280069, 0.04906394, -0.5853198, -0.2097034,
		-0.342734, 0.1529624, -0.5355383, -0.214039,
		-0.3932572, 0.1897544, -0.5285706, -0.2368956,
	}},
	{rnn.Config{Cell: "elman", Activation: "relu"}, []float32{
		-0.21145, 0.198172, -0.398368, 0.015092,
		-0.1489882, 0.226299, -0.4084138, -0.03312664,
		-0.1988544, 0.2057658, -0.3996139, 0.005006317,
		-0.1768003, 0.2148469, -0.4035058, -0.0118586,
		-0.1672167, 0.2187931, -0.4051971, -0.0191872,
	}},
	{rnn.Config{Cell: "lstm"}, []float32{
		0.2938539, -0.3488128, 0.01852047, 0.4030412,
		0.2732069, -0.37334, -0.009886853, 0.4039126,
		0.261115, -0.3859646, -0.02304419, 0.4001139,
		0.2525972, -0.3939277, -0.03045255, 0.4000079,
		0.244888, -0.4027406, -0.04036921, 0.4054401,
	}},
	{rnn.Config{Cell: "gru"}, []float32{
		0.4421072, -0.1914809, 0.06964047, -0.5639476,
		0.4700828, -0.131774, 0.0003903657, -0.6014664,
		0.4765742, -0.1161538, -0.0414065, -0.6341345,
		0.4696389, -0.1299632, -0.06018661, -0.6597887,
		0.484165, -0.09459743, -0.07431306, -0.6530755,
	}},
	{rnn.Config{Cell: "gru", Embedding: 2}, []float32{
		-0.2388771, 0.1559653, 0.3798335, -0.2353241,
		-0.2375831, 0.1817359, 0.2988218, -0.2918592,
		-0.238253, 0.1879407, 0.2740588, -0.3097475,
		-0.2387824, 0.1877577, 0.2677417, -0.3157182,
		-0.2362938, 0.1996233, 0.2464558, -0.3276271,
	}},
	{rnn.Config{Cell: "lstm", Embedding: 3, Tie: true}, []float32{
		-0.1089663, 0.2572754, -0.3633879, 0.002853826,
		-0.1296576, 0.234778, -0.3715122, -0.007076565,
		-0.1446156, 0.2187741, -0.3689588, -0.005569089,
		-0.1535814, 0.2094199, -0.3664411, -0.003439784,
		-0.1574319, 0.2056637, -0.3710123, -0.007916672,
	}},
}

func TestLogitsAgreeWithPyTorch(t *testing.T) {
	for _, tt := range torch {
		tt.config.Hidden, tt.config.Layers = 3, 2
		name := fmt.Sprint(tt.config.Cell, tt.config.Activation, tt.config.Embedding)
		file := write(t, smallOf(t, "abcd", tt.config))
		if dir := os.Getenv("ELMAN_KEEP_MODELS"); dir != "" { // for the script
			if err := os.WriteFile(filepath.Join(dir, name+".safetensors"), file, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		m, err := read(file)
		if err != nil {
			t.Fatal(err)
		}
		checkLogits(t, name, m, []int32{0, 1, 2, 3, 1}, tt.logits)
	}
}

// TestModelsOfPyTorch reads files that bench/torch_interchange.py made of torch.nn's own weights, with its logits.
func TestModelsOfPyTorch(t *testing.T) {
	for _, cell := range []string{"lstm", "gru"} {
		path := filepath.Join("testdata", "torch-"+cell+".safetensors")
		m, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if c := m.Network.Config(); c.Cell != cell || c.Hidden != 5 || c.Layers != 2 {
			t.Errorf("%s holds %+v", path, c)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		file, err := safetensors.Open(f, info.Size())
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Symbols []int32     `json:"symbols"`
			Logits  [][]float32 `json:"logits"`
		}
		text, _ := file.Metadata("pytorch")
		if err := json.Unmarshal([]byte(text), &golden); err != nil {
			t.Fatal(err)
		}
		var logits []float32
		for _, row := range golden.Logits {
			logits = append(logits, row...)
		}
		checkLogits(t, path, m, golden.Symbols, logits)
	}
}

func checkLogits(t *testing.T, name string, m *Model, x []int32, want []float32) {
	t.Helper()
	w := m.Network.NewWindow(len(x), 1, nil)
	w.Forward(x)
	got := w.Logits()
	if len(got) != len(want) {
		t.Errorf("%s: %d logits, PyTorch has %d", name, len(got), len(want))
		return
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= 1e-6) { // a few roundings of values around 1
			t.Errorf("%s: logits %v\nPyTorch has %v", name, got, want)
			return
		}
	}
}
