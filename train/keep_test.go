package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// TestKeptModels: a model that is kept is that of a run that ends there, and KeepPlan knows where.
func TestKeptModels(t *testing.T) {
	t.Parallel()
	for _, average := range []float64{0, 0.8} {
		c := chars(t, rhyme(40))
		s := Settings{Network: rnn.Config{Hidden: 6}, Batch: 4, Window: 11, Average: average, Budget: Budget{Epochs: 2}, ReportEvery: 9,
			Optimizer: optim.Settings{Optimizer: "adam", LearningRate: 0.01}}
		full, err := Resolve(t.Context(), c, partial(s), Options{})
		if err != nil {
			t.Fatal(err)
		}
		streams, err := c.Train().Streams(4)
		if err != nil {
			t.Fatal(err)
		}
		pass := 4 * streams.Length()
		at := []int64{1, 44, 45, pass - 1, pass, pass + 1, 2 * pass, 2*pass + 1}
		folder := filepath.Join(t.TempDir(), "run")
		mustRun(t, c, s, Options{Folder: folder, KeepAt: at})
		plan, err := KeepPlan(c, full, at)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range plan {
			kept, err := model.Load(filepath.Join(folder, k.File))
			if i == len(plan)-1 {
				if k.Step != 0 || !errors.Is(err, os.ErrNotExist) {
					t.Errorf("beyond the end: %+v, error %v", k, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			short := s
			short.Budget = Budget{Steps: k.Step}
			want := mustRun(t, c, short, Options{}).Model
			if kept.Hash() != want.Hash() || kept.Summary.Steps != k.Step || kept.Summary.Symbols != k.Symbols || k.Symbols != want.Summary.Symbols {
				t.Errorf("at %d, planned %+v: hash %s of step %d, %d symbols; a run that ends there has %s, %d symbols", k.At, k,
					kept.Hash(), kept.Summary.Steps, kept.Summary.Symbols, want.Hash(), want.Summary.Symbols)
			}
			if before := k.Symbols - 4*11; k.At > k.Symbols || k.At <= before-4*11 {
				t.Errorf("at %d the model has read %d symbols", k.At, k.Symbols)
			}
		}
	}
}

// TestKeptAfterRollback: a run that goes back over a point and takes another way keeps the model of that way.
func TestKeptAfterRollback(t *testing.T) {
	t.Parallel()
	c, s, folder := chars(t, rhyme(60)), wild(), filepath.Join(t.TempDir(), "run")
	var first, last Divergence // the first one, and the last that goes back as far
	told := func(d Divergence) {
		if d.Retry == 1 {
			first = d
		}
		if d.Back <= first.Back {
			last = d
		}
	}
	symbols := mustRun(t, c, s, Options{Diverged: told}).Model.Summary.Symbols
	if first.Step < first.Back+2 {
		t.Fatalf("nothing lies between training step %d and the divergence at %d", first.Back, first.Step)
	}
	at := []int64{20 * (first.Back + 1), symbols}
	end := mustRun(t, c, s, Options{Folder: folder, KeepAt: at}).Model
	// The way that was kept, up to there: a run that is stopped at the last divergence, and resumed for that long.
	ctx, stop := context.WithCancel(t.Context())
	stopped := filepath.Join(t.TempDir(), "stopped")
	if _, err := runPartial(ctx, c, s, Options{Folder: stopped, Diverged: func(d Divergence) {
		if d.Retry == last.Retry {
			stop()
		}
	}}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	kept, err := model.Load(filepath.Join(folder, run.KeptName(at[0])))
	if err != nil {
		t.Fatal(err)
	}
	s.Budget.Steps = kept.Summary.Steps
	way := mustRun(t, c, s, Options{Folder: stopped, Resume: true}).Model
	if way.Hash() == mustRun(t, c, s, Options{}).Model.Hash() {
		t.Error("the way that was given up leads to the same model")
	}
	for i, n := range at {
		kept, err := model.Load(filepath.Join(folder, run.KeptName(n)))
		switch {
		case err != nil:
			t.Error(err)
		case i == 0 && kept.Hash() != way.Hash():
			t.Errorf("at %d the model has hash %s, want %s", n, kept.Hash(), way.Hash())
		case i == 1 && kept.Hash() != end.Hash():
			t.Errorf("the model at the end has hash %s, kept is %s", end.Hash(), kept.Hash())
		}
	}
}
