// Package elman trains recurrent language models on text, on a CPU, and writes and measures text with them. The same text,
// settings and seed give the same model, bit for bit, on any processor.
//
//	m, err := elman.Train(ctx, []string{"names.txt"}, elman.Config{})
//	names, err := m.Generate(ctx, generate.Options{Count: 10, Stop: "\n", Temperature: 1})
//	bits, err := m.Score(ctx, "Ophelia\n")
//
// This is the front door. What it does not offer is in the packages it leans on: corpus (text to symbols, generated
// languages), train, generate, score, model (the file) and rnn (networks and their gradients).
package elman

import (
	"context"
	"runtime"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// A Model predicts the next symbol of a text. Several goroutines may use it at a time.
type Model struct {
	*model.Model // network and alphabet; Save and Hash
}

// A Config says what to learn and how. The zero value learns characters with the defaults, for ten passes over the text,
// nine tenths of which it learns from and one tenth measures the validation loss.
type Config struct {
	Corpus   corpus.Options // symbols, alphabet; Valid 0 means 0.1, and below 0 none
	Settings train.Settings // network, optimizer, how long
	Threads  int            // workers; 0 means as many as pay. They change no bit
	Folder   string         // run folder, to look into and to resume; "" keeps nothing
	Resume   bool           // go on with the run in Folder
	Report   func(train.Report)
}

// Train learns from files, joined in the order given, and returns the model as it is after the last training step. It
// fails as corpus.Open, corpus.New and train.Run do.
func Train(ctx context.Context, files []string, c Config) (*Model, error) {
	text, err := corpus.Open(files, nil)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	return fit(ctx, text, c)
}

// TrainText is Train for a text in memory.
func TrainText(ctx context.Context, text string, c Config) (*Model, error) {
	return fit(ctx, corpus.FromBytes("text", []byte(text)), c)
}

func fit(ctx context.Context, text *corpus.Text, c Config) (*Model, error) {
	switch {
	case c.Corpus.Valid == 0:
		c.Corpus.Valid = 0.1
	case c.Corpus.Valid < 0:
		c.Corpus.Valid = 0
	}
	data, err := corpus.New(text, c.Corpus)
	if err != nil {
		return nil, err
	}
	s, err := c.Settings.WithDefaults(data.Alphabet.Size(), data.Train().Len())
	if err != nil {
		return nil, err
	}
	if c.Threads == 0 {
		c.Threads = s.Workers(runtime.NumCPU())
	}
	r, err := train.Run(ctx, data, s, train.Options{Folder: c.Folder, Resume: c.Resume, Threads: c.Threads, Report: c.Report})
	if err != nil {
		return nil, err
	}
	return &Model{r.Model}, nil
}

// Load reads a model file, or that of a run folder.
func Load(path string) (*Model, error) {
	m, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	return &Model{m}, nil
}

// Generate writes texts. It fails on options out of range, on a prompt that a closed alphabet cannot read, and when ctx is
// cancelled.
func (m *Model) Generate(ctx context.Context, o generate.Options) ([]string, error) {
	return generate.Strings(ctx, m.Model, o)
}

// Score returns how many bits the model needs for a text. It fails on what a closed alphabet cannot read.
func (m *Model) Score(ctx context.Context, text string) (score.Sum, error) {
	var sum score.Sum
	scorer := score.New(m.Model, 0)
	scorer.Excess = true
	err := scorer.Text(ctx, []byte(text), func(x score.Symbol) error {
		sum.Add(x)
		return nil
	})
	return sum, err
}

// ScoreEach is Score for many texts, which are measured side by side. A score.Reference made of the sums of usual
// texts tells how unusual others are.
func (m *Model) ScoreEach(ctx context.Context, texts []string) ([]score.Sum, error) {
	pieces := make([][]byte, len(texts))
	for i, text := range texts {
		pieces[i] = []byte(text)
	}
	sums := make([]score.Sum, len(texts))
	scorer := score.New(m.Model, 0)
	scorer.Excess = true
	err := scorer.Lines(ctx, pieces, func(i int, x score.Symbol) error {
		sums[i].Add(x)
		return nil
	})
	return sums, err
}
