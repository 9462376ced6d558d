package train

import "math"

// rateOf returns the learning rate of training step n, the next one or the last: that of the schedule, halved by each retry.
func (t *trainer) rateOf(n int64) float64 {
	return math.Ldexp(t.s.Schedule.Rate(t.s.Optimizer.LearningRate, n, t.Plateau), -t.Retries)
}

// layOut gives a schedule that depends on it the number of training steps, as far as nobody has before.
func (t *trainer) layOut() error {
	if !t.s.Schedule.NeedsTotal() || t.s.Schedule.Total > 0 {
		return nil
	}
	window := int64(t.s.Window)
	pass, total := (t.streams.Length()+window-1)/window, int64(math.MaxInt64)
	if l := t.s.HowLong; l.Epochs > 0 && int64(l.Epochs) <= total/pass {
		total = int64(l.Epochs) * pass
	}
	if l := t.s.HowLong; l.Steps > 0 {
		total = min(total, l.Steps)
	}
	t.s.Schedule.Total = total
	var err error
	t.s.Schedule, err = t.s.Schedule.WithDefaults() // which knows now whether the warm-up fits
	return err
}
