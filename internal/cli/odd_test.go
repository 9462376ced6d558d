package cli_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train"
)

// oddText is a text that people have and nobody thinks of.
type oddText struct {
	name, text string
	bad        int64 // the offset of the first byte that begins no character, -1 if the text is UTF-8
}

// oddTexts makes the texts when they are asked for: every program that a script runs would make these megabytes otherwise.
func oddTexts() []oddText {
	long := 1 << 16 // parts of a long line, together more than what is read at once
	if full {
		long = 1 << 18
	}
	return []oddText{
		{"characters of 4 bytes", strings.Repeat("😀𝄞 𐍈𠀀.", 30), -1},
		{"the last character there is", strings.Repeat("a\U0010ffff", 50), -1},
		{"combining marks and joiners", strings.Repeat("e\u0301👩\u200d👩\u200d👧 n\u0303", 20), -1},
		{"CR LF", strings.Repeat("one line\r\nand two\r\n", 20), -1},
		{"CR alone", strings.Repeat("one line\rand two\r", 20), -1},
		{"NUL bytes", strings.Repeat("a\x00b\x00\x00c ", 30), -1},
		{"NUL bytes alone", strings.Repeat("\x00", 200), -1},
		{"a BOM in front", "\ufeff" + strings.Repeat("text with a mark\n", 15), -1},
		{"one line of megabytes", strings.Repeat("no end of the line, ", long), -1},
		{"one word of a megabyte", strings.Repeat("word", 1<<18) + strings.Repeat(" and more", 30), -1},
		{"one character repeated", strings.Repeat("a", 500), -1},
		{"one character of 3 bytes repeated", strings.Repeat("世", 500), -1},
		{"spaces", strings.Repeat(" ", 500), -1},
		{"the replacement character", strings.Repeat("a\ufffdb ", 60), -1},
		{"UTF-16", strings.Repeat("a\x00b\x00", 100) + "\xff\xfe", 400},
		{"Latin 1", strings.Repeat("caf\xe9 ", 60), 3},
		{"a BOM of UTF-16", "\xff\xfe" + strings.Repeat("a\x00", 100), 0},
		{"ends within a character", strings.Repeat("世界 ", 50) + "\xe4\xb8", 350},
		{"ends within a character of 4 bytes", strings.Repeat("ab ", 100) + "\xf0\x9f\x98", 300},
		{"a surrogate", strings.Repeat("ab ", 100) + "\xed\xa0\x80" + strings.Repeat("ab ", 100), 300},
		{"an overlong NUL", strings.Repeat("ab ", 2000) + "\xc0\x80", 6000},
		{"beyond the last character", strings.Repeat("ab ", 100) + "\xf4\x90\x80\x80", 300},
		{"stray bytes", strings.Repeat("\x80\xbf", 100), 0},
	}
}

// TestOddTexts trains on each text with each kind of symbols, saves, loads and writes a sample: symbols of the text alone.
func TestOddTexts(t *testing.T) {
	for _, tt := range oddTexts() {
		for _, kind := range corpus.Kinds() {
			what := tt.name + ", " + string(kind)
			path := filepath.Join(t.TempDir(), "odd.txt")
			if err := os.WriteFile(path, []byte(tt.text), 0o666); err != nil {
				t.Fatal(err)
			}
			text, err := corpus.Open(t.Context(), []string{path}, nil)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			c, err := corpus.New(text, corpus.Options{Kind: kind, Valid: 0.1})
			if kind == corpus.Subwords && err == nil && c.Train().Len() < 6 { // one symbol may be most of the text
				text.Close()
				continue
			}
			if tt.bad >= 0 && !kind.OfBytes() {
				checkRefused(t, what, err, path, tt.bad)
			} else if err != nil {
				t.Errorf("%s: %v", what, err)
			} else {
				learnOdd(t, what, c, tt.text)
			}
			text.Close()
		}
	}
}

// checkRefused wants an error that tells file and byte.
func checkRefused(t *testing.T, what string, err error, path string, offset int64) {
	t.Helper()
	bad, ok := errors.AsType[*corpus.EncodingError](err)
	if !ok || bad.Name != path || bad.Offset != offset || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %v, want one about byte %d of %s", what, err, offset, path)
	}
}

func learnOdd(t *testing.T, what string, c *corpus.Corpus, text string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "run")
	s, err := train.Defaults(train.FactsOf(c), func(s *train.Settings) {
		s.Network.Hidden, s.Batch, s.Window, s.ReportEvery, s.Budget.Steps = 4, 2, 5, 2, 4
	})
	if c.Train().Len() < 2 { // one long word: nothing comes after it
		if err == nil || !strings.Contains(err.Error(), "has fewer than 2 symbols, too few to learn from") {
			t.Errorf("%s: error %v", what, err)
		}
		return
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	r, err := train.Run(t.Context(), c, s, train.Options{Folder: folder})
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	m, err := model.Load(folder)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if r.Report.Best && m.Hash() != r.Model.Hash() {
		t.Errorf("%s: the model in the folder is another", what)
	}
	o := generate.Defaults()
	o.Prompt, o.Length, o.Count = firstSymbols(c, text), 50, 2
	samples, err := generate.New(m).Strings(t.Context(), o)
	if err != nil {
		t.Errorf("%s: sample: %v", what, err)
		return
	}
	for _, sample := range samples {
		if _, err := m.Alphabet.Encode(sample); err != nil || sample == "" {
			t.Errorf("%s: sample %q: %v", what, fmt.Sprintf("%.40s", sample), err)
		}
	}
}

// firstSymbols returns the start of a text, two symbols of it, as a prompt.
func firstSymbols(c *corpus.Corpus, text string) string {
	ids, err := c.Alphabet.Encode(text)
	if err != nil {
		return ""
	}
	return c.Alphabet.Decode(ids[:2])
}
