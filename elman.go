// Package elman trains recurrent language models on text, on a CPU, generates text with them and measures the surprisal of
// text. The same text, settings and seed give the same model, bit for bit, on any processor.
//
//	lines := corpus.Defaults()
//	lines.Documents = corpus.Lines
//	m, err := elman.Train(ctx, []string{"names.txt"}, elman.Config{Corpus: &lines})
//	o := generate.Defaults()
//	o.Count, o.Stop = 10, "\n"
//	names, err := m.Generate(ctx, o)
//	sum, err := m.Score(ctx, "Ophelia\n")
//
// This package is the short way in. The packages below it do the work and offer more: corpus (text to symbols), language
// (generated languages with known entropy), train, generate, score, inspect, model (the file), rnn (networks and exact
// gradients) and optim (update rules).
package elman

import (
	"context"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
)

// A Config says what to learn and how. Its zero value trains a model of characters with train.Defaults on nine tenths of the
// text; the last tenth gives the validation loss.
type Config struct {
	Corpus   *corpus.Options // symbols, documents, share held out; nil means corpus.Defaults
	Settings *train.Settings // network, optimizer, budget: complete. nil means train.Defaults
	// Change overwrites fields of the settings. Defaults that depend on them follow: more hidden units get a lower learning
	// rate. It may be nil.
	Change  func(*train.Settings)
	Threads int                // workers; 0 means as many as help. They never change a bit
	Folder  string             // run folder, to look into and to resume; "" keeps nothing
	Resume  bool               // continue the run in Folder
	Report  func(train.Report) // receives each report; may be nil
}

// Train trains a model on files, joined in the order given, and returns it as it was at its lowest validation loss. Its errors
// are those of corpus.Open, corpus.New, train.Resolve and train.Run.
func Train(ctx context.Context, files []string, c Config) (*Model, error) {
	text, err := corpus.Open(ctx, files, nil)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	return fit(ctx, text, c)
}

// TrainText trains on a text in memory: see Train.
func TrainText(ctx context.Context, text string, c Config) (*Model, error) {
	return fit(ctx, corpus.FromBytes("text", []byte(text)), c)
}

func fit(ctx context.Context, text *corpus.Text, c Config) (*Model, error) {
	choice := corpus.Defaults()
	if c.Corpus != nil {
		choice = *c.Corpus
	}
	if c.Resume && c.Folder != "" {
		var err error
		if choice, err = train.CorpusOptions(c.Folder, choice); err != nil {
			return nil, err
		}
	}
	data, err := corpus.New(text, choice)
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
