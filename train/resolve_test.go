package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestFit: as many training steps as there is time for.
func TestFit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		howLong Budget
		left    time.Duration
		done    int64
		want    Budget
	}{
		{"steps of 20 ms", Budget{Time: time.Minute}, 40 * time.Second, 0, Budget{Steps: 2000, For: time.Minute}},
		{"on from a step", Budget{Time: time.Minute}, 40 * time.Second, 500, Budget{Steps: 2500, For: time.Minute}},
		{"no time: one step", Budget{Time: time.Minute}, -time.Second, 500, Budget{Steps: 501, For: time.Minute}},
		{"another limit comes first", Budget{Time: time.Minute, Steps: 100}, 40 * time.Second, 0, Budget{Steps: 100, For: time.Minute}},
		{"another comes later", Budget{Time: time.Minute, Steps: 5000, Epochs: 3}, 40 * time.Second, 0, Budget{Steps: 2000, Epochs: 3, For: time.Minute}},
	} {
		if got := tt.howLong.fit(20*time.Millisecond, tt.left, tt.done); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestTimeBecomesSteps: a run by the clock has settings that repeat it bit for bit, is resumed to the same end, and at that
// end, or with another time, goes on.
func TestTimeBecomesSteps(t *testing.T) {
	c := chars(t, rhyme(40))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 10, ReportEvery: 1, Budget: Budget{Time: 10 * time.Millisecond},
		Optimizer: optim.Settings{Optimizer: "adam"}} // whose rate knows no length
	begun, err := Resolve(t.Context(), c, partial(s), Options{Sample: hashSample})
	if err != nil {
		t.Fatal(err)
	}
	if l := begun.Budget; l.Steps < 1 || l.For != s.Budget.Time || l.Time != 0 {
		t.Fatalf("%+v", l)
	}
	begun.Budget.Steps = 6 // whatever the machine had time for
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Folder: filepath.Join(t.TempDir(), "run"), Sample: hashSample, Report: func(Report) { cancel() }}
	if _, err := runPartial(ctx, c, begun, o); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("error %v", err)
	}
	o.Resume = true
	for _, stop := range []int64{3, 0} { // which may change, and nothing else
		s.Budget.EarlyStop, begun.Budget.EarlyStop = stop, stop
		if again, err := Resolve(t.Context(), c, partial(s), o); err != nil || again.Budget != begun.Budget {
			t.Errorf("resumed with an early stop of %d: %+v, error %v", stop, again.Budget, err)
		}
	}
	got := mustRun(t, c, s, o)
	if got.Step != 6 {
		t.Errorf("ends after %d training steps, was to take 6", got.Step)
	}
	if want := mustRun(t, c, begun, Options{}); got.Model.Hash() != want.Model.Hash() {
		t.Errorf("hash %s, repeated %s", got.Model.Hash(), want.Model.Hash())
	}
	for range 2 {
		before := got.Step
		if got = mustRun(t, c, s, o); got.Step <= before {
			t.Errorf("%v more: %d training steps, before %d", s.Budget.Time, got.Step, before)
		}
		s.Budget.Time /= 2
	}
}

// TestTimeOfShortText: blocks do not read a text more often than helps, unless they are resumed with more time.
func TestTimeOfShortText(t *testing.T) {
	c := chars(t, rhyme(10))
	s := Settings{Network: rnn.Config{Hidden: 6, Block: true}, Batch: 2, Window: 10, ReportEvery: 1 << 30, Budget: Budget{Time: 20 * time.Second}}
	pass := FactsOf(c).Length / 20
	blocks, err := Resolve(t.Context(), c, partial(s), Options{})
	if want := mostOfBlocks * pass; err != nil || blocks.Budget.Steps != want {
		t.Errorf("blocks: %d training steps, want %d (%v)", blocks.Budget.Steps, want, err)
	}
	s.Network.Block = false
	if plain, err := Resolve(t.Context(), c, partial(s), Options{}); err != nil || plain.Budget.Steps <= mostOfBlocks*pass {
		t.Errorf("a plain layer: %d training steps (%v)", plain.Budget.Steps, err)
	}
}

// TestMeasure: everything that a training does is measured, without a trace in the training or a file.
func TestMeasure(t *testing.T) {
	c := chars(t, rhyme(40))
	s, err := Defaults(FactsOf(c), with(wild())) // which diverges
	if err != nil {
		t.Fatal(err)
	}
	s.Budget = Budget{Time: 5 * time.Second}
	here := t.TempDir()
	t.Chdir(here)
	p, err := measure(t.Context(), c, s, Options{Threads: 2, Sample: hashSample})
	if err != nil || p.Step <= 0 || p.Report <= 0 {
		t.Errorf("%+v, %v", p, err)
	}
	if files, _ := os.ReadDir(here); len(files) > 0 {
		t.Errorf("writes %v", files)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := measure(ctx, c, s, Options{}); !errors.Is(err, ErrInterrupted) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestMeasureOfWhatDivergesAtOnce: a network whose first loss is already too high never gets past its first step.
func TestMeasureOfWhatDivergesAtOnce(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(40))
	s, err := Defaults(FactsOf(c), with(wild()))
	if err != nil {
		t.Fatal(err)
	}
	s.Init.Normal, s.Window, s.Budget = 100, 60, Budget{Time: time.Millisecond}
	if p, err := measure(t.Context(), c, s, Options{}); err != nil || p.Step <= 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
