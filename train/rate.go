package train

import (
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
)

// rateOf returns the learning rate of training step n: that of the schedule, halved by each retry.
func (t *trainer) rateOf(n int64) float64 {
	return math.Ldexp(t.s.Schedule.Rate(t.s.Optimizer.LearningRate, n, t.Plateau), -t.Retries)
}

// layOut sets the Total of a schedule that needs it.
func (s *Settings) layOut(steps int64) error {
	s.Schedule.Total = 0
	if s.Schedule.NeedsTotal() {
		s.Schedule.Total = steps
	}
	return s.Schedule.Check() // now that it is known whether the warm-up fits
}

// windows returns the number of windows of T time steps in an epoch.
func windows(streams *corpus.Streams, T int) int64 {
	return (streams.Length() + int64(T) - 1) / int64(T)
}

// steps returns how many training steps b allows, given those of an epoch; 0 if the clock is its only limit.
func (b Budget) steps(pass int64) int64 {
	total := int64(math.MaxInt64)
	if b.Epochs == 0 && b.Steps == 0 {
		return 0
	}
	if b.Epochs > 0 && int64(b.Epochs) <= total/pass {
		total = int64(b.Epochs) * pass
	}
	if b.Steps > 0 {
		total = min(total, b.Steps)
	}
	return total
}
