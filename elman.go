// Package elman trains recurrent language models on text, on a CPU, and writes and measures text with them. The same text,
// settings and seed give the same model, bit for bit, on any processor.
//
//	m, err := elman.Train(ctx, []string{"names.txt"}, elman.Config{Corpus: corpus.Options{Documents: corpus.Lines}})
//	o := generate.Defaults()
//	o.Count, o.Stop = 10, "\n"
//	names, err := m.Generate(ctx, o)
//	sum, err := m.Score(ctx, "Ophelia\n")
//
// This package is the short way in. The packages below offer the rest: corpus (text to symbols), language (generated
// languages with known entropy), train, generate, score, model (the file) and rnn (networks and their gradients).
package elman

import (
	"context"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
)

// A Config says what to learn and how. The zero value learns characters with train.Defaults, from nine tenths of the text;
// the last tenth measures the validation loss.
type Config struct {
	Corpus   corpus.Options  // symbols, alphabet; Valid 0 means 0.1, and below 0 none
	Settings *train.Settings // network, optimizer, how long: complete. nil means train.Defaults
	// Change sets what is to differ from Settings. What it leaves of the defaults follows: with more hidden units comes a
	// lower learning rate. nil changes nothing.
	Change  func(*train.Settings)
	Threads int    // workers; 0 means as many as pay. They change no bit
	Folder  string // run folder, to look into and to resume; "" keeps nothing
	Resume  bool   // go on with the run in Folder
	Report  func(train.Report)
}

// Train learns from files, joined in the order given, and returns the model as it was when its validation loss was lowest. It
// fails as corpus.Open, corpus.New, train.Resolve and train.Run do.
func Train(ctx context.Context, files []string, c Config) (*Model, error) {
	text, err := corpus.Open(ctx, files, nil)
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
	o := train.Options{Folder: c.Folder, Resume: c.Resume, Threads: c.Threads, Report: c.Report, KeepBest: true}
	s, err := train.Resolve(ctx, data, train.Choice{Base: c.Settings, Change: c.Change}, o)
	if err != nil {
		return nil, err
	}
	r, err := train.Run(ctx, data, s, o)
	if err != nil {
		return nil, err
	}
	return New(r.Best), nil
}
