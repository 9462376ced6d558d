package train

import (
	"cmp"
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A StepTime is the measured speed of a training on this machine, with this many workers.
type StepTime struct {
	Step   time.Duration `json:"step_ns"`   // a training step
	Report time.Duration `json:"report_ns"` // a report: the validation loss, and the sample if there is one
	// Teacher is a training step of the teacher's own training, with its share of a report.
	Teacher time.Duration `json:"teacher_step_ns,omitzero"`
}

const (
	// longestMeasure limits how long the speed is measured: a fiftieth of the time allowed, if that is less.
	longestMeasure = 2 * time.Second
	trialShare     = 50

	// spare is the share of the time reserved for what is not measured: checkpoints, and other work of the machine.
	spare = 0.02

	never = 1 << 50 // training steps
)

// A Choice selects settings: Base, or Defaults, with the changes of Change. The zero Choice is Defaults.
type Choice struct {
	Base   *Settings       // complete; nil means Defaults, or in a resumed run its own
	Change func(*Settings) // overwrites fields, as for Defaults; may be nil
	// Network is that of the model to begin with, nil for a new one. Resolve sets it to that of Options.Init.
	Network *rnn.Config

	shared bool // Facts.Shared
}

func (c Choice) change(s *Settings) {
	if c.Network != nil {
		s.Network = *c.Network
	}
	if c.Change != nil {
		c.Change(s)
	}
}

// Settings returns the chosen settings, complete, for a corpus with these facts. Its errors are those of Settings.Check.
func (c Choice) Settings(f Facts) (Settings, error) { return c.settings(f, nil) }

// settings is Settings. What then assigns comes last.
func (c Choice) settings(f Facts, then func(*Settings)) (s Settings, err error) {
	f.Continued, f.Shared = c.Network != nil, c.shared
	change := func(s *Settings) {
		c.change(s)
		if then != nil {
			then(s)
		}
	}
	if c.Base == nil {
		s, err = Defaults(f, change)
	} else {
		s, err = c.fromBase(f, change)
	}
	if c.Network != nil {
		err = cmp.Or(sameNetwork(*c.Network, s.Network), err)
	}
	return s, err
}

func (c Choice) fromBase(f Facts, change func(*Settings)) (Settings, error) {
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
	if s.TeacherShare == 0 {
		s.Teacher = ""
	} else if s.Teacher == "" {
		d := defaults{Settings: s, facts: f}
		if err := d.teacher(); err != nil {
			return s, err
		}
		s.Teacher = d.Teacher
	}
	return s, s.Check(f)
}

// Resolve returns the chosen settings with a known number of training steps. If Budget.Time is set, it measures the time of a
// training step, sets Budget.Steps to what fits, and moves the time to Budget.For. From then on a run does not depend on the
// clock: its settings repeat it bit for bit. A short text ends before its time, when it has been read often enough.
//
// A resumed run keeps its settings. If its time is the same as before, it continues to its end, unless it is there already;
// with another time it continues for that long. Resolve fails on settings out of range, on a run to resume that learns another
// text, and with ErrInterrupted when ctx is cancelled.
func Resolve(ctx context.Context, c *corpus.Corpus, choice Choice, o Options) (Settings, error) {
	s, _, err := resolve(ctx, c, choice, o)
	return s, err
}

// beginning adds the network of the model that a training begins with, and whether processes share it.
func (c Choice) beginning(o Options) Choice {
	c.shared = o.Window != nil
	if o.Init != nil {
		n := o.Init.Network.Config()
		c.Network = &n
	}
	return c
}

// resolve is Resolve. It also returns the measured speed, if it was measured.
func resolve(ctx context.Context, c *corpus.Corpus, choice Choice, o Options) (Settings, *StepTime, error) {
	if err := o.check(); err != nil {
		return Settings{}, nil, err
	}
	choice = choice.beginning(o)
	done, taught := int64(0), int64(0)
	var begun Budget
	if o.Resume {
		info, old, err := readInfo(o.Folder)
		if err != nil {
			return old, nil, err
		}
		if done, err = savedSteps(o.Folder); err != nil {
			return old, nil, err
		}
		if taught, err = taughtSteps(o.Folder, info); err != nil {
			return old, nil, err
		}
		now := old
		choice.change(&now)
		if err := sameText(o.Folder, info, old, o.describe(c), now.Seed); err != nil { // old need not fit another text
			return old, nil, err
		}
		choice.Base, begun = &old, old.Budget
	}
	s, err := choice.Settings(FactsOf(c))
	if err == nil {
		err = o.allowTeacher(s)
	}
	if err != nil || s.Budget.Time == 0 {
		return s, nil, err
	}
	if begun.For == s.Budget.Time && begun.Steps > done {
		begun.EarlyStop = s.Budget.EarlyStop
		s.Budget = begun
		return s, nil, nil
	}
	return choice.timed(ctx, c, s, o, done, taught)
}

// timed measures the time of a training step and turns the time of s into training steps, after those done, and those taught of its
// teacher. The number of steps decides the reports and the dropout; if the dropout changes, the time is measured again.
func (c Choice) timed(ctx context.Context, data *corpus.Corpus, s Settings, o Options, done, taught int64) (Settings, *StepTime, error) {
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
		each := p.Step + s.reporting(p.Report, FactsOf(data))
		teacher, err := s.teacherSettings(FactsOf(data))
		if err != nil {
			return s, p, err
		}
		whole, more := p.ofTeacher(s, teacher, c.Base == nil || c.Base.Teacher == "", taught)
		if whole > 0 && left < whole+each {
			return s, p, setting.Errorf("%v is %v, and the teacher alone takes about %v; give more", setting.Name("time"), allowed.Time, whole.Round(time.Second))
		}
		fitted := allowed.fit(each+more, left-whole, done)
		if done == 0 {
			fitted.Steps = min(fitted.Steps, mostSteps(s, FactsOf(data)))
		}
		next, err := c.settings(FactsOf(data), func(s *Settings) { s.Budget = fitted })
		if err != nil {
			return s, p, err
		}
		again = next.dropout() != s.dropout() // which takes time of its own
		s = next
	}
	return s, p, nil
}

// ofTeacher returns the time that a teacher's training takes after the steps taught of it: in all, or if its length follows from
// that of the run, for each of the run's training steps.
func (p StepTime) ofTeacher(s, teacher Settings, follows bool, taught int64) (whole, each time.Duration) {
	switch {
	case s.Teacher == "":
	case follows:
		each = time.Duration(float64(p.Teacher) * float64(s.Batch*s.Window) / float64(shorterTeacher*teacher.Batch*teacher.Window))
	default:
		whole = p.Teacher * time.Duration(max(0, teacher.Budget.Steps-taught))
	}
	return whole, each
}

// fit replaces the time by the training steps that fit into what is left of it, after those done in earlier calls.
func (b Budget) fit(each, left time.Duration, done int64) Budget {
	steps := done + max(1, int64(left/max(1, each)))
	if b.Steps == 0 || steps < b.Steps {
		b.Steps = steps
	}
	b.For, b.Time = b.Time, 0
	return b
}

// measure takes a few training steps and part of a report with networks that it throws away.
func measure(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (*StepTime, error) {
	p, err := measureOne(ctx, c, s, o)
	if err != nil || s.Teacher == "" {
		return p, err
	}
	facts := FactsOf(c)
	teacher, err := s.teacherSettings(facts)
	if err != nil {
		return p, err
	}
	teacher.Budget = s.Budget
	own, err := measureOne(ctx, c, teacher, o)
	if err != nil {
		return p, err
	}
	p.Teacher = own.Step + teacher.reporting(own.Report, facts)
	return p, nil
}

// measureOne is measure, without the training of a teacher.
func measureOne(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (*StepTime, error) {
	most := longestMeasure
	if l := s.Budget; l.Time+l.For > 0 {
		most = min(most, (l.Time+l.For)/trialShare)
	}
	s.Budget, s.ReportEvery, s.ReportEpochs = Budget{Steps: never}, never, false
	pool := f32.NewPool(o.workers(s))
	defer pool.Close()
	t, err := newTrainer(c, s, Options{Init: o.Init, Sample: o.Sample, Window: o.Window}, pool)
	if err != nil {
		return nil, err
	}
	defer debug.FreeOSMemory() // the training itself will need as much
	p := &StepTime{}
	if p.Step, err = t.timeSteps(ctx, most); err != nil {
		return p, err
	}
	p.Report, err = t.timeReport(ctx, most/4)
	return p, err
}

// timeSteps returns the mean time of a training step, without the slow first ones.
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
		_, diverged := errors.AsType[*Divergence](err)
		if diverged { // such a step takes as long, and counts: the next may diverge again
			err = t.rollBack()
		}
		if err != nil {
			return 0, err
		}
		if diverged || t.Step != before {
			n++
		}
	}
}

// timeReport returns the time of a report.
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
		if _, err := t.sample(ctx); err != nil {
			return 0, err
		}
	}
	return whole + time.Since(begin), nil
}
