package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Report is the state of a training at one of its reports, with what was measured since the last.
type Report struct {
	run.Metrics // a line of metrics.jsonl

	Best     bool // the validation loss is the lowest so far, or there is no validation
	EpochEnd bool
	Sample   string // from Options.Sample
}

// A clock measures the seconds of a training, over several calls of Run.
type clock struct {
	before float64 // seconds of earlier calls
	start  time.Time
}

func (c *clock) seconds() float64 { return c.before + time.Since(c.start).Seconds() }

// report measures, tells and saves. An interruption leaves the training as it was: the report is still due. The schedule
// hears of scheduled reports alone: whether the end of a call made one more must not change what follows when the run is
// resumed.
func (t *trainer) report(ctx context.Context, scheduled bool) error {
	if t.average != nil {
		t.average.net.Updated()
	}
	r := Report{Metrics: run.Metrics{
		Step: t.Step, Symbols: t.Symbols, LearningRate: t.rate, GradNorm: t.GradNorm,
		Epoch: t.epochs(),
		Loss:  t.LossSum / float64(t.LossOver), PassLoss: t.Pass.mean(t.epochs()),
		Seconds: t.clock.seconds(),
	}}
	if since := r.Seconds - t.reported; since > 0 {
		r.SymbolsPerSecond = float64(t.LossOver) / since
	}
	score := r.Loss
	if t.valid != nil {
		t.phase(Validating)
		loss, err := t.valid.loss(ctx, t.tellIfDue)
		if err != nil {
			return err
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return t.diverged("validation loss")
		}
		r.ValidLoss, score = &loss, loss
	}
	r.EpochEnd = t.Position == t.streams.Length()
	if t.o.Sample != nil {
		t.phase(Sampling)
		var err error
		if r.Sample, err = t.sample(ctx); errors.Is(err, model.ErrNotFinite) {
			return t.diverged("model's output")
		} else if err != nil {
			return err
		}
	}
	if scheduled {
		t.ReportDue, t.SinceReport = false, 0
		t.Plateau = t.s.Schedule.Observe(t.Plateau, score)
		t.EarlyStop = t.EarlyStop.see(score)
	}
	if r.Best = t.BestStep == 0 || score < t.BestLoss; r.Best {
		t.BestLoss, t.BestStep = score, t.Step
	}
	t.model.Summary = t.summary()
	t.model.Summary.Loss, t.model.Summary.PassLoss = r.Loss, r.PassLoss
	if r.ValidLoss != nil {
		t.model.Summary.ValidLoss = *r.ValidLoss
	}
	t.LossSum, t.LossOver = 0, 0
	t.last, t.reported = r, r.Seconds
	// A run that is resumed after its end must continue as if it had not ended.
	if err := t.save(r, scheduled && !t.exploded(r.Loss) && !t.exploded(t.lastLoss)); err != nil {
		return err
	}
	t.reported = t.clock.seconds() // measuring and saving do not count for the speed
	if t.o.Report != nil {
		t.o.Report(r)
	}
	return nil
}

// keepBest copies the model.
func (t *trainer) keepBest() {
	if t.best == nil {
		kept := *t.model
		kept.Network = t.model.Network.Clone()
		t.best = &kept
	}
	t.best.Summary = t.model.Summary
	for i, p := range t.best.Network.Params() {
		copy(p.Value, t.model.Network.Params()[i].Value)
	}
	t.best.Network.Updated()
}

// bestModel returns the model with the lowest validation loss, including earlier calls.
func (t *trainer) bestModel() (*model.Model, error) {
	if t.folder != nil {
		return model.Load(t.folder.Path(run.ModelName))
	}
	return t.best, nil
}

// sample returns a sample for a report. One that fails after ctx was cancelled, with whatever error, was interrupted.
func (t *trainer) sample(ctx context.Context) (string, error) {
	text, err := t.o.Sample(t.model)
	switch {
	case err == nil:
		return text, nil
	case ctx.Err() != nil:
		return "", ErrInterrupted
	}
	return "", fmt.Errorf("step %d: sample: %w", t.Step, err)
}
