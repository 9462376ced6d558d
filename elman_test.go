package elman_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman"
	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/train"
)

var colours = strings.Repeat("red\ngreen\nblue\ngreen\n", 50)

// learn returns a small model of colours.
func learn() *elman.Model {
	lines := corpus.Defaults()
	lines.Documents = corpus.Lines
	m, err := elman.TrainText(context.Background(), colours, elman.Config{
		Corpus: &lines,
		Change: func(s *train.Settings) { s.Network.Hidden, s.Budget.Steps = 24, 1000 },
	})
	if err != nil {
		log.Fatal(err)
	}
	return m
}

func ExampleTrainText() {
	m := learn()
	o := generate.Defaults()
	o.Length, o.Seed = 22, 1
	texts, err := m.Generate(context.Background(), o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(texts[0])
	// Output:
	// green
	// green
	// green
	// gree
}

func ExampleModel_ScoreEach() {
	m := learn()
	lines := []string{"green\n", "grown\n", "grün\n"}
	sums, err := m.ScoreEach(context.Background(), lines)
	if err != nil {
		log.Fatal(err)
	}
	for i, s := range sums {
		fmt.Printf("%-8q %5.1f bits\n", lines[i], s.Bits.Float())
	}
	// Output:
	// "green\n"   1.0 bits
	// "grown\n"  58.0 bits
	// "grün\n"  56.9 bits
}

func ExampleLoad() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "colours.safetensors")
	if err := learn().Save(path); err != nil {
		log.Fatal(err)
	}
	m, err := elman.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	s, err := m.Score(context.Background(), colours)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f bits per character\n", s.PerChar())
	// Output:
	// 0.287 bits per character
}

// TestTrain makes sure that files, threads and a folder give what a text in memory does.
func TestTrain(t *testing.T) {
	folder := t.TempDir()
	var files []string
	for i, part := range []string{colours[:100], colours[100:]} {
		files = append(files, filepath.Join(folder, fmt.Sprint(i)))
		if err := os.WriteFile(files[i], []byte(part), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reports := 0
	c := elman.Config{
		Change: func(s *train.Settings) { s.Network.Hidden, s.Budget.Steps, s.ReportEvery = 9, 20, 10 },
		Report: func(r train.Report) { reports++ },
	}
	want, err := elman.TrainText(t.Context(), colours, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Threads, c.Folder = 3, filepath.Join(folder, "run")
	got, err := elman.Train(t.Context(), files, c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Hash() != want.Hash() || reports != 4 {
		t.Errorf("hash %s, want %s; %d reports", got.Hash(), want.Hash(), reports)
	}
	if loaded, err := elman.Load(c.Folder); err != nil || loaded.Hash() != want.Hash() {
		t.Errorf("the folder's model: %v", err)
	}
	lines := slices.Collect(strings.Lines(colours[:60]))
	sums, err := want.ScoreEach(t.Context(), lines)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		if alone, err := want.Score(t.Context(), line); err != nil || alone != sums[i] {
			t.Errorf("%q: %+v in company, %+v alone: %v", line, sums[i], alone, err)
		}
	}
	for _, c := range []elman.Config{
		{Corpus: &corpus.Options{Kind: "runes"}}, {Change: func(s *train.Settings) { s.Window = 1 << 30 }}, {Corpus: &corpus.Options{Valid: 2}},
	} {
		if _, err := elman.TrainText(t.Context(), colours, c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	if _, err := elman.Train(t.Context(), []string{filepath.Join(folder, "none")}, c); err == nil {
		t.Error("no such file: no error")
	}
	if _, err := elman.Load(filepath.Join(folder, "none")); err == nil {
		t.Error("no such model: no error")
	}
}
