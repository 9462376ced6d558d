package train

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A StepTime is how fast a training goes on this machine, with so many workers, while it is as busy as it was.
type StepTime struct {
	Step   time.Duration `json:"step_ns"`   // a training step
	Report time.Duration `json:"report_ns"` // a report: the validation loss, and the sample if there is one
}

const (
	// trial is how long the pace is measured at most. It takes a fiftieth of the time that is allowed, if that is less.
	trial      = 2 * time.Second
	trialShare = 50

	// spare is the share of the time that is kept for what nobody measures: checkpoints, and the machine's other work.
	spare = 0.02

	never = 1 << 50 // training steps
)

// Resolve returns s complete and with a known end: where a time is allowed it measures the pace, chooses the training steps
// that fit in, and leaves the time as For. It is done once, so that a run depends on the clock no more: its settings, and
// the number of training steps among them, repeat it bit for bit.
//
// A run that is resumed has the settings it was begun with where s says nothing. With the time it was begun with it goes on
// to the end it has, unless it is there already; with another it goes on for that long. Resolve fails as
// Settings.WithDefaults does, and with ErrInterrupted when ctx is cancelled.
func Resolve(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (Settings, error) {
	var old Settings
	done := int64(0)
	if o.Resume {
		info, saved, err := readInfo(o.Folder)
		if err == nil {
			done, err = savedSteps(o.Folder)
		}
		if err == nil {
			old = saved
			old.Schedule.Total = 0 // it follows from how long the run is
			s = s.fill(old)
			err = sameText(o.Folder, info, old, infoOf(c), s.Seed)
		}
		if err != nil {
			return s, err
		}
	}
	full, err := s.WithDefaults(c.Alphabet.Size(), c.Train().Len())
	if err != nil || s.Budget.Time == 0 {
		return full, err
	}
	if l := old.Budget; l.For == s.Budget.Time && l.Steps > done {
		l.EarlyStop = s.Budget.EarlyStop
		s.Budget = l
		return s.WithDefaults(c.Alphabet.Size(), c.Train().Len())
	}
	full, _, err = timed(ctx, c, s, o, done)
	return full, err
}

// timed measures the pace and makes the time that s allows into training steps, after those done. How often to report, and
// whether there is dropout, depend on their number: where the pace turns out to be that of another dropout, it is measured
// again.
func timed(ctx context.Context, c *corpus.Corpus, s Settings, o Options, done int64) (full Settings, p StepTime, err error) {
	begin := time.Now()
	if full, err = s.WithDefaults(c.Alphabet.Size(), c.Train().Len()); err != nil {
		return full, p, err
	}
	again := true
	for range 2 {
		if again {
			if p, err = Measure(ctx, c, full, o); err != nil {
				return full, p, err
			}
		}
		left := time.Duration(float64(s.Budget.Time)*(1-spare)) - time.Since(begin)
		next := s
		next.Budget = s.Budget.fit(p, full, left, done)
		if next, err = next.WithDefaults(c.Alphabet.Size(), c.Train().Len()); err != nil {
			return full, p, err
		}
		again = next.dropout() != full.dropout()
		full = next
	}
	return full, p, nil
}

// fit replaces the time by the training steps that it has room for, after those done in earlier calls.
func (l Budget) fit(p StepTime, s Settings, left time.Duration, done int64) Budget {
	each := p.Step + p.Report/time.Duration(s.ReportEvery)
	steps := done + max(1, int64(left/max(1, each)))
	if l.Steps == 0 || steps < l.Steps {
		l.Steps = steps
	}
	l.For, l.Time = l.Time, 0
	return l
}

// Measure takes a few training steps and part of a report with a network that it throws away. The settings must be complete.
func Measure(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (StepTime, error) {
	most := trial
	if l := s.Budget; l.Time+l.For > 0 {
		most = min(most, (l.Time+l.For)/trialShare)
	}
	s.Budget, s.ReportEvery, s.ReportEpochs = Budget{Steps: never}, never, false
	pool := f32.NewPool(max(1, o.Threads))
	defer pool.Close()
	t, err := newTrainer(c, s, Options{Sample: o.Sample}, pool)
	if err != nil {
		return StepTime{}, err
	}
	defer debug.FreeOSMemory() // the training to come needs as much again
	var p StepTime
	if p.Step, err = t.timeSteps(ctx, most); err != nil {
		return p, err
	}
	p.Report, err = t.timeReport(most / 4)
	return p, err
}

// timeSteps returns the mean time of a training step. The first ones do not count: they are slow.
func (t *trainer) timeSteps(ctx context.Context, most time.Duration) (time.Duration, error) {
	const first, least = 2, 3
	var begin time.Time
	for n := int64(-first); ; {
		if n == 0 {
			begin = time.Now()
		}
		if n >= least && time.Since(begin) > most {
			return time.Since(begin) / time.Duration(n), nil
		}
		before := t.Step
		err := t.advance(ctx)
		if _, diverged := errors.AsType[*Divergence](err); diverged { // which costs as much
			err = t.rollBack()
		}
		if err != nil {
			return 0, err
		}
		if t.Step != before {
			n++
		}
	}
}

// timeReport returns how long a report takes.
func (t *trainer) timeReport(most time.Duration) (time.Duration, error) {
	var whole time.Duration
	if t.valid != nil {
		begin, stop := time.Now(), false
		_, n, err := t.valid.read(func(Phase, float64) { stop = time.Since(begin) > most }, &stop)
		if err != nil {
			return 0, err
		}
		whole = time.Duration(float64(time.Since(begin)) * float64(t.valid.symbols()) / float64(n))
	}
	begin := time.Now()
	if t.o.Sample != nil {
		if _, err := t.o.Sample(t.model); err != nil {
			return 0, fmt.Errorf("sample: %w", err)
		}
	}
	return whole + time.Since(begin), nil
}
