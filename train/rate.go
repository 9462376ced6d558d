package train

import (
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
)

// rateOf returns the learning rate of training step n, the next one or the last: that of the schedule, halved by each retry.
func (t *trainer) rateOf(n int64) float64 {
	return math.Ldexp(t.s.Schedule.Rate(t.s.Optimizer.LearningRate, n, t.Plateau), -t.Retries)
}

// layOut gives a schedule that depends on it the number of training steps, as far as nobody has before.
func (t *trainer) layOut() error {
	if !t.s.Schedule.NeedsTotal() || t.s.Schedule.Total > 0 {
		return nil
	}
	t.s.Schedule.Total = t.s.Budget.steps(windows(t.streams, t.s.Window))
	var err error
	t.s.Schedule, err = t.s.Schedule.WithDefaults() // which knows now whether the warm-up fits
	return err
}

// windows returns how many windows of T time steps a pass makes.
func windows(streams *corpus.Streams, T int) int64 {
	return (streams.Length() + int64(T) - 1) / int64(T)
}

// limited says whether l sets another limit than EarlyStop.
func (l Budget) limited() bool {
	l.EarlyStop = 0
	return l != Budget{}
}

// steps returns how many training steps l allows where a pass takes so many, 0 if the clock is its only limit.
func (l Budget) steps(pass int64) int64 {
	total := int64(math.MaxInt64)
	if l.Epochs == 0 && l.Steps == 0 {
		return 0
	}
	if l.Epochs > 0 && int64(l.Epochs) <= total/pass {
		total = int64(l.Epochs) * pass
	}
	if l.Steps > 0 {
		total = min(total, l.Steps)
	}
	return total
}
