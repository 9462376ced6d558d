package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScoringMistakes: what scoring cannot do is said before anything is measured.
func TestScoringMistakes(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	model := filepath.Join("..", "browser", "play.safetensors")
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"scoring takes a model and a text of lines", []string{model}},
		{"-rounds must be positive", []string{"-rounds", "0", model, file("two", "a\nb\n")}},
		{"no such file", []string{model, filepath.Join(folder, "none")}},
		{"has 1 lines, at least 2 are needed", []string{model, file("one", "\na\n\n")}},
		{"model " + file("text", "a"), []string{file("text", "a"), file("two", "a\nb\n")}},
		{"elman export: ", []string{"-elman", filepath.Join(folder, "no-program"), model, file("two", "a\nb\n")}},
	} {
		if err := scoring(t.Context(), tt.args); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("scoring %q: error %v, want %q", tt.args, err, tt.want)
		}
	}
}
