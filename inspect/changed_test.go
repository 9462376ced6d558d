package inspect

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// TestTextChanges truncates a text that is being inspected, and that is too large to be held in memory.
func TestTextChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat(verse, 17<<20/len(verse))), 0o666); err != nil {
		t.Fatal(err)
	}
	text, err := corpus.Open(t.Context(), []string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	m := verseModel(t, corpus.Options{}, rnn.Config{Cell: "elman", Hidden: 3})
	_, err = Read(context.Background(), m, text, score.Extras{}, onlooker(func(c *Chunk) error {
		if c.First == 0 {
			return os.Truncate(path, 2000)
		}
		return nil
	}))
	if !errors.Is(err, corpus.ErrChanged) || !strings.HasPrefix(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}
