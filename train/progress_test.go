package train

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

func TestShareDone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		limits Budget
		epochs float64
		steps  int64
		want   float64
	}{
		{"epochs", Budget{Epochs: 8}, 2, 999, 0.25},
		{"training steps", Budget{Steps: 200}, 7, 50, 0.25},
		{"the larger share counts: epochs", Budget{Epochs: 8, Steps: 200}, 4, 50, 0.5},
		{"the larger share counts: training steps", Budget{Epochs: 8, Steps: 200}, 1, 100, 0.5},
		{"never more than all, as in a run that was longer before", Budget{Epochs: 2}, 3, 1, 1},
		{"nothing yet", Budget{Epochs: 2, Steps: 2}, 0, 0, 0},
	} {
		if got := tt.limits.done(tt.epochs, tt.steps); got != tt.want {
			t.Errorf("%s: %+v.done(%v, %d) = %v, want %v", tt.name, tt.limits, tt.epochs, tt.steps, got, tt.want)
		}
	}
}

// heard trains and returns what Progress was told.
func heard(t *testing.T, s Settings, o Options) []Progress {
	t.Helper()
	var all []Progress
	o.Progress = func(p Progress) { all = append(all, p) }
	o.Sample = func(*model.Model) (string, error) { return "a sample", nil }
	mustRun(t, chars(t, rhyme(40)), s, o)
	return all
}

// TestPhases lets a run tell of each phase, in order, with what it has then; and a run that is resumed tells first where it
// stands in all, but for its time.
func TestPhases(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	s := Settings{Network: rnn.Config{Hidden: 4}, Batch: 2, Window: 10, ReportEvery: 10, Budget: Budget{Steps: 20}}
	var phases []Phase
	for _, p := range heard(t, s, Options{Folder: folder}) {
		if p.Phase == Training && p.Step > 0 || len(phases) > 0 && phases[len(phases)-1] == p.Phase {
			continue // told because a tenth of a second was over, if at all
		}
		phases = append(phases, p.Phase)
		if report := p.Step == 10 || p.Step == 20; report != (p.Phase != Training) || p.Symbols != p.Step*20 || p.Done != float64(p.Step)/20 {
			t.Errorf("%v: %+v", p.Phase, p)
		}
		if fresh := p.Phase == Validating || p.Phase == Sampling; math.IsNaN(p.Loss) == fresh {
			t.Errorf("%v: loss %v, want one while nobody has reported it", p.Phase, p.Loss)
		}
	}
	want := []Phase{Training, Validating, Sampling, Saving, Validating, Sampling, Saving}
	if !slices.Equal(phases, want) {
		t.Errorf("phases %v, want %v", phases, want)
	}
	s.Budget = Budget{Steps: 30}
	first := heard(t, s, Options{Folder: folder, Resume: true})[0]
	if first.Phase != Training || first.Step != 20 || first.Done != 20./30 || first.Epoch <= 0 {
		t.Errorf("resumed: first %+v", first)
	}
}

// TestProgressChangesNothing tells of every training step and of every window of the validation, which no run does, and
// wants the same bits and no allocation.
func TestProgressChangesNothing(t *testing.T) {
	for _, tt := range histories {
		c := charsOf(t, rhyme(150), tt.documents)
		var tr *trainer
		var validated []float64
		told := 0
		o := Options{Progress: func(p Progress) {
			told++
			if tr.reporter.due.Store(true); p.Phase == Validating {
				validated = append(validated, p.PhaseDone)
			}
		}}
		s, err := Defaults(FactsOf(c), with(tt.settings))
		if err != nil {
			t.Fatal(err)
		}
		pool := f32.NewPool(2)
		defer pool.Close()
		if tr, err = newTrainer(c, s, o, pool); err != nil {
			t.Fatal(err)
		}
		tr.o.Progress = nil
		err = tr.learnTeacher(t.Context())
		if tr.o.Progress = o.Progress; err == nil {
			err = tr.run(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := tr.model.Hash(); got != tt.hash {
			t.Errorf("%s: hash %s, want %s", tt.name, got, tt.hash)
		}
		last := len(validated) - 1
		if told < int(tr.Step) || validated[0] != 0 || validated[last] != 1 || validated[last-1] >= 1 {
			t.Errorf("%s: told %d times in %d steps, of the validation %v", tt.name, told, tr.Step, validated)
		}
		if n := testing.AllocsPerRun(50, func() { tr.tellIfDue(Training, 0) }); n != 0 {
			t.Errorf("%s: telling allocates %v times", tt.name, n)
		}
	}
}

// TestTold makes sure that the ticker ticks: a run without reports sends progress until it is stopped.
func TestTold(t *testing.T) {
	ctx, enough := context.WithCancel(t.Context())
	n := 0
	s := Settings{Network: rnn.Config{Hidden: 4}, ReportEvery: 1 << 40, Budget: Budget{Steps: 1 << 40}}
	_, err := runPartial(ctx, chars(t, rhyme(40)), s, Options{Progress: func(Progress) {
		if n++; n == 3 {
			enough()
		}
	}})
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("error %v", err)
	}
}
