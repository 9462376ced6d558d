package train

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/seed-f4dd853e/elman/model"
)

// A Report tells how far a training has come: a line of metrics.jsonl.
type Report struct {
	Step             int64    `json:"step"`    // training steps so far
	Epoch            float64  `json:"epoch"`   // passes over the training text so far
	Symbols          int64    `json:"symbols"` // predicted so far
	Loss             float64  `json:"loss"`    // nats per symbol (see Settings.Codes), mean over exactly the symbols since the last report
	ValidLoss        *float64 `json:"valid_loss,omitempty"`
	LearningRate     float64  `json:"lr"`
	GradNorm         float64  `json:"grad_norm"` // of the last training step, before clipping
	SymbolsPerSecond float64  `json:"symbols_per_second"`
	Seconds          float64  `json:"seconds"` // spent training so far, pauses left out

	Best     bool   `json:"-"` // the validation loss is the lowest so far, or there is none
	EpochEnd bool   `json:"-"`
	Sample   string `json:"-"` // what Options.Sample wrote
}

// A clock measures the seconds of a training, over several calls of Run.
type clock struct {
	before float64 // seconds of earlier calls
	start  time.Time
}

func (c *clock) seconds() float64 { return c.before + time.Since(c.start).Seconds() }

// report measures, tells and saves. The schedule hears of scheduled reports alone: whether the end of a call made one more
// must not change what follows when the run is resumed.
func (t *trainer) report(scheduled bool) error {
	if t.average != nil {
		t.average.net.Updated()
	}
	r := Report{
		Step: t.Step, Symbols: t.Symbols, LearningRate: t.rate, GradNorm: t.GradNorm,
		Epoch:   t.epochs(),
		Loss:    t.LossSum / float64(t.LossOver),
		Seconds: t.clock.seconds(),
	}
	if since := r.Seconds - t.last.Seconds; since > 0 {
		r.SymbolsPerSecond = float64(t.LossOver) / since
	}
	score := r.Loss
	if t.valid != nil {
		t.phase(Validating)
		loss, err := t.valid.loss(t.tellIfDue)
		if err != nil {
			return err
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return t.diverged("validation loss")
		}
		r.ValidLoss, score = &loss, loss
	}
	r.EpochEnd = t.Position == t.streams.Length()
	if scheduled {
		t.Plateau = t.s.Schedule.Observe(t.Plateau, score)
		t.EarlyStop = t.EarlyStop.see(score)
	}
	if r.Best = t.BestStep == 0 || score < t.BestLoss; r.Best {
		t.BestLoss, t.BestStep = score, t.Step
	}
	t.model.Summary = model.Summary{Steps: t.Step, Symbols: t.Symbols, Loss: r.Loss, Seed: t.s.Seed, Corpus: t.corpus.Hash(),
		TrainSymbols: t.corpus.Train().Len(), Language: t.o.Language}
	if r.ValidLoss != nil {
		t.model.Summary.ValidLoss = *r.ValidLoss
	}
	t.LossSum, t.LossOver = 0, 0
	if t.o.Sample != nil {
		t.phase(Sampling)
		var err error
		if r.Sample, err = t.o.Sample(t.model); errors.Is(err, model.ErrNotFinite) {
			return t.diverged("model's output")
		} else if err != nil {
			return fmt.Errorf("step %d: sample: %w", t.Step, err)
		}
	}
	t.last = r
	if err := t.save(r); err != nil {
		return err
	}
	if scheduled { // what the end of a run reports may go on as if it had not ended
		t.keep()
	}
	t.last.Seconds = t.clock.seconds() // what was spent on measuring and saving is no training speed
	if t.o.Report != nil {
		t.o.Report(r)
	}
	return nil
}
