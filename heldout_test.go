package elman_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/train"
	"github.com/seed-f4dd853e/elman/train/run"
)

// TestOtherFiles trains in two languages, one after the other: with files to validate and test on, and models kept on the way.
func TestOtherFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	english, french := write("en", colours), write("fr", strings.Repeat("rouge\nvert\nbleu foncé\n", 50))
	few := func(s *train.Settings) { s.Budget.Steps, s.Batch, s.Window, s.ReportEvery = 12, 2, 20, 6 }
	small := func(s *train.Settings) { few(s); s.Network.Hidden = 12 }
	first, err := elman.Train(t.Context(), []string{english}, elman.Config{Change: small})
	if err != nil {
		t.Fatal(err)
	}
	var tested, again run.Tested
	c := elman.Config{
		Change: few, Init: first, ValidFile: write("valid", "vert\nrouge\n"), TestFile: write("test", "bleu\nvert\n"),
		Folder: filepath.Join(dir, "run"), KeepAt: []int64{200}, Tested: func(x run.Tested) { tested = x },
	}
	m, err := elman.Train(t.Context(), []string{french}, c)
	if err != nil {
		t.Fatal(err)
	}
	if added := m.Alphabet.Without(first.Alphabet); strings.Join(added, "") != " cfotvé" {
		t.Errorf("symbols %q are added", added)
	}
	sum, err := m.Score(t.Context(), "bleu\nvert\n")
	if err != nil || tested.Bits != sum.Bits.Float() || tested.Symbols != 10 {
		t.Errorf("tested %+v, want %v bits; %v", tested, sum.Bits, err)
	}
	kept, err := elman.Load(filepath.Join(c.Folder, run.KeptName(200)))
	if err != nil || kept.Summary.Steps != 5 {
		t.Errorf("kept %+v, %v", kept, err)
	}
	c.Resume, c.Init, c.KeepAt, c.Tested = true, nil, nil, func(x run.Tested) { again = x }
	resumed, err := elman.Train(t.Context(), []string{french}, c)
	if err != nil || resumed.Hash() != m.Hash() || again != tested {
		t.Errorf("resumed: %v, tested %+v", err, again)
	}
}
