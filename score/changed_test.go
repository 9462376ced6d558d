package score

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
)

// largeText opens a file that is too large to be held in memory.
func largeText(t *testing.T) (text *corpus.Text, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "large.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat(verse, 17<<20/len(verse))), 0o666); err != nil {
		t.Fatal(err)
	}
	text, err := corpus.Open(t.Context(), []string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(text.Close)
	return text, path
}

func checkChanged(t *testing.T, what, path string, err error) {
	t.Helper()
	if !errors.Is(err, corpus.ErrChanged) || !strings.HasPrefix(err.Error(), path) {
		t.Errorf("%s of a text that was truncated: error %v", what, err)
	}
}

// TestTextChanges truncates a text that is being scored, and one that was to be.
func TestTextChanges(t *testing.T) {
	text, path := largeText(t)
	m := untrained(t, corpus.Options{})
	read := 0
	err := New(m, Extras{}).Feed(context.Background(), m.Alphabet.Feed(text, m.Documents), func(Symbol) error {
		if read++; read == 1000 {
			return os.Truncate(path, 2000)
		}
		return nil
	})
	if checkChanged(t, "score", path, err); read < 2000 {
		t.Errorf("%d symbols were scored", read)
	}
	text, path = largeText(t)
	c, err := corpus.WithAlphabet(text, m.Alphabet, corpus.Options{Valid: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 2000); err != nil {
		t.Fatal(err)
	}
	_, err = Evaluate(context.Background(), []Candidate{{Name: "m", Model: m}}, c, VerdictOptions{})
	checkChanged(t, "Evaluate", path, err)
}
