package train

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A training diverges when a loss, gradient, weight or output is not finite, or when the loss spikes. It then goes back to
// where it stood at its last report, or at its beginning, and on from there with half the learning rate. All of that
// depends on the steps alone, never on the clock, so that a run with retries has the same bits as its repetition.

const (
	defaultRetries = 3
	maxRetries     = 100

	// The loss spikes if its mean over so many training steps and symbols is so many nats above that of guessing, ln V: a
	// network that does worse than one which knows nothing, for longer than the first steps of a fast start, will hardly
	// come back. A lower limit would mistake a text that changes its language for a divergence.
	spikeSteps   = 100
	spikeSymbols = 1 << 16
	spikeNats    = 0.5
)

// A Divergence says how a training went wrong, and what was done about it. As an error it is the last one, after which no
// retry was left.
type Divergence struct {
	Step     int64  // training step that showed it
	What     string // "the loss is not finite"
	File     string // the part of the text that was being read: of all streams, the one with the highest loss
	From, To int64  // its bytes in the file, To excluded

	Retry, Retries int     // number of the retry that follows, and how many there may be; Retry 0 means none is left
	Back           int64   // training step from which it goes on
	Rate           float64 // learning rate from there

	checkpoint string // the last one, if there is any
}

func (d *Divergence) Error() string { return d.Unwrap().Error() }

// Unwrap returns the whole text as a *setting.Error, since it says which settings may help.
func (d *Divergence) Unwrap() error {
	text := d.String()
	if d.Retries > 0 {
		text += fmt.Sprintf(", after %d retries each at half the rate", d.Retries)
	}
	lr, clip := setting.Name("lr"), setting.Name("clip_norm")
	if d.checkpoint == "" {
		return setting.Errorf("%s; lower %v or set %v", text, lr, clip)
	}
	return setting.Errorf("%s; lower %v or set %v, in another %v (the last checkpoint, of step %d, is %s)",
		text, lr, clip, setting.Name("out"), d.Back, d.checkpoint)
}

// String tells what happened.
func (d *Divergence) String() string {
	return fmt.Sprintf("training step %d: %s, while reading %s, bytes %d to %d", d.Step, d.What, d.File, d.From, d.To)
}

// A place is a time step of a window, in one of its streams.
type place struct {
	epoch    int
	position int64 // where the window begins
	steps    int   // of the window
	t        int
	stream   int
}

// A snapshot is a training as it stood.
type snapshot struct {
	progress progress
	values   [][]float32 // as trainer.vectors lists them
}

// takeSnapshot makes the training as it stands the one to roll back to.
func (t *trainer) takeSnapshot() {
	_, values := t.vectors()
	if t.snapshot.values == nil {
		for _, v := range values {
			t.snapshot.values = append(t.snapshot.values, make([]float32, len(v)))
		}
	}
	for i, v := range values {
		copy(t.snapshot.values[i], v)
	}
	t.snapshot.progress = t.progress
}

// rollBack returns to the snapshot. What led to it counts for no spike any more: else the loss that came before it could
// fail each retry again, however small the rate.
func (t *trainer) rollBack() error {
	_, values := t.vectors()
	for i, v := range values {
		copy(v, t.snapshot.values[i])
	}
	t.window.SetState(values[len(values)-1])
	t.net.Updated()
	t.model.Network.Updated()
	t.progress = t.snapshot.progress
	t.Recent = recent{}
	t.infinite.Store(false)
	t.worst, t.suspect = 0, place{}
	return t.seek()
}

// exploded says whether a loss is one from which a training hardly comes back. (See spikeNats.)
func (t *trainer) exploded(loss float64) bool { return loss > t.uniformLoss+spikeNats }

// recover goes back and on at half the rate, or returns d if that was done often enough.
func (t *trainer) recover(d *Divergence) error {
	d.Back, d.Retries = t.snapshot.progress.Step, max(0, t.s.Retries)
	retry := t.Retries + 1
	if err := t.rollBack(); err != nil {
		return err
	}
	if retry > d.Retries {
		if t.savedAt > 0 {
			d.checkpoint = t.folder.Path(run.StateName)
			d.Back = t.savedAt
		}
		return d
	}
	t.Retries = retry
	d.Retry, d.Rate = retry, t.rateOf(t.Step+1)
	if t.o.Diverged != nil {
		t.o.Diverged(*d)
	}
	return nil
}

// watch takes in the loss of a training step, and says whether it spikes.
func (t *trainer) watch(loss float64, n int) error {
	t.Recent.Loss, t.Recent.Symbols, t.Recent.Steps = t.Recent.Loss+loss, t.Recent.Symbols+int64(n), t.Recent.Steps+1
	t.lastLoss = loss / float64(n)
	if t.lastLoss > t.worst {
		t.worst, t.suspect = t.lastLoss, t.here()
	}
	if t.Recent.Steps < spikeSteps || t.Recent.Symbols < spikeSymbols {
		return nil
	}
	mean := t.Recent.Loss / float64(t.Recent.Symbols)
	steps, suspect := t.Recent.Steps, t.suspect
	t.Recent, t.worst, t.suspect = recent{}, 0, place{}
	if t.exploded(mean) {
		return t.divergence(fmt.Sprintf("the loss of the last %d training steps is %.3g nats, more than guessing would take (%.3g)", steps, mean, t.uniformLoss), suspect)
	}
	return nil
}

// here returns the place in the window at hand with the highest loss: the time step, in the stream that has the highest sum.
func (t *trainer) here() place {
	p := place{epoch: t.Epoch, position: t.at, steps: t.steps}
	losses, B := t.window.Losses(), t.s.Batch
	sums, mine := t.sums[:B], t.sums[B:][:len(losses)/B]
	clear(sums)
	for r, loss := range losses {
		sums[r%B] += float64(loss)
	}
	p.stream = highest(sums)
	for i := range mine {
		mine[i] = float64(losses[i*B+p.stream])
	}
	p.t = highest(mine)
	return p
}

// highest returns the index of the first NaN, or else of the first highest number; of none, 0.
func highest(x []float64) (at int) {
	for i, v := range x {
		if v != v {
			return i
		}
		if v > x[at] {
			at = i
		}
	}
	return at
}

// diverged says what is not finite, in the window that was read last.
func (t *trainer) diverged(what string) error {
	return t.divergence("the "+what+" is not finite", t.here())
}

func (t *trainer) divergence(what string, p place) error {
	d := &Divergence{Step: t.Step, What: what}
	streams, err := t.corpus.Train().Streams(t.s.Batch)
	if err != nil {
		return err
	}
	streams.Shuffle(t.s.Seed, p.epoch)
	if t.model.OfDocuments() { // a window may hold several
		p.position += int64(p.t)
	}
	if err := streams.SetPosition(p.position); err != nil {
		return err
	}
	if d.File, d.From, d.To, err = streams.Where(p.stream, int64(p.steps)); err != nil {
		return err
	}
	return d
}
