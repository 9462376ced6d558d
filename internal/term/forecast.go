package term

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// A forecast measures the speed of a training and predicts its end.
//
// A round, from one report to the next, has many training steps, a validation and a checkpoint. Within a round the share
// done says little about the total time, so the end is predicted at each report, from whole rounds, with less weight on
// older ones; then the clock runs down. In the first round, and in one that takes longer than the one before, the end is
// predicted as if a report came now.
type forecast struct {
	start time.Time
	now   train.Progress // the last progress, and when
	at    time.Time

	share, spent float64 // of the run, in rounds, and the seconds they took
	roundAt      time.Time
	roundFrom    float64       // share done when the round began
	before       time.Duration // of the round before
	end          time.Time     // predicted; zero if unknown

	since            time.Time // when training steps last began; zero during other phases
	from             int64     // symbols then
	symbols, seconds float64   // of recent training steps, with less weight on older ones
}

const (
	roundsMemory = 10 * time.Minute // the weight of a round falls to 1/e in this time
	speedMemory  = 2 * time.Second
	tooEarly     = time.Second // no prediction before this
)

// begin starts the clock.
func (f *forecast) begin(at time.Time) { *f = forecast{start: at} }

// progress adds a progress of the training.
func (f *forecast) progress(p train.Progress, at time.Time) {
	if f.at.IsZero() {
		f.roundAt, f.roundFrom = at, p.Done
	}
	if !f.since.IsZero() && p.Symbols >= f.from { // there are fewer after a rollback
		passed := at.Sub(f.since)
		keep := fading(passed, speedMemory)
		f.symbols = f.symbols*keep + float64(p.Symbols-f.from)
		f.seconds = f.seconds*keep + passed.Seconds()
	}
	if f.since, f.from = at, p.Symbols; p.Phase != train.Training {
		f.since = time.Time{}
	}
	f.now, f.at = p, at
	if round := at.Sub(f.roundAt); p.Phase == train.Training && round > f.before+f.before/4 {
		share, spent := f.round(at)
		f.foretell(share, spent, at)
	}
}

// report ends a round.
func (f *forecast) report(at time.Time) {
	if f.at.IsZero() {
		return
	}
	f.share, f.spent = f.round(at)
	f.foretell(f.share, f.spent, at)
	f.before, f.roundAt, f.roundFrom = at.Sub(f.roundAt), at, f.now.Done
	f.since = at
}

// round returns share and spent as if a round ended now.
func (f *forecast) round(at time.Time) (share, spent float64) {
	passed := at.Sub(f.roundAt)
	keep := fading(passed, roundsMemory)
	return f.share*keep + f.now.Done - f.roundFrom, f.spent*keep + passed.Seconds()
}

func (f *forecast) foretell(share, spent float64, at time.Time) {
	left := (1 - f.now.Done) * spent / share
	if share <= 0 || at.Sub(f.start) < tooEarly || left > math.MaxInt32 { // 68 years
		return
	}
	f.end = at.Add(time.Duration(left * float64(time.Second)))
}

// fading returns the weight of earlier values after some time.
func fading(passed, memory time.Duration) float64 {
	return math.Exp(-float64(passed) / float64(memory))
}

// left returns the time left, at least 0, and whether it is known.
func (f *forecast) left(now time.Time) (time.Duration, bool) {
	return max(0, f.end.Sub(now)), !f.end.IsZero()
}

// speed returns the symbols per second of recent training steps, 0 if unknown.
func (f *forecast) speed() float64 {
	if f.seconds == 0 {
		return 0
	}
	return f.symbols / f.seconds
}

// Roughly formats the time left, no more precisely than it can be known.
func Roughly(d time.Duration) string {
	up := func(unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }
	switch {
	case d == 0:
		return "a moment"
	case d <= time.Minute:
		return fmt.Sprintf("%d s", up(time.Second)/time.Second)
	case d <= 10*time.Minute:
		d = up(10 * time.Second)
		return fmt.Sprintf("%d:%02d min", d/time.Minute, d%time.Minute/time.Second)
	case d <= time.Hour:
		return fmt.Sprintf("%d min", up(time.Minute)/time.Minute)
	case d <= 48*time.Hour:
		d = up(5 * time.Minute)
		return fmt.Sprintf("%d:%02d h", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d days", up(24*time.Hour)/(24*time.Hour))
}

// stopwatch formats the time passed: 1:05, 2:01:05.
func stopwatch(d time.Duration) string {
	s := int64(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
