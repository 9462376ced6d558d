package train

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// TestInterruptedReports: a report that is interrupted, while it measures the validation loss or writes a sample, is made
// when the run goes on, and the run ends as one that was never interrupted.
func TestInterruptedReports(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(100)) // 8 windows to measure the loss
	s := Settings{Network: rnn.Config{Hidden: 4}, Batch: 2, Window: 20, ReportEvery: 5, Budget: Budget{Steps: 17}}
	whole := filepath.Join(t.TempDir(), "whole")
	want := mustRun(t, c, s, Options{Folder: whole, Sample: hashSample})
	due, ended := 0, 0
	for left := 11; left < 24; left += 3 {
		broken := filepath.Join(t.TempDir(), "run")
		for resume, calls := false, 0; ; resume, calls = true, calls+1 {
			if calls > 100 {
				t.Fatalf("%d checks are too few to get anywhere: %+v", left, savedProgress(t, broken))
			}
			ctx := &fewChecks{Context: context.Background(), left: left}
			sample := func(m *model.Model) (string, error) {
				if ctx.Err() != nil {
					return "", errors.New("its own error, as the cause of a context is")
				}
				return hashSample(m)
			}
			got, err := runPartial(ctx, c, s, Options{Folder: broken, Resume: resume, Sample: sample})
			if err == nil {
				if got.Model.Hash() != want.Model.Hash() {
					t.Errorf("interrupted after %d checks each: hash %s, undisturbed %s", left, got.Model.Hash(), want.Model.Hash())
				}
				break
			}
			if !errors.Is(err, ErrInterrupted) {
				t.Fatal(err)
			}
			switch p := savedProgress(t, broken); {
			case p.ReportDue:
				due++
			case p.Step == s.Budget.Steps && p.LossOver > 0:
				ended++
			}
		}
		sameFolders(t, "interrupted", whole, broken)
	}
	if due == 0 || ended == 0 {
		t.Errorf("%d reports and %d at the end were interrupted, nothing is shown", due, ended)
	}
}

// savedProgress returns that of the state in a folder.
func savedProgress(t *testing.T, folder string) progress {
	t.Helper()
	state, err := run.OpenState(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	var c checkpoint
	if err := exactjson.Decode(state.Training, &c); err != nil {
		t.Fatal(err)
	}
	return c.Progress
}
