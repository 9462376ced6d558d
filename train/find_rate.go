package train

import (
	"context"
	"errors"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/optim"
)

// A RateTest is a training whose learning rate rises from very low to very high (Smith 2017, "Cyclical learning rates for
// training neural networks", section 3.3): too low a rate learns nothing, too high a one unlearns, and in between the loss
// falls.
//
// Its losses are smoothed by a straight line through those of half a decade around each rate, least squares. The suggestion
// is halfway, on the scale of logarithms, from the rate at which that line falls the most to the one at which the smoothed
// loss is lowest. Steepest alone is where a network learns how often each symbol occurs, long before anything else: in 700
// training steps on the generated play, Adam comes to a validation loss of 2.56 at the steepest rate of 0.00037, 0.78
// halfway at 0.01, and 0.98 at 0.004; Adagrad to 2.38 at 0.007 and 1.08 at 0.08.
type RateTest struct {
	Points    []RatePoint `json:"points"`    // by ascending rate, a 32nd of a decade apart
	Each      int         `json:"each"`      // training steps at each rate
	Suggested float64     `json:"suggested"` // 0 if the loss did not fall, as the next two
	Steepest  float64     `json:"steepest"`
	Lowest    float64     `json:"lowest"`
	Highest   bool        `json:"highest"` // the highest rate was tried; else the loss had risen too far, or was no number any more
}

// A RatePoint is one rate of a test.
type RatePoint struct {
	Rate   float64 `json:"rate"`
	Loss   float64 `json:"loss"`   // nats per symbol
	Smooth float64 `json:"smooth"` // the same, smoothed
	Slope  float64 `json:"slope"`  // of the smoothed loss, in nats per decade of rates
}

const (
	lowestRate = 1e-6
	decades    = 6
	perDecade  = 32 // a power of two, so that roots tell how far apart they are
	around     = 8  // rates to each side that a line is drawn through

	// A rate is tried on so many symbols or more: the losses of a window of a few symbols are worth nothing.
	leastTried = 256

	// The test ends when the loss is so many nats above that of guessing, or of the first rates if that is higher.
	tooFar = 1
)

// FindRate runs the test with a network that it throws away. Of the settings chosen the learning rate, its schedule, the average
// and how long do not count. The same settings and text give the same test, bit for bit, as Run does. It tells tell, if
// that is not nil, how much is done, and fails as Run does; with ErrInterrupted when ctx is cancelled.
func FindRate(ctx context.Context, c *corpus.Corpus, choice Choice, o Options, tell func(done float64)) (*RateTest, error) {
	s, err := choice.Settings(FactsOf(c))
	if err != nil {
		return nil, err
	}
	s.Schedule, s.Budget = optim.Schedule{Name: "constant"}, Budget{Steps: never}
	s.ReportEvery, s.ReportEpochs, s.Average = never, false, 0
	pool := f32.NewPool(o.workers(s))
	defer pool.Close()
	t, err := newTrainer(c, s, Options{}, pool)
	if err != nil {
		return nil, err
	}
	test := &RateTest{Each: max(1, leastTried/(s.Batch*s.Window))}
	if err := t.tryRates(ctx, test, tell); err != nil {
		return nil, err
	}
	test.smooth()
	test.suggest()
	return test, nil
}

// tryRates trains at one rate after the other.
func (t *trainer) tryRates(ctx context.Context, test *RateTest, tell func(done float64)) error {
	ratio := 10.0
	for n := 1; n < perDecade; n *= 2 {
		ratio = math.Sqrt(ratio) // the same everywhere, unlike math.Pow
	}
	rate, limit := float64(lowestRate), t.uniformLoss
	for i := range decades*perDecade + 1 {
		loss, err := t.tryRate(ctx, rate, test.Each)
		if _, diverged := errors.AsType[*Divergence](err); diverged {
			return nil
		} else if err != nil {
			return err
		}
		if i < around {
			limit = max(limit, loss)
		}
		test.Points = append(test.Points, RatePoint{Rate: rate, Loss: loss})
		if loss > limit+tooFar {
			return nil
		}
		if tell != nil {
			tell(float64(i+1) / (decades*perDecade + 1))
		}
		rate *= ratio
	}
	test.Highest = true
	return nil
}

// tryRate takes a few training steps and returns their mean loss.
func (t *trainer) tryRate(ctx context.Context, rate float64, steps int) (float64, error) {
	t.s.Optimizer.LearningRate = rate
	t.LossSum, t.LossOver = 0, 0
	for end := t.Step + int64(steps); t.Step < end; {
		if err := t.advance(ctx); err != nil {
			return 0, err
		}
	}
	return t.LossSum / float64(t.LossOver), nil
}

// smooth draws the line around each point. All of it is rounded as written, so that the suggestion is the same everywhere.
func (r *RateTest) smooth() {
	for i := range r.Points {
		lo, hi := max(0, i-around), min(len(r.Points), i+around+1)
		n, middle := float64(hi-lo), float64(lo+hi-1)/2
		var sum, squares, product float64
		for j := lo; j < hi; j++ {
			x := float64(j) - middle
			sum += r.Points[j].Loss
			squares += float64(x * x)
			product += float64(x * r.Points[j].Loss)
		}
		p := &r.Points[i]
		if p.Smooth = sum / n; squares > 0 {
			slope := product / squares
			p.Smooth += float64(slope * (float64(i) - middle))
			p.Slope = slope * perDecade
		}
	}
}

// suggest looks where there are points on both sides to draw the line through. A fall after a peak counts no sooner than it
// leads to where the loss has not been before.
func (r *RateTest) suggest() {
	lowest, steepest := 0, -1
	for i, p := range r.Points {
		if p.Smooth >= r.Points[lowest].Smooth {
			continue
		}
		lowest = i
		if i >= around && i < len(r.Points)-around && p.Slope < 0 && (steepest < 0 || p.Slope < r.Points[steepest].Slope) {
			steepest = i
		}
	}
	if steepest >= 0 {
		r.Steepest, r.Lowest = r.Points[steepest].Rate, r.Points[lowest].Rate
		r.Suggested = r.Points[(steepest+lowest)/2].Rate
	}
}
