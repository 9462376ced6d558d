package experiment

import (
	"cmp"
	"context"
	"math"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// What the four simulations of Elman 1990 ("Finding structure in time", Cognitive Science 14, 179-211) have in common. The
// networks have logistic units. Each symbol is a fixed code; the hidden units read it and a copy of what they were before, and
// the output units give what they expect of the next symbol's code. After each symbol weights follow the gradient of its
// squared error, which goes no further back than the copy. Learning rates and first weights are not in the paper: those here
// are ours.

// network1990 says how such a network is trained: as many passes as were published or the options want, its rate, and the bound
// of its first weights.
func (o Options) network1990(hidden, published int, rate, start float64, codes string) func(*train.Settings) {
	return func(s *train.Settings) {
		s.Network.Cell, s.Network.Activation, s.Network.Hidden = "elman", "sigmoid", hidden
		s.Init.Uniform, s.Codes = start, codes
		s.Batch, s.Window, s.Sum = 1, 1, true
		s.Optimizer.Optimizer, s.Optimizer.LearningRate = "sgd", rate
		s.ReportEvery, s.ReportEpochs, s.Budget.Epochs = 1<<40, true, cmp.Or(o.Epochs, published) // a report for each pass
	}
}

// learn1990 trains on a text of characters and returns the model with the mean loss of each pass.
func (t seedRun) learn1990(ctx context.Context, what, text string, change func(*train.Settings)) (*model.Model, []float64, error) {
	c, err := corpus.New(corpus.FromBytes(what, []byte(text)), corpus.Options{Closed: true})
	if err != nil {
		return nil, nil, err
	}
	var passes []float64
	r, err := t.train(ctx, what, c, change, train.Options{Report: func(r train.Report) { passes = append(passes, r.Loss) }})
	if err != nil {
		return nil, nil, err
	}
	return r.Model, passes, nil
}

// follow reads symbols one by one, from the first. After each but the last it shows see the window, and the number of the
// symbol that was just predicted.
func follow(m *model.Model, ids []int32, see func(i int, w *rnn.Window)) {
	w := m.Network.NewInferenceWindow(1, nil)
	for i := 1; i < len(ids); i++ {
		w.Loss(ids[i-1:i], ids[i:i+1])
		see(i, w)
	}
}

// An accumulator adds up numbers to their mean.
type accumulator struct{ sum, n float64 }

func (a *accumulator) add(x float64) { a.sum, a.n = a.sum+x, a.n+1 }
func (a accumulator) mean() float64  { return a.sum / a.n }
func (a accumulator) root() float64  { return math.Sqrt(a.mean()) }

// upFrom returns from, from+1 and so on, n of them: where the points of a line are.
func upFrom(from, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(from + i)
	}
	return x
}

// overSeeds is a line through the means of lists of one length, with a band from the least to the most of each place.
func overSeeds[T any](name string, from int, results []T, of func(T) []float64) chart.Line {
	n := len(of(results[0]))
	line := chart.Line{Name: name + ", mean and range of seeds", X: upFrom(from, n)}
	for i := range n {
		s := spread(over(results, func(r T) float64 { return of(r)[i] }))
		line.Y, line.Low, line.High = append(line.Y, s.Mean), append(line.Low, s.Low), append(line.High, s.High)
	}
	return line
}
