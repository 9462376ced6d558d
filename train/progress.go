package train

import (
	"math"
	"sync/atomic"
	"time"
)

// A Phase is what a training is busy with.
type Phase int

const (
	Training   Phase = iota
	Validating       // measuring the validation loss
	Sampling         // in Options.Sample
	Saving           // writing to the run folder
)

func (p Phase) String() string {
	return [...]string{"training", "validation", "sample", "checkpoint"}[p]
}

// Progress tells where a training stands between two reports.
type Progress struct {
	Phase     Phase
	PhaseDone float64 // share of the phase, 0 to 1; 0 throughout for Training and Sampling, which do not know it
	Step      int64   // training steps so far, with those of earlier calls, as all that follows
	Epoch     float64 // passes over the training text
	Symbols   int64   // predicted
	Loss      float64 // nats per symbol, mean since the last report; NaN right after it
	// Done is the share of the run, 0 to 1: of the epochs or training steps that Budget allows, whichever is larger.
	Done float64
}

// tellEvery is the time between calls of Options.Progress.
const tellEvery = 100 * time.Millisecond

// A progressReporter calls Options.Progress when that is due, which a ticker says, and at the start of each phase. It changes nothing
// of the training, and a training step costs it one look at a flag.
type progressReporter struct {
	due   atomic.Bool
	phase Phase // told last
}

// startReporter starts the ticker, and returns what stops it.
func (t *trainer) startReporter() (stop func()) {
	if t.o.Progress == nil {
		return func() {}
	}
	done := make(chan struct{})
	ticks := time.NewTicker(tellEvery)
	go func() {
		defer ticks.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
				t.reporter.due.Store(true)
			}
		}
	}()
	t.tell(Training, 0)
	return func() { close(done) }
}

// phase tells that a phase begins.
func (t *trainer) phase(p Phase) {
	if t.o.Progress != nil && t.reporter.phase != p {
		t.tell(p, 0)
	}
}

// tellIfDue tells of a phase of which so much is done.
func (t *trainer) tellIfDue(p Phase, done float64) {
	if t.reporter.due.Load() {
		t.tell(p, done)
	}
}

func (t *trainer) tell(p Phase, done float64) {
	t.reporter.due.Store(false)
	t.reporter.phase = p
	loss := math.NaN()
	if t.LossOver > 0 {
		loss = t.LossSum / float64(t.LossOver)
	}
	t.o.Progress(Progress{
		Phase: p, PhaseDone: done, Step: t.Step, Symbols: t.Symbols, Loss: loss,
		Epoch: t.epochs(), Done: t.s.Budget.done(t.epochs(), t.Step),
	})
}

// epochs returns the passes over the text so far.
func (t *trainer) epochs() float64 {
	return float64(t.Epoch) + float64(t.Position)/float64(t.streams.Length())
}

// done returns the larger share of a limit that is used up, at most 1.
func (l Budget) done(epochs float64, steps int64) float64 {
	share := 0.0
	if l.Epochs > 0 {
		share = max(share, epochs/float64(l.Epochs))
	}
	if l.Steps > 0 {
		share = max(share, float64(steps)/float64(l.Steps))
	}
	return min(share, 1)
}
