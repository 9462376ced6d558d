package train

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// unsteady is a training whose validation loss goes up and down.
var unsteady = Settings{
	Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 20, ReportEvery: 10, Budget: Budget{Steps: 400, EarlyStop: 4},
	Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 8}, ClipNorm: 1,
}

// TestEarlyStop counts the reports without a new lowest validation loss. The model that is kept is the best one.
func TestEarlyStop(t *testing.T) {
	c, folder := chars(t, rhyme(20)), filepath.Join(t.TempDir(), "run")
	best, since, longest := math.Inf(1), int64(0), int64(0)
	var bestStep int64
	r := mustRun(t, c, unsteady, Options{Folder: folder, Report: func(r Report) {
		if since++; *r.ValidLoss < best {
			best, bestStep, since = *r.ValidLoss, r.Step, 0
		}
		longest = max(longest, since)
	}})
	if r.Step == unsteady.Budget.Steps || since != 4 || longest != 4 || r.Stalled != 4 || r.BestStep != bestStep || r.BestLoss != best {
		t.Errorf("ends after %d training steps, %d reports after the best one of %d (%v): %+v", r.Step, since, bestStep, best, r)
	}
	m, err := model.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if m.Summary.Steps != bestStep {
		t.Errorf("the model is that of training step %d, want %d", m.Summary.Steps, bestStep)
	}
}

// TestEarlyStopAgain: a run that is interrupted stops where an undisturbed one does, with the same bits, and when it is
// resumed does nothing more; neither does it matter whether earlier calls ended in the midst of things.
func TestEarlyStopAgain(t *testing.T) {
	c := chars(t, rhyme(20))
	want := mustRun(t, c, unsteady, Options{})
	broken, short := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "run")
	var got *Result
	for n, err := 0, ErrInterrupted; err != nil; n++ {
		got, err = runPartial(&fewChecks{context.Background(), 13}, c, unsteady, Options{Folder: broken, Resume: n > 0})
		if err != nil && !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
	}
	compare := func(what string) {
		t.Helper()
		if got.Step != want.Step || got.Stalled != want.Stalled || got.Model.Hash() != want.Model.Hash() {
			t.Errorf("%s: training step %d, hash %s; in one go %d, %s", what, got.Step, got.Model.Hash(), want.Step, want.Model.Hash())
		}
	}
	compare("interrupted")
	got = mustRun(t, c, unsteady, Options{Folder: broken, Resume: true})
	compare("resumed at its end")
	s := unsteady
	for i, steps := range []int64{24, 48, want.Step - 1, unsteady.Budget.Steps} { // whose last reports are out of turn
		s.Budget.Steps = steps
		got = mustRun(t, c, s, Options{Folder: short, Resume: i > 0})
	}
	compare("in several calls")
	if s.Budget.EarlyStop, s.Budget.Steps = -1, want.Step+7; mustRun(t, c, s, Options{Folder: short, Resume: true}).Step != want.Step+7 {
		t.Error("resumed without, it does not go on")
	}
}

func TestEarlyStopNeedsValidation(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("test", []byte(rhyme(20))), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runPartial(t.Context(), c, unsteady, Options{}); err == nil || !strings.Contains(err.Error(), "early_stop needs a validation loss") {
		t.Errorf("error %v", err)
	}
}

// TestEarlyStopFromFile: a count is believed if there have been that many training steps.
func TestEarlyStopFromFile(t *testing.T) {
	for _, tt := range []struct {
		l  earlyStop
		ok bool
	}{
		{earlyStop{}, true}, {earlyStop{1.5, 4}, true}, {earlyStop{1.5, 5}, false}, {earlyStop{1.5, -1}, false}, {earlyStop{-1, 0}, false}, {earlyStop{math.NaN(), 0}, false},
	} {
		if err := tt.l.check(4); (err == nil) != tt.ok {
			t.Errorf("%+v after 4 training steps: error %v", tt.l, err)
		}
	}
}
