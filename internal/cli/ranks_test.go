package cli_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/cli"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// TestMainWith: trainings, their plans and the search for a rate take the windows that they are given.
func TestMainWith(t *testing.T) {
	for _, args := range [][]string{{"--steps-total", "1"}, {"--time", "10s"}, {"--plan"}, {"--find-lr"}} {
		asked := 0
		window := func(*rnn.Network, rnn.WindowUse, *f32.Pool) (train.Window, error) {
			asked++
			return nil, errors.New("nobody is there")
		}
		var out, messages bytes.Buffer
		args = append([]string{"train", "--language", "letters", "--size", "3000", "--hidden", "4", "--out", filepath.Join(t.TempDir(), "run.png")}, args...)
		if code := cli.MainWith(window, args, strings.NewReader(""), &out, &messages); code != 1 || asked != 1 || !strings.HasSuffix(messages.String(), "elman: nobody is there\n") {
			t.Errorf("%v: exit code %d, asked %d times for a window:\n%s", args, code, asked, messages.String())
		}
	}
}
