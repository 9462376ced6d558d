package train

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/optim"
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

// A Choice says which settings a training has: those of Base, or Defaults, with what Change sets. The zero Choice is Defaults.
type Choice struct {
	Base   *Settings       // complete; nil means Defaults. A run that is resumed has its own
	Change func(*Settings) // as for Defaults; may be nil
}

func (c Choice) change(s *Settings) {
	if c.Change != nil {
		c.Change(s)
	}
}

// Settings returns them, complete, for a corpus with these facts. It fails as Settings.Check does.
func (c Choice) Settings(f Facts) (Settings, error) { return c.settings(f, nil) }

// settings is Settings. What then assigns comes last.
func (c Choice) settings(f Facts, then func(*Settings)) (Settings, error) {
	change := func(s *Settings) {
		c.change(s)
		if then != nil {
			then(s)
		}
	}
	if c.Base == nil {
		return Defaults(f, change)
	}
	s := *c.Base
	change(&s)
	// Another optimizer, schedule or cell comes with what belongs to it.
	if own, err := optim.Defaults(s.Optimizer.Optimizer); err == nil && own.Optimizer != c.Base.Optimizer.Optimizer {
		s.Optimizer = own
	}
	if own, err := optim.DefaultSchedule(s.Schedule.Name); err == nil && own.Name != c.Base.Schedule.Name {
		s.Schedule = own
	}
	if s.Network.Cell != c.Base.Network.Cell {
		s.Network.Activation = ""
		if full, err := s.Network.WithDefaults(); err == nil {
			s.Network.Activation = full.Activation
		}
	}
	change(&s)
	s.setFacts(f)
	return s, s.Check(f)
}

// Resolve returns the settings that are chosen, with a known end: where a time is allowed it measures how long a training
// step takes, chooses the number that fits in, and leaves the time as For. It is done once, so that a run depends on the
// clock no more: its settings, and the number of training steps among them, repeat it bit for bit.
//
// A run that is resumed has the settings it was begun with. With the time it was begun with it goes on to the end it has,
// unless it is there already; with another it goes on for that long. Resolve fails as Settings.Check does, on a run to resume
// that has learned another text, and with ErrInterrupted when ctx is cancelled.
func Resolve(ctx context.Context, c *corpus.Corpus, choice Choice, o Options) (Settings, error) {
	s, _, err := resolve(ctx, c, choice, o)
	return s, err
}

// resolve is Resolve. It returns how long a training step takes too, if that was measured.
func resolve(ctx context.Context, c *corpus.Corpus, choice Choice, o Options) (Settings, *StepTime, error) {
	done := int64(0)
	var begun Budget
	if o.Resume {
		info, old, err := readInfo(o.Folder)
		if err != nil {
			return old, nil, err
		}
		if done, err = savedSteps(o.Folder); err != nil {
			return old, nil, err
		}
		now := old
		choice.change(&now)
		if err := sameText(o.Folder, info, old, infoOf(c), now.Seed); err != nil { // old need not go with another text
			return old, nil, err
		}
		choice.Base, begun = &old, old.Budget
	}
	s, err := choice.Settings(FactsOf(c))
	if err != nil || s.Budget.Time == 0 {
		return s, nil, err
	}
	if begun.For == s.Budget.Time && begun.Steps > done {
		begun.EarlyStop = s.Budget.EarlyStop
		s.Budget = begun
		return s, nil, nil
	}
	return choice.timed(ctx, c, s, o, done)
}

// timed measures the time of a training step and makes the time that s allows into training steps, after those done. How
// often to report, and whether there is dropout, depend on their number: where it turns out that there is another dropout,
// the time is measured again.
func (c Choice) timed(ctx context.Context, data *corpus.Corpus, s Settings, o Options, done int64) (Settings, *StepTime, error) {
	begin, allowed := time.Now(), s.Budget
	var p *StepTime
	again := true
	for range 2 {
		if again {
			var err error
			if p, err = measure(ctx, data, s, o); err != nil {
				return s, p, err
			}
		}
		left := time.Duration(float64(allowed.Time)*(1-spare)) - time.Since(begin)
		fitted := allowed.fit(*p, s, left, done)
		next, err := c.settings(FactsOf(data), func(s *Settings) { s.Budget = fitted })
		if err != nil {
			return s, p, err
		}
		again = next.dropout() != s.dropout()
		s = next
	}
	return s, p, nil
}

// fit replaces the time by the training steps that it has room for, after those done in earlier calls.
func (b Budget) fit(p StepTime, s Settings, left time.Duration, done int64) Budget {
	each := p.Step + p.Report/time.Duration(s.ReportEvery)
	steps := done + max(1, int64(left/max(1, each)))
	if b.Steps == 0 || steps < b.Steps {
		b.Steps = steps
	}
	b.For, b.Time = b.Time, 0
	return b
}

// measure takes a few training steps and part of a report with a network that it throws away.
func measure(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (*StepTime, error) {
	most := trial
	if l := s.Budget; l.Time+l.For > 0 {
		most = min(most, (l.Time+l.For)/trialShare)
	}
	s.Budget, s.ReportEvery, s.ReportEpochs = Budget{Steps: never}, never, false
	pool := f32.NewPool(o.workers(s))
	defer pool.Close()
	t, err := newTrainer(c, s, Options{Sample: o.Sample}, pool)
	if err != nil {
		return nil, err
	}
	defer debug.FreeOSMemory() // the training to come needs as much again
	p := &StepTime{}
	if p.Step, err = t.timeSteps(ctx, most); err != nil {
		return p, err
	}
	p.Report, err = t.timeReport(ctx, most/4)
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
func (t *trainer) timeReport(ctx context.Context, most time.Duration) (time.Duration, error) {
	var whole time.Duration
	if t.valid != nil {
		begin, stop := time.Now(), false
		_, n, err := t.valid.read(ctx, func(Phase, float64) { stop = time.Since(begin) > most }, &stop)
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
