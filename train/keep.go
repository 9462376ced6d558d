package train

import (
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Kept is a model to be kept along a training: the one after the first training step that reaches a number of symbols.
type Kept struct {
	At      int64  `json:"at"`      // symbols, as asked for
	Symbols int64  `json:"symbols"` // read by then; 0 if the training ends before
	Step    int64  `json:"step"`
	File    string `json:"file"` // in the run folder
}

// KeepPlan returns the models that a training with these settings, made by Resolve, keeps at these numbers of symbols.
func KeepPlan(c *corpus.Corpus, s Settings, at []int64) ([]Kept, error) {
	streams, err := c.Train().Streams(s.Batch)
	if err != nil {
		return nil, err
	}
	B, T, length := int64(s.Batch), int64(s.Window), streams.Length()
	pass := windows(streams, s.Window)
	end := s.Budget.steps(pass)
	var all []Kept
	for _, n := range at {
		passes := (n - 1) / (B * length)
		steps := (n - passes*B*length + B - 1) / B // time steps into the pass, at least 1
		reached := (steps + T - 1) / T
		k := Kept{At: n, File: run.KeptName(n)}
		if step := passes*pass + reached; step <= end {
			k.Step, k.Symbols = step, (passes*length+min(reached*T, length))*B
		}
		all = append(all, k)
	}
	return all, nil
}

// checkKeepAt returns an error about the symbols at which models are to be kept.
func (o Options) checkKeepAt() error {
	for i, n := range o.KeepAt {
		switch {
		case n < 1:
			return setting.Errorf("%v is %d, must be at least 1 symbol", setting.Name("keep_at"), n)
		case i > 0 && n <= o.KeepAt[i-1]:
			return setting.Errorf("%v has %d after %d, must rise", setting.Name("keep_at"), n, o.KeepAt[i-1])
		}
	}
	return nil
}

// resumeKeepAt settles where a resumed run keeps models: where it did, unless the options say something else. A point that the
// run has passed cannot be added.
func (t *trainer) resumeKeepAt(before []int64) error {
	if t.o.KeepAt == nil {
		t.o.KeepAt = before
	}
	for _, n := range t.o.KeepAt {
		if n <= t.Symbols && !slices.Contains(before, n) {
			return setting.Errorf("%v has %s, but the run has read %d symbols already; give more than those, or begin again in another folder (%v)",
				setting.Name("keep_at"), run.Amount(n), t.Symbols, setting.Name("out"))
		}
	}
	return nil
}

// keep saves the model if the training step, before which this many symbols had been read, reached a number to keep one at.
// Whether it did depends on the training step alone, so a run that is rolled back or resumed writes the file again: the same,
// unless it took another way.
func (t *trainer) keep(before int64) error {
	for _, n := range t.o.KeepAt {
		if n <= before || n > t.Symbols {
			continue
		}
		t.phase(Saving)
		if t.checkWeights() != nil {
			return t.diverged("weight")
		}
		if !t.saved { // as in save
			if err := t.saveSnapshot(); err != nil {
				return err
			}
		}
		kept := *t.model
		kept.Summary = t.summary() // without losses: they depend on when the last report was
		if err := kept.Save(t.folder.Path(run.KeptName(n))); err != nil {
			return err
		}
	}
	return nil
}

// summary describes the model after this training step.
func (t *trainer) summary() model.Summary {
	return model.Summary{Steps: t.Step, Symbols: t.Symbols, Seed: t.s.Seed, Corpus: t.corpus.Hash(),
		TrainSymbols: t.corpus.Train().Len(), Language: t.o.Language}
}
