package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFits: help is at most proseWidth columns wide as it is written, and that of train is short enough to be read.
func TestHelpFits(t *testing.T) {
	e := &env{stdout: io.Discard, stderr: io.Discard}
	for _, c := range e.root().Commands() {
		args := []string{c.Name(), "--help"}
		var out bytes.Buffer
		if code := Main(args, strings.NewReader(""), &out, io.Discard); code != exitOK {
			t.Errorf("elman %v: exit code %d", args, code)
		}
		lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
		if c.Name() == "completion" {
			continue // cobra's
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > proseWidth {
				t.Errorf("elman %v: %d columns, at most %d wanted: %s", args, n, proseWidth, line)
			}
		}
		if c.Name() == "train" && len(lines) > 98 {
			t.Errorf("elman %v: %d lines, at most 98 wanted", args, len(lines))
		}
	}
}
