package torch

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/rnn"
)

// golden is what testdata/make.py kept: the characters of the rows, and the logits of each checkpoint, [len(ids) x V], from a state of
// zero.
type golden struct {
	Chars  string
	Logits map[string]struct {
		IDs    []int32
		Logits []float64
	}
}

func readGolden(t testing.TB) (g golden) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// checkpoints are the files that PyTorch wrote, with what they need to be read, and what becomes of them.
var checkpoints = []struct {
	file     string
	options  func(*Options)
	config   rnn.Config
	alphabet string // where it was found
	parts    string
}{
	{"lstm.pt", withChars, rnn.Config{Cell: "lstm", Hidden: 6, Layers: 2, Embedding: 5}, "", "embedding=encoder rnn=rnn decoder=decoder"},
	{"gru-checkpoint.pt", nil, rnn.Config{Cell: "gru", Hidden: 6, Layers: 2, Embedding: 5}, "chars",
		"embedding=model_state_dict.module.encoder rnn=model_state_dict.module.rnn decoder=model_state_dict.module.decoder"},
	{"onehot.pt", nil, rnn.Config{Cell: "lstm", Hidden: 6, Layers: 1}, "tokens", "rnn=state_dict.rnn decoder=state_dict.decoder"},
	{"rnn-relu.safetensors", func(o *Options) { o.Activation = "relu" },
		rnn.Config{Cell: "elman", Activation: "relu", Hidden: 6, Layers: 1, Embedding: 5}, "stoi", "embedding=encoder rnn=rnn decoder=decoder"},
	{"tied.safetensors", withChars, rnn.Config{Cell: "gru", Hidden: 6, Layers: 1, Embedding: 6, Tie: true}, "", "embedding=encoder rnn=rnn"},
	{"tied.pt", nil, rnn.Config{Cell: "gru", Hidden: 6, Layers: 1, Embedding: 6, Tie: true}, "vocab.stoi",
		"embedding=model.encoder rnn=model.rnn decoder=model.decoder"},
	{"half.pt", withChars, rnn.Config{Cell: "lstm", Hidden: 6, Layers: 1, Embedding: 5}, "", "embedding=encoder rnn=rnn decoder=decoder"},
	{"bf16.safetensors", withChars, rnn.Config{Cell: "gru", Hidden: 6, Layers: 1, Embedding: 5}, "", "embedding=encoder rnn=rnn decoder=decoder"},
	{"double.pt", withChars, rnn.Config{Cell: "elman", Activation: "tanh", Hidden: 6, Layers: 1, Embedding: 5}, "",
		"embedding=encoder rnn=rnn decoder=decoder"},
	{"names.pt", func(o *Options) { withChars(o); o.Map = []Mapping{{"decoder", "c"}} },
		rnn.Config{Cell: "lstm", Hidden: 6, Layers: 1, Embedding: 6}, "", "embedding=a rnn=net.b decoder=c"},
	{"cells.pt", nil, rnn.Config{Cell: "lstm", Hidden: 6, Layers: 2, Embedding: 5}, "itos", "embedding=state.emb rnn=state.cells decoder=state.out"},
	{"two.pt", withChars, rnn.Config{Cell: "lstm", Hidden: 6, Layers: 2}, "", "rnn=lstm decoder=fc"},
	{"apart.pt", withChars, rnn.Config{Cell: "gru", Hidden: 6, Layers: 2, Embedding: 5}, "", "embedding=encoder rnn=gru decoder=decoder"},
	{"whole.pt", nil, rnn.Config{Cell: "elman", Activation: "relu", Hidden: 6, Layers: 1, Embedding: 5}, "chars",
		"embedding=encoder rnn=rnn decoder=decoder"},
}

var chars string // of the golden file, for withChars

func withChars(o *Options) { o.Alphabet = []byte(chars) }

func TestLogitsAreThoseOfPyTorch(t *testing.T) {
	g := readGolden(t)
	chars = g.Chars
	if len(checkpoints) != len(g.Logits) {
		t.Errorf("%d checkpoints of %d are tried", len(checkpoints), len(g.Logits))
	}
	for _, tt := range checkpoints {
		var o Options
		if tt.options != nil {
			tt.options(&o)
		}
		made, err := Load(filepath.Join("testdata", tt.file), o)
		if err != nil {
			t.Error(err)
			continue
		}
		want := tt.config
		want.Symbols = len(chars)
		if got := made.Network.Config(); got != want {
			t.Errorf("%s: network %+v, want %+v", tt.file, got, want)
		}
		if got := partsText(made); got != tt.parts || made.Alphabet != tt.alphabet {
			t.Errorf("%s: parts %s and alphabet %q, want %s and %q", tt.file, got, made.Alphabet, tt.parts, tt.alphabet)
		}
		compareLogits(t, tt.file, made, g)
	}
}

func partsText(made *Import) string {
	var parts []string
	for _, p := range made.Parts {
		parts = append(parts, p.Ours+"="+p.Theirs)
	}
	return strings.Join(parts, " ")
}

// compareLogits compares the logits of the symbols that the rows of the file stand for.
func compareLogits(t *testing.T, file string, made *Import, g golden) {
	t.Helper()
	ours := make([]int32, len(g.Chars)) // symbol of each row
	for row, c := range g.Chars {
		ids, err := made.Model.Alphabet.Encode(string(c))
		if err != nil || len(ids) != 1 {
			t.Fatalf("%s: %q is read as %v, %v", file, c, ids, err)
		}
		ours[row] = ids[0]
	}
	want := g.Logits[file]
	x := make([]int32, len(want.IDs))
	for i, id := range want.IDs {
		x[i] = ours[id]
	}
	w := made.Network.NewWindow(len(x), 1, nil)
	w.Forward(x)
	got := w.Logits()
	if len(got) != len(want.Logits) {
		t.Fatalf("%s: %d logits, PyTorch has %d", file, len(got), len(want.Logits))
	}
	V := len(ours)
	worst := 0.0
	for i, l := range want.Logits {
		worst = max(worst, math.Abs(float64(got[i/V*V+int(ours[i%V])])-l))
	}
	if !(worst <= 1e-5) {
		t.Errorf("%s: a logit differs by %g from PyTorch's, want at most 1e-5", file, worst)
	}
	t.Logf("%s: %.2g", file, worst)
}
