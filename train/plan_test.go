package train

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestPlannedSteps compares training steps and reports with those of the trainings.
func TestPlannedSteps(t *testing.T) {
	c := chars(t, rhyme(40)) // 67 training steps a pass
	for _, tt := range []struct {
		every  int64
		epochs bool
		long   Budget
	}{
		{10, false, Budget{Epochs: 2}},
		{10, true, Budget{Epochs: 2}},
		{10, false, Budget{Epochs: 2, Steps: 60}},
		{10, true, Budget{Steps: 75}},
		{1000, true, Budget{Steps: 75}},
		{1000, true, Budget{Epochs: 2}},
		{1000, false, Budget{Epochs: 2}},
		{7, true, Budget{Steps: 7}},
	} {
		s := Settings{Network: rnn.Config{Hidden: 4}, Batch: 1, Window: 20, ReportEvery: tt.every, ReportEpochs: tt.epochs, Budget: tt.long}
		reports := int64(0)
		r := mustRun(t, c, s, Options{Report: func(Report) { reports++ }})
		streams, err := c.Train().Streams(1)
		if err != nil {
			t.Fatal(err)
		}
		pass := windows(streams, s.Window)
		steps := s.Budget.steps(pass)
		if got := s.reports(steps, pass); steps != r.Step || got != reports {
			t.Errorf("%+v: %d training steps and %d reports planned, %d and %d made", tt, steps, got, r.Step, reports)
		}
	}
	long := Budget{Epochs: math.MaxInt}
	if n := long.steps(3); n != math.MaxInt64 {
		t.Errorf("%d training steps of more passes than can be counted", n)
	}
}

// TestNewPlan looks at what follows from settings and text alone; the time is up to the machine.
func TestNewPlan(t *testing.T) {
	c := charsOf(t, rhyme(400), corpus.Lines)
	s := Settings{
		Network: rnn.Config{Cell: "gru", Hidden: 16}, Batch: 4, Window: 20, Optimizer: optim.Settings{Optimizer: "sgd"},
		Budget: Budget{Epochs: 1, Time: 100 * time.Millisecond},
	}
	p, err := NewPlan(t.Context(), c, partial(s), Options{Threads: 2, Sample: hashSample})
	if err != nil {
		t.Fatal(err)
	}
	weights := int64(0)
	for _, w := range p.Tensors {
		weights += w.Len()
	}
	net, err := rnn.New(p.Settings.Network)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range net.Params() {
		if got := p.Tensors[i]; got.Name != w.Name || got.Len() != int64(len(w.Value)) || fmt.Sprint(got.Shape) != fmt.Sprint(w.Shape()) {
			t.Errorf("tensor %d is %+v, want %s of %v", i, got, w.Name, w.Shape())
		}
	}
	m := p.Memory
	if p.Weights != weights || m.Weights != 4*weights || m.Gradient != 4*weights || m.Optimizer != 0 || m.Average != 0 || m.Rollback != 4*weights {
		t.Errorf("%d weights: %+v", weights, p)
	}
	if p.Steps < 1 || p.Steps > p.PassSteps || p.Reports < 1 || p.StepTime.Step <= 0 || p.StepTime.Report <= 0 || p.Time < p.StepTime.Step || p.Settings.Budget.For != s.Budget.Time {
		t.Errorf("%+v", p)
	}
	s.Window = 1 << 20
	if _, err := NewPlan(t.Context(), c, partial(s), Options{}); err == nil {
		t.Error("a window longer than the text")
	}
}

// TestReporting: the time of reports is that of all of them over the training steps of a pass, also if each epoch has one.
func TestReporting(t *testing.T) {
	f := Facts{Length: 2000, Symbols: 5} // 100 training steps of 20 symbols
	for _, tt := range []struct {
		every, want int64
		epochs      bool
	}{
		{250, 4, false}, // ms of reports of a second, in each training step
		{250, 10, true},
		{40, 25, false},
		{40, 30, true},
	} {
		s := Settings{Batch: 2, Window: 10, ReportEvery: tt.every, ReportEpochs: tt.epochs}
		if got := s.reporting(time.Second, f); got != time.Duration(tt.want)*time.Millisecond {
			t.Errorf("%+v: %v in each training step, want %d ms", tt, got, tt.want)
		}
	}
}
