// Package elman trains recurrent language models on text, on a CPU, generates text with them and measures the surprisal of
// text. The same text, settings and seed give the same model, bit for bit, on any processor.
//
//	lines := corpus.Defaults()
//	lines.Documents = corpus.Lines
//	m, err := elman.Train(ctx, []string{"names.txt"}, elman.Config{Corpus: &lines})
//	o := generate.Defaults()
//	o.Count, o.Stops = 10, []string{"\n"}
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
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Config says what to learn and how. Its zero value trains a model of characters with train.Defaults on nine tenths of the
// text; the last tenth gives the validation loss.
type Config struct {
	Corpus   *corpus.Options // symbols, documents, share held out; nil means corpus.Defaults
	Settings *train.Settings // network, optimizer, budget: complete. nil means train.Defaults
	// Change overwrites fields of the settings. Defaults that depend on them follow: more hidden units get a lower learning
	// rate. It may be nil.
	Change func(*train.Settings)

	// Init is a model to begin with in place of a new network. Its network and symbols stay; symbols of the text that it lacks
	// are added, with weights as in a new network. nil Corpus means its documents too.
	Init *Model
	// ValidFile is validated on, and all of the text is learned from. TestFile is measured once, with the best model. "" means none;
	// for texts in memory see corpus.Options.
	ValidFile, TestFile string

	Threads int                // workers; 0 means as many as help. They never change a bit
	Folder  string             // run folder, to look into and to resume; "" keeps nothing
	Resume  bool               // continue the run in Folder
	KeepAt  []int64            // numbers of symbols, rising, after which Folder keeps the model: train.Options.KeepAt
	Report  func(train.Report) // receives each report, first those of a teacher's training if there is one; may be nil
	Tested  func(run.Tested)   // receives the loss of the best model on the text to test on, if there is one; may be nil
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
	o := train.Options{Folder: c.Folder, Resume: c.Resume, Threads: c.Threads, Report: c.Report, KeepBest: true,
		ValidName: c.ValidFile, TestName: c.TestFile, KeepAt: c.KeepAt}
	if c.Init != nil {
		o.Init = c.Init.Model
	}
	var err error
	if o.Init, err = train.StartModel(o); err != nil {
		return nil, err
	}
	choice, err := c.read(o)
	if err != nil {
		return nil, err
	}
	for _, other := range []struct {
		path string
		to   **corpus.Text
	}{{c.ValidFile, &choice.ValidText}, {c.TestFile, &choice.TestText}} {
		if other.path == "" {
			continue
		}
		own, err := corpus.Open(ctx, []string{other.path}, nil)
		if err != nil {
			return nil, err
		}
		defer own.Close()
		*other.to = own
	}
	data, err := corpus.New(text, choice)
	if err != nil {
		return nil, err
	}
	s, err := train.Resolve(ctx, data, train.Choice{Base: c.Settings, Change: c.Change}, o)
	if err != nil {
		return nil, err
	}
	r, err := train.Run(ctx, data, s, o)
	if err != nil {
		return nil, err
	}
	if c.Tested != nil && data.Test().Len() > 0 {
		c.Tested(r.Tested)
	}
	return New(r.Best), nil
}

// read returns how the text is read.
func (c *Config) read(o train.Options) (corpus.Options, error) {
	choice := corpus.Defaults()
	if o.Init != nil {
		choice.Documents = o.Init.Documents
	}
	if c.Corpus != nil {
		choice = *c.Corpus
	}
	if o.Init != nil {
		choice.Keep = o.Init.Alphabet
	}
	if c.Resume {
		return train.CorpusOptions(c.Folder, choice)
	}
	return choice, nil
}
