package train

import (
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
)

// rateOf returns the learning rate of training step n, the next one or the last: that of the schedule, halved by each retry.
func (t *trainer) rateOf(n int64) float64 {
	return math.Ldexp(t.s.Schedule.Rate(t.s.Optimizer.LearningRate, n, t.Plateau), -t.Retries)
}

// layOut gives a schedule that depends on it the number of training steps.
func (s *Settings) layOut(steps int64) error {
	s.Schedule.Total = 0
	if s.Schedule.NeedsTotal() {
		s.Schedule.Total = steps
	}
	return s.Schedule.Check() // which knows now whether the warm-up fits
}

// windows returns how many windows of T time steps a pass makes.
func windows(streams *corpus.Streams, T int) int64 {
	return (streams.Length() + int64(T) - 1) / int64(T)
}

// steps returns how many training steps b allows where a pass takes so many, 0 if the clock is its only limit.
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
