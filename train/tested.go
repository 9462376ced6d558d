package train

import (
	"context"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/ticker"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train/run"
)

// test measures the best model of a finished run on the test text, once: a run that is resumed at its end remembers. The
// numbers are those of package score for the same text.
func (t *trainer) test(ctx context.Context) (run.Tested, error) {
	section := t.corpus.Test()
	if section.Len() == 0 || t.info.Tested.Step == t.BestStep {
		return t.info.Tested, nil
	}
	if t.o.Progress != nil {
		defer ticker.Every(tellEvery, &t.reporter.due)()
	}
	t.phase(Testing)
	m, err := t.bestModel()
	if err != nil {
		return run.Tested{}, err
	}
	tested, err := t.measureOn(ctx, m, section)
	if ctx.Err() != nil {
		return run.Tested{}, ErrInterrupted
	}
	if err != nil {
		return run.Tested{}, err
	}
	t.info.Tested = tested
	if t.folder != nil {
		err = t.folder.WriteInfo(t.info)
	}
	return tested, err
}

func (t *trainer) measureOn(ctx context.Context, m *model.Model, section corpus.Section) (run.Tested, error) {
	feed, err := section.Feed()
	if err != nil {
		return run.Tested{}, err
	}
	var sum score.Sum
	var spelling score.Bits
	err = score.New(m, score.Extras{}).Feed(ctx, feed, func(x score.Symbol) error {
		sum.Add(x)
		spelling = spelling.Plus(x.Spelling)
		t.tellIfDue(Testing, float64(sum.Symbols)/float64(section.Len()))
		return nil
	})
	return run.Tested{
		Step: t.BestStep, Bits: sum.Bits.Float(), Spelling: spelling.Float(), Symbols: sum.Symbols, Chars: sum.Chars,
		Loss: (sum.Bits - spelling).Float() / float64(max(1, sum.Symbols)) * math.Ln2,
	}, err
}
