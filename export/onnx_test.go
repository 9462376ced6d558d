package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// numSettings is how many settings of networks are tried.
const numSettings = 60

// TestCellsInONNX makes sure that none is forgotten.
func TestCellsInONNX(t *testing.T) {
	for _, c := range rnn.Cells() {
		if onnxCells[c.Name].step == nil {
			t.Errorf("the %s cell has no line in onnxCells", c.Name)
		}
		for _, f := range c.Activations {
			if activations[f] == "" {
				t.Errorf("the activation %s has no line in activations", f)
			}
		}
	}
}

// write returns the file of a model.
func write(t *testing.T, m *model.Model, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeONNX(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestONNXOfAllSettings checks the form of files with and without states.
func TestONNXOfAllSettings(t *testing.T) {
	for i, c := range drawSettings(numSettings) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("the network: %+v", c)
				}
			}()
			m := randomModel(c, uint64(i))
			logits := "logits"
			if c.Codes > 0 {
				logits = "codes"
			}
			inputs, outputs, _ := checkFile(t, write(t, m, Options{}))
			if fmt.Sprint(inputs, outputs) != fmt.Sprintf("[symbols] [%s]", logits) {
				t.Errorf("inputs %v and outputs %v", inputs, outputs)
			}
			inputs, outputs, _ = checkFile(t, write(t, m, Options{State: true}))
			states := statesOf(m)
			for i, name := range append([]string{"symbols"}, states...) {
				if i >= len(inputs) || inputs[i] != name {
					t.Errorf("inputs %v, want symbols and %v", inputs, states)
					break
				}
			}
			for i, name := range states {
				if outputs[0] != logits || len(outputs) != len(states)+1 || outputs[i+1] != name+"_out" {
					t.Errorf("outputs %v of the states %v", outputs, states)
					break
				}
			}
		})
	}
}

// statesOf returns the names of the states that a file should have, in the order of rnn.Window.State but for begun.
func statesOf(m *model.Model) (names []string) {
	c := m.Network.Config()
	if c.LearnInitial {
		names = append(names, "begun")
	}
	for l := range c.Layers {
		if c.Conv > 0 {
			names = append(names, fmt.Sprintf("conv_l%d", l))
		}
		names = append(names, fmt.Sprintf("h_l%d", l))
		if c.Cell == "lstm" {
			names = append(names, fmt.Sprintf("c_l%d", l))
		}
	}
	return names
}

// TestSameFile: the same model gives the same bytes, everywhere and next year.
func TestSameFile(t *testing.T) {
	m := randomModel(rnn.Config{Cell: "lstm", Symbols: 9, Hidden: 5, Layers: 2, Embedding: 5, Tie: true, Conv: 3, LearnInitial: true}, 1)
	sum := sha256.Sum256(write(t, m, Options{State: true}))
	if got, want := hex.EncodeToString(sum[:]), "7aad34cdd1c7b01f1dd7eabfda789aa5244af3ec6301d7be6f885122c27d9601"; got != want {
		t.Errorf("the file has the SHA-256 %s, want %s", got, want)
	}
}

// TestTooLarge: a file of 2 GB and more would be no ONNX, whether its weights are that large or what is beside them.
func TestTooLarge(t *testing.T) {
	m := randomModel(rnn.Config{Symbols: 9, Hidden: 5}, 1)
	weights := int64(0)
	for _, p := range m.Network.Params() {
		weights += 4 * int64(p.Len())
	}
	for _, most := range []int64{weights - 1, weights} {
		if _, err := encodeONNX(m, Options{}, most); err == nil || !strings.HasSuffix(err.Error(), "GB, an ONNX file holds 2; export a smaller model") {
			t.Errorf("%d bytes of weights in a file of %d: %v", weights, most, err)
		}
	}
}

// TestForRuntimes writes files for other programs, and beside them what the networks make of some symbols, into the folder
// that the environment names. Package e2e runs it.
func TestForRuntimes(t *testing.T) {
	folder := os.Getenv("ELMAN_EXPORT_TO")
	if folder == "" {
		t.Skip("ELMAN_EXPORT_TO names no folder; package e2e does")
	}
	var cases []map[string]any
	for i, c := range drawSettings(numSettings) {
		m := randomModel(c, uint64(i))
		name := fmt.Sprint(i)
		save := func(suffix string, b []byte) {
			if err := os.WriteFile(filepath.Join(folder, name+suffix), b, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		save(".onnx", write(t, m, Options{State: true}))
		save(".whole.onnx", write(t, m, Options{}))
		symbols, logits := reference(m, uint64(i))
		save(".logits", safetensors.AppendFloat32(nil, logits))
		cases = append(cases, map[string]any{"name": name, "network": c, "symbols": symbols})
	}
	b, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "cases.json"), b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// The text that networks read: time steps, streams, and the stream that begins anew in the middle.
const (
	steps     = 500
	streams   = 7
	restarted = 3
)

// reference returns random symbols, [steps][streams], and the logits that they make.
func reference(m *model.Model, seed uint64) (symbols []int32, logits []float32) {
	r := random.New(seed, "symbols", 0)
	for range steps * streams {
		symbols = append(symbols, int32(r.IntN(m.Alphabet.Size())))
	}
	w := m.Network.NewWindow(steps/2, streams, nil)
	for half := range 2 {
		w.Forward(symbols[half*len(symbols)/2:][:len(symbols)/2])
		out := w.Logits()
		if m.Network.Config().Codes > 0 {
			out = w.CodeOutputs()
		}
		logits = append(logits, out...)
		w.SetStreamState(restarted, make([]float32, w.StateLen()/streams))
	}
	return symbols, logits
}
