// Package runner does one run of a study: it trains by starting elman as a process of its own, goes on where an earlier attempt
// was ended, and measures the model. The training is a plain elman train, so its weights have the same hash as without a study.
package runner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/elman-sweep/study"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Runner does runs on this machine.
type Runner struct {
	Elman    *Elman
	Version  string // of Elman, for results
	SelfTest string // of Elman, for results
	Machine  string // its name, for results
	Threads  int    // of each run

	Where func(study.File) string  // where a file lies
	Fault func(id, message string) // receives what went wrong and was mended; may be nil
}

// Run trains and measures in a folder, which is elman's run folder, and returns the result. What an earlier attempt has
// trained there is used. The error is that of an interruption, or a MachineError; that of a run is in its result.
func (r *Runner) Run(ctx context.Context, t *study.Task, folder string) (*Result, error) {
	result := &Result{ID: t.ID, Measures: t.MeasuresHash(), Elman: r.Version, SelfTest: r.SelfTest, Machine: r.Machine}
	err := r.train(ctx, t, folder)
	if err == nil {
		err = result.read(folder)
	}
	if err == nil {
		err = r.measure(ctx, t, folder, result)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if own, ok := asMachine(err); ok {
		return nil, own
	}
	if err != nil || len(t.Measures) > 0 { // after the training they were looked at there
		if changed := r.unchanged(t); changed != nil {
			return nil, changed
		}
	}
	if err != nil {
		result.Error, result.Hash, result.Values = oneLine(err), "", nil
	}
	return result, nil
}

// inUse is what elman says of a folder in which another process trains: one that outlived its worker.
const inUse = "is in use by another training"

// train trains to the end. Where it cannot go on from a checkpoint, it begins again.
func (r *Runner) train(ctx context.Context, t *study.Task, folder string) error {
	for attempt := 0; ; attempt++ {
		begun := holds(folder, run.InfoName)
		if begun && finished(folder) {
			return nil
		}
		if err := r.unchanged(t); err != nil {
			return err
		}
		_, err := r.Elman.run(ctx, r.arguments(t, folder, begun)...)
		failed := (*failure)(nil)
		switch {
		case err == nil:
			if err := r.unchanged(t); err != nil {
				return err // the next attempt begins again if elman has read another text
			}
			return os.WriteFile(filepath.Join(folder, trainedName), nil, 0o666)
		case ctx.Err() != nil || errors.As(err, new(MachineError)) || !errors.As(err, &failed):
			return err
		case strings.Contains(failed.line, inUse):
			attempt--
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		case attempt > 0 || !begun && failed.code == exitUsage:
			return err
		default:
			if err := r.unchanged(t); err != nil {
				return err // which elman has told in other words
			}
			if r.Fault != nil {
				r.Fault(t.ID, fmt.Sprintf("begins again, after: %s", oneLine(err)))
			}
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
	}
}

// arguments returns the command line of a training that begins or goes on. A run that goes on has its settings: elman refuses
// --config and --recipe then.
func (r *Runner) arguments(t *study.Task, folder string, begun bool) []string {
	own := []string{"--quiet", fmt.Sprintf("--threads=%d", r.Threads), "--out=" + folder}
	if begun {
		rest := *t
		rest.Flags = slices.DeleteFunc(slices.Clone(t.Flags), func(f study.Flag) bool { return f.Name == "config" || f.Name == "recipe" })
		t, own = &rest, append(own, "--resume")
	}
	return append(t.Arguments(r.Where), own...)
}

// trainedName is an empty file which says that elman train has ended: the run's own files do not tell.
const trainedName = "trained"

func finished(folder string) bool { return holds(folder, trainedName) && holds(folder, model.FileName) }

func holds(folder, file string) bool {
	_, err := os.Stat(filepath.Join(folder, file))
	return err == nil
}

// read takes the hash and the losses from a run folder.
func (r *Result) read(folder string) error {
	m, err := model.Load(folder)
	if err != nil {
		return err
	}
	r.Hash = m.Hash()
	info, err := run.ReadInfo(folder)
	if err != nil {
		return err
	}
	reports, err := run.ReadMetrics(folder)
	if err != nil {
		return err
	}
	best := math.Inf(1)
	for _, report := range reports {
		if report.ValidLoss != nil {
			best = min(best, *report.ValidLoss)
		}
		r.Steps, r.Seconds = report.Step, report.Seconds
	}
	r.add("valid_loss", best)
	if len(reports) > 0 {
		r.add("loss", reports[len(reports)-1].Loss)
	}
	if info.Tested.Symbols > 0 {
		r.add("test_loss", info.Tested.Loss)
	}
	return nil
}

// add adds a value, unless it is not finite.
func (r *Result) add(name string, x float64) {
	if x-x == 0 {
		r.Values = append(r.Values, Value{name, x})
	}
}

// oneLine returns an error's text without line breaks.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
