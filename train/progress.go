package train

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/seed-f4dd853e/elman/internal/ticker"
)

// A Phase is an activity of a training.
type Phase int

const (
	Training   Phase = iota
	Validating       // measuring the validation loss
	Sampling         // in Options.Sample
	Saving           // writing to the run folder
	Testing          // measuring the best model on the test text
)

func (p Phase) String() string {
	return [...]string{"training", "validation", "sample", "checkpoint", "test"}[p]
}

// Progress is the state of a training between two reports.
type Progress struct {
	Phase     Phase
	PhaseDone float64 // share of the phase done, 0 to 1; always 0 for Training and Sampling
	Step      int64   // training steps so far; this and the rest include earlier calls
	Epoch     float64 // passes over the training text
	Symbols   int64   // predicted so far
	Loss      float64 // nats per symbol, mean since the last report; NaN right after it
	// Done is the share of the run done, 0 to 1: of the epochs or training steps of Budget, whichever is larger.
	Done float64
}

// tellEvery is the time between calls of Options.Progress.
const tellEvery = 100 * time.Millisecond

// A progressReporter calls Options.Progress at the ticks of a ticker and at the start of each phase. It costs a training
// step one look at a flag.
type progressReporter struct {
	due   atomic.Bool
	phase Phase // reported last
}

// startReporter starts the ticker, and returns the function that stops it.
func (t *trainer) startReporter() (stop func()) {
	if t.o.Progress == nil {
		return func() {}
	}
	stop = ticker.Every(tellEvery, &t.reporter.due)
	t.tell(Training, 0)
	return stop
}

// phase reports the beginning of a phase.
func (t *trainer) phase(p Phase) {
	if t.o.Progress != nil && t.reporter.phase != p {
		t.tell(p, 0)
	}
}

// tellIfDue reports the share of the phase that is done, if a report is due.
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

// done returns the largest share of a limit that is used up, at most 1.
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
