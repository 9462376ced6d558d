package cli

import (
	"math"

	"github.com/seed-f4dd853e/elman/train"
)

// report takes a report into the curve, if it is a later one than the last.
func (s *scene) report(r train.Report) {
	p := point{r.Step, r.Loss, math.NaN()}
	if r.ValidLoss != nil {
		p.valid = *r.ValidLoss
	}
	if n := len(s.curve); n > 0 && s.curve[n-1].step >= p.step {
		return
	}
	s.curve = append(s.curve, p)
	if s.sample = r.Sample; r.Sample != "" {
		s.sampleOf = r.Step
	}
	if s.best == nil && !math.IsNaN(p.valid) || s.best != nil && p.valid < s.best.valid {
		s.best = &p
	}
}

// drawCurve returns the losses over training steps in at most so many lines; nil if there are too few, or too little room.
func drawCurve(points []point, width, rows int) []string {
	training, validation := graphLine{name: "training"}, graphLine{name: "validation"}
	for _, p := range points {
		training.add(float64(p.step), p.loss)
		validation.add(float64(p.step), p.valid)
	}
	lines := []graphLine{training}
	if n := len(points); n > 0 && !math.IsNaN(points[n-1].valid) {
		lines = append(lines, validation)
	}
	return drawGraph(lines, "in nats per symbol", width, rows)
}
