package cli_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestStopOfNoText: a stop text that can never appear is a mistake on the command line.
func TestStopOfNoText(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("text", []byte(strings.Repeat("abc\n", 50))), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "model")
	if err := (&model.Model{Network: network, Alphabet: c.Alphabet}).Save(file); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--stop", "\xff"}, {"--prompt", "\xff", "--utf8"}} {
		out, err := exec.Command("elman", append([]string{"sample", file}, args...)...).CombinedOutput()
		want := "elman: " + args[0] + ` is "\xff", which is not valid UTF-8`
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.HasPrefix(string(out), want) {
			t.Errorf("%q: %v, %s\nwant exit code 2, %s", args, err, out, want)
		}
	}
}
