package train

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A training diverges when a loss, gradient, weight or output is not finite, or when the loss spikes. It then rolls back to
// its last good report, or its beginning, and continues at half the learning rate. This depends on training steps only, never on
// the clock, so a run with retries repeats to the same bits.

const (
	defaultRetries = 3
	maxRetries     = 100

	// The loss spikes if its mean over spikeSteps and spikeSymbols is spikeNats above ln V, the loss of the uniform
	// distribution. A network that stays worse than one which knows nothing, beyond the first steps of a fast start, hardly
	// recovers. With a lower limit a text that changes its language would count as a divergence.
	spikeSteps   = 100
	spikeSymbols = 1 << 16
	spikeNats    = 0.5
)

// A Divergence describes a divergence, and the retry that follows. As an error of Run it is the last one, without a retry
// left.
type Divergence struct {
	Step     int64  // training step at which it was found
	What     string // such as "the loss is not finite"
	File     string // file being read by the stream with the highest loss
	From, To int64  // bytes in the file, To excluded

	Retry, Retries int     // number of the retry that follows, and the most allowed; Retry 0 means none is left
	Back           int64   // training step at which the retry starts
	Rate           float64 // learning rate of the retry

	checkpoint string // the last one, if there is any
}

func (d *Divergence) Error() string { return d.Unwrap().Error() }

// Unwrap returns the message as a *setting.Error, since it names settings that may help.
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

// String describes the divergence and the retry.
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

// A snapshot is a copy of a training's state.
type snapshot struct {
	progress progress
	values   [][]float32 // as trainer.vectors lists them
}

// takeSnapshot makes the current state the one to roll back to.
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

// rollBack restores the snapshot. Losses before it no longer count for a spike; they could fail every retry, however small the
// rate.
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

// exploded reports whether a loss is a spike. (See spikeNats.)
func (t *trainer) exploded(loss float64) bool { return loss > t.uniformLoss+spikeNats }

// recover rolls back and halves the rate, or returns d if no retry is left.
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

// watch adds the loss of a training step, and reports whether it spikes.
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
		return t.divergence(fmt.Sprintf("the loss of the last %d training steps is %.3g nats, worse than a uniform guess (%.3g)", steps, mean, t.uniformLoss), suspect)
	}
	return nil
}

// here returns the place of the highest loss in the current window: the time step, in the stream with the highest sum.
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

// highest returns the index of the first NaN, or else of the first highest number; 0 for an empty slice.
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

// diverged describes what is not finite in the current window.
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
