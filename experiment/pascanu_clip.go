package experiment

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// A clipArm is a way to train an unstable network.
type clipArm struct {
	name        string
	norm, value float64 // clipping; 0 means none
}

var clipArms = []clipArm{
	{"no clipping", 0, 0},
	{"norm to 1", 1, 0},
	{"values to 0.1", 0, 0.1},
}

// unstableInit makes gradients grow on their way back: the recurrence multiplies every state by 1.5.
var unstableInit = &rnn.Init{Orthogonal: 1.5, Normal: 0.1}

// A clipRun is a training that may explode.
type clipRun struct {
	steps, losses []float64 // of training, at each report
	norms         []float64 // of the gradient, before clipping
	loss          float64   // mean of the last pass
	diverged      bool
}

// clip trains an unstable network by plain gradient descent at a high rate. A divergence is a result, not an error.
func (t seedRun) clip(ctx context.Context, arm clipArm, c *corpus.Corpus, test pascanuTest) (run clipRun, err error) {
	unstable := func(s *train.Settings) {
		s.Network.Cell, s.Network.Activation, s.Network.Hidden, s.Init = "elman", "tanh", test.hidden, *unstableInit
		s.Optimizer.Optimizer, s.Optimizer.LearningRate, s.ClipNorm, s.ClipValue = "sgd", 0.5, arm.norm, arm.value
		s.Batch, s.Window, s.Budget.Epochs = test.clipStreams, test.clipWindow, test.clipPasses
		s.ReportEvery, s.ReportEpochs, s.Retries = 10, true, 0
	}
	pass, before := []train.Report(nil), int64(0)
	_, err = t.train(ctx, arm.name, c, unstable, train.Options{Report: func(r train.Report) {
		run.steps, run.losses, run.norms = append(run.steps, float64(r.Step)), append(run.losses, r.Loss), append(run.norms, r.GradNorm)
		if pass = append(pass, r); r.EpochEnd {
			run.loss, pass, before = mean(pass, before), nil, r.Symbols
		}
	}})
	if diverged := (*train.Divergence)(nil); errors.As(err, &diverged) {
		run.diverged = true
		return run, nil
	}
	return run, err
}

// clipping compares the ways to clip.
func (s *session) clipping(test pascanuTest, seeds []*pascanuRun) {
	s.heading("Clipping")
	s.say("A tanh network whose recurrent matrix starts with a gain of 1.5 is trained by plain gradient descent at a rate of 0.5, for %d passes of %d streams in windows of %d: without clipping, with the gradient clipped to a norm of 1, and with each value clipped to 0.1. The numpy program, on 300,000 characters of Shakespeare, 4 passes and three seeds, reached 3.354, 3.346 and 2.862 without clipping, 2.321, 2.313 and 2.322 with the norm clipped, and 2.954, 2.679 and 2.809 with values clipped.", test.clipPasses, test.clipStreams, test.clipWindow)
	var rows [][]any
	for a, arm := range clipArms {
		row := []any{arm.name, nil, nil, 0}
		var losses, largest []float64
		for _, seed := range seeds {
			run := seed.clips[a]
			if len(run.norms) > 0 { // else it diverged before the first report
				largest = append(largest, slices.Max(run.norms))
			}
			if run.diverged {
				row[3] = row[3].(int) + 1
			} else {
				losses = append(losses, run.loss)
			}
		}
		if len(losses) > 0 {
			row[1] = spread(losses)
		}
		if len(largest) > 0 {
			row[2] = spread(largest)
		}
		rows = append(rows, row)
	}
	s.whole([]string{"clipping", "loss of the last pass, nats/char", "largest norm reported", "seeds that diverged"}, rows)
	loss := chart.Chart{Title: "An unstable network, with and without clipping", X: "training steps", Y: "loss, nats per character", LogY: true, LegendBelow: true}
	norm := chart.Chart{X: "training steps", Y: "norm of the gradient before clipping", LogY: true, LegendBelow: true}
	for a, arm := range clipArms {
		loss.Lines = append(loss.Lines, clipLine(seeds, a, arm.name, func(r clipRun) []float64 { return r.losses }))
		norm.Lines = append(norm.Lines, clipLine(seeds, a, arm.name, func(r clipRun) []float64 { return r.norms }))
	}
	s.figure("clipping", "Loss and gradient norm of an unstable network in training: mean and range of the seeds that have not diverged.", loss, norm)
	s.target("loss with the norm clipped", "the lowest of the three", "Pascanu and others 2013, section 3.2", each(seeds, func(r *pascanuRun) bool {
		norm := r.clips[1]
		return !norm.diverged && (r.clips[0].diverged || norm.loss < r.clips[0].loss) && (r.clips[2].diverged || norm.loss < r.clips[2].loss)
	}))
}

// clipLine returns a line of a number over training steps, for all seeds.
func clipLine(seeds []*pascanuRun, arm int, name string, of func(clipRun) []float64) chart.Line {
	line := chart.Line{Name: name}
	for i := 0; ; i++ {
		var step float64
		var numbers []float64
		for _, s := range seeds {
			if run := s.clips[arm]; i < len(run.steps) {
				step, numbers = run.steps[i], append(numbers, of(run)[i])
			}
		}
		if len(numbers) == 0 {
			return line
		}
		addSpread(&line, step, spread(numbers))
	}
}
