package term

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// A forecast measures how fast a training goes and foretells its end.
//
// Between two reports lie many training steps, a validation and a checkpoint. In the midst of them the share done says
// little of the time all of it takes, so the end is foretold at each report, from whole such rounds, of which the older
// count less; from there on the clock runs down. Only in the first round, and in one that takes longer than the one before,
// the end is foretold as if a report came now.
type forecast struct {
	start time.Time
	now   train.Progress // the last that was told, and when
	at    time.Time

	share, spent float64 // of the run, in rounds, and the seconds they took
	roundAt      time.Time
	roundFrom    float64       // share done when the round began
	before       time.Duration // of the round before
	end          time.Time     // as foretold; zero if there is nothing to tell from

	since            time.Time // when training proper went on; zero while something else is going on
	from             int64     // symbols then
	symbols, seconds float64   // of the last moments of training proper, the older the less
}

const (
	roundsMemory = 10 * time.Minute // the weight of a round falls to 1/e in this time
	speedMemory  = 2 * time.Second
	tooEarly     = time.Second // before this nothing is foretold
)

// begin starts the clock.
func (f *forecast) begin(at time.Time) { *f = forecast{start: at} }

// progress takes in news of a training.
func (f *forecast) progress(p train.Progress, at time.Time) {
	if f.at.IsZero() {
		f.roundAt, f.roundFrom = at, p.Done
	}
	if !f.since.IsZero() && p.Symbols >= f.from { // fewer are left when a divergence has thrown the training back
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

// round returns what share and spent are if a round ends now.
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

// fading returns the weight of what was, after some time has passed.
func fading(passed, memory time.Duration) float64 {
	return math.Exp(-float64(passed) / float64(memory))
}

// left returns the time left, at least 0, and whether there is anything to tell it from.
func (f *forecast) left(now time.Time) (time.Duration, bool) {
	return max(0, f.end.Sub(now)), !f.end.IsZero()
}

// speed returns the symbols per second of the last moments spent on training, 0 if nothing is known yet.
func (f *forecast) speed() float64 {
	if f.seconds == 0 {
		return 0
	}
	return f.symbols / f.seconds
}

// Roughly writes the time left, no finer than anybody can know it.
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

// stopwatch writes the time passed: 1:05, 2:01:05.
func stopwatch(d time.Duration) string {
	s := int64(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
