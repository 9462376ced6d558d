package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestScoreOfExploded: what a model needs that is too much to add up is told as a bound, never as a number that wrapped.
func TestScoreOfExploded(t *testing.T) {
	text := strings.Repeat("abc\n", 50)
	c, err := corpus.New(corpus.FromBytes("text", []byte(text)), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range network.Params() {
		if p.Name == "decoder.bias" {
			p.Value[0] = 1e38
		}
	}
	network.Updated()
	folder := t.TempDir()
	file := filepath.Join(folder, "exploded")
	if err := (&model.Model{Network: network, Alphabet: c.Alphabet}).Save(file); err != nil {
		t.Fatal(err)
	}
	reference := filepath.Join(folder, "reference")
	if err := os.WriteFile(reference, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	const most = "549755813888"
	for _, tt := range []struct{ args, want string }{
		{"", ": 200 symbols, at least " + most + ".00 bits; 2748779069.4400 bits per character, 2748779069.4400 per byte, perplexity above 1e+308"},
		{"--format json", `"bits":` + most + `,"at_least":true,`},
		{"--per line", ">=" + most + ".00"},
		{"--per symbol", ">=" + most + ".000  \"a\""},
		{"--per symbol --format json", `"symbol":"a","bits":` + most + `,"at_least":true}`},
		{"--per symbol --format csv", ",a,5.49755813888e+11,true,,"},
		{"--per line --reference " + reference + " --documents line --format json", `"excess":` + most + `,"z":0,"rank":0,`},
		{"--per line --format csv", ",5.49755813888e+11,true,1.37438953472e+11,1.37438953472e+11,1.7976931348623157e+308,"},
	} {
		score := exec.Command("elman", append([]string{"score", file, "-"}, strings.Fields(tt.args)...)...)
		score.Stdin = strings.NewReader(text)
		if out, err := score.CombinedOutput(); err != nil || !strings.Contains(string(out), tt.want) || strings.Contains(string(out), "-5") {
			t.Errorf("score %s: %v\n%s\nwant %s", tt.args, err, out, tt.want)
		}
	}
}
