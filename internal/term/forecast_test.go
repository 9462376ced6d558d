package term

import (
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// noon is when the trainings of these tests begin.
var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

func after(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// at is news of a phase.
func at(phase train.Phase, done float64) train.Progress {
	return train.Progress{Phase: phase, Done: done}
}

// An event is what a forecast is told.
type event struct {
	seconds float64
	news    train.Progress
	report  bool
}

// rounds makes the events of rounds of this many seconds of training, in each of which the run advances by share, and of
// seconds of validation, in which it does not.
func rounds(n int, from, share, training, validation float64) []event {
	var events []event
	for i := range n {
		begin, done := float64(i)*(training+validation), from+float64(i)*share
		for j := range 10 {
			events = append(events, event{begin + training*float64(j)/10, at(train.Training, done+share*float64(j)/10), false})
		}
		for j := range 10 {
			events = append(events, event{begin + training + validation*float64(j)/10, at(train.Validating, done+share), false})
		}
		events = append(events, event{begin + training + validation, at(train.Saving, done+share), true})
	}
	return events
}

func TestTimeLeft(t *testing.T) {
	steady := func(n int, from float64) []event { return rounds(n, from, 0.05, 9, 1) } // 200 s for all of it
	for _, tt := range []struct {
		name   string
		events []event
		now    float64
		want   time.Duration
		known  bool
	}{
		{"nothing is known at first", steady(1, 0)[:1], 0.5, 0, false},
		{"the first second tells nothing", []event{{0, at(train.Training, 0), false}, {0.9, at(train.Training, 0.4), false}}, 0.9, 0, false},
		{"in the first round, from training alone", steady(1, 0)[:6], 4.5, 175500 * time.Millisecond, true},
		{"after a round, from all of it", steady(1, 0), 10, 190 * time.Second, true},
		{"within a round the clock runs down", append(steady(1, 0), event{14.5, at(train.Training, 0.075), false}), 14.5, 185500 * time.Millisecond, true},
		{"in a validation too", steady(3, 0)[:58], 29.6, 170400 * time.Millisecond, true},
		{"a resumed run counts what this call has done", steady(2, 0.5), 20, 80 * time.Second, true},
		{"never less than nothing", steady(19, 0), 1000, 0, true},
	} {
		var f forecast
		f.begin(noon)
		for _, e := range tt.events {
			f.progress(e.news, after(e.seconds))
			if e.report {
				f.report(after(e.seconds))
			}
		}
		got, known := f.left(after(tt.now))
		if off := got - tt.want; known != tt.known || off > time.Millisecond || off < -time.Millisecond {
			t.Errorf("%s: left %v, %v; want %v, %v", tt.name, got, known, tt.want, tt.known)
		}
	}
}

// TestTimeLeftIsSteady lets validation take half of all time. From the second round on the end stays where it is, whatever
// the training is at.
func TestTimeLeftIsSteady(t *testing.T) {
	var f forecast
	f.begin(noon)
	for _, e := range rounds(20, 0, 0.05, 5, 5) {
		f.progress(e.news, after(e.seconds))
		if e.report {
			f.report(after(e.seconds))
		}
		left, known := f.left(after(e.seconds))
		if want := 200 - e.seconds; e.seconds >= 10 && (!known || left.Seconds() < want-0.01 || left.Seconds() > want+0.01) {
			t.Fatalf("after %v s, %v: %v left, want %v s", e.seconds, e.news.Phase, left, want)
		}
	}
}

// TestSpeedBetweenReports measures a training that reports so often that nothing is told in between.
func TestSpeedBetweenReports(t *testing.T) {
	var f forecast
	f.begin(noon)
	for i := range int64(100) { // 10 ms of training, 40 ms of the rest
		for j, p := range []train.Phase{train.Validating, train.Sampling, train.Saving} {
			f.progress(train.Progress{Phase: p, Symbols: 10 * (i + 1)}, after(float64(i)/20+0.01+float64(j)/100))
		}
		f.report(after(float64(i+1) / 20))
	}
	if f.speed() < 990 || f.speed() > 1010 {
		t.Errorf("speed %v, want 1000", f.speed())
	}
}

// TestThrownBack goes back by a round, as after a divergence: the share done and the symbols fall, and what is foretold
// counts the round's time twice.
func TestThrownBack(t *testing.T) {
	var f forecast
	f.begin(noon)
	for i, step := range []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
		f.progress(train.Progress{Step: step, Symbols: 100 * step, Done: float64(step) / 100}, after(float64(i)))
	}
	f.report(after(20))
	if left, known := f.left(after(20)); !known || left.Round(time.Second) != 180*time.Second || f.speed() < 99 || f.speed() > 101 {
		t.Errorf("left %v, %v, speed %v; want 180 s, 100", left, known, f.speed())
	}
}

// TestTimeLeftFollows slows a training down to a quarter, after rounds of 10 s that foretold 200 s in all. In the next
// report what it was counts still, but half an hour later next to nothing; and a round that does not end is noticed.
func TestTimeLeftFollows(t *testing.T) {
	var f forecast
	f.begin(noon)
	tell := func(e event, offset float64) {
		f.progress(e.news, after(offset+e.seconds))
		if e.report {
			f.report(after(offset + e.seconds))
		}
	}
	for _, e := range rounds(4, 0, 0.005, 9, 1) {
		tell(e, 0)
	}
	if left, _ := f.left(after(40)); left.Round(time.Second) != 1960*time.Second {
		t.Errorf("before: %v left, want 1960 s", left)
	}
	for _, e := range rounds(60, 0.02, 0.005, 39, 1) {
		tell(e, 40)
	}
	left, _ := f.left(after(2440))
	if want := 0.68 / 0.005 * 40; left.Seconds() > want || left.Seconds() < 0.98*want {
		t.Errorf("after: %v left, want nearly %v s", left, want)
	}
	before := left
	tell(event{1000, at(train.Training, 0.3201), false}, 2440)
	if left, _ := f.left(after(3440)); left < 2*before {
		t.Errorf("in a round that lasts 25 times as long: %v left, after %v", left, before)
	}
}

func TestSpeed(t *testing.T) {
	var f forecast
	f.begin(noon)
	if f.speed() != 0 {
		t.Errorf("speed %v, want none yet", f.speed())
	}
	symbols := int64(0)
	for i := range 1000 { // 10 s of 1000 symbols a second, of which a third goes into validation
		phase := train.Training
		if i%30 >= 20 {
			phase = train.Validating
		}
		if i%30 >= 1 && i%30 <= 20 { // since the event before
			symbols += 10
		}
		f.progress(train.Progress{Phase: phase, Symbols: symbols}, after(float64(i)/100))
	}
	if f.speed() < 999.9 || f.speed() > 1000.1 {
		t.Errorf("speed %v, want 1000: validation is no part of it", f.speed())
	}
}

func TestDurations(t *testing.T) {
	for _, tt := range []struct {
		d                time.Duration
		rough, stopwatch string
	}{
		{0, "a moment", "0:00"},
		{900 * time.Millisecond, "1 s", "0:00"},
		{59 * time.Second, "59 s", "0:59"},
		{61 * time.Second, "1:10 min", "1:01"},
		{599 * time.Second, "10:00 min", "9:59"},
		{11*time.Minute + time.Second, "12 min", "11:01"},
		{time.Hour + time.Second, "1:05 h", "1:00:01"},
		{47*time.Hour + 59*time.Minute, "48:00 h", "47:59:00"},
		{50 * time.Hour, "3 days", "50:00:00"},
	} {
		if rough, passed := Roughly(tt.d), stopwatch(tt.d); rough != tt.rough || passed != tt.stopwatch {
			t.Errorf("%v: roughly %q, stopwatch %q; want %q, %q", tt.d, rough, passed, tt.rough, tt.stopwatch)
		}
	}
}
