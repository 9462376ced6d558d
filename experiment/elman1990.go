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

// What the four simulations of Elman 1990 ("Finding structure in time", Cognitive Science 14, 179-211) share. The networks
// have logistic units. Each symbol is a fixed code; the hidden units read it and a copy of their previous values, and the
// output units predict the code of the next symbol. After each symbol the weights follow the gradient of its squared error,
// which stops at the copy. The paper does not give learning rates and initial weights; those here are ours.

// network1990 returns the settings of such a training: epochs as published or as in the options, learning rate, and the
// bound of the initial weights.
func (o Options) network1990(hidden, published int, rate, start float64, codes string) func(*train.Settings) {
	return func(s *train.Settings) {
		s.Network.Cell, s.Network.Activation, s.Network.Hidden = "elman", "sigmoid", hidden
		s.Init.Uniform, s.Codes = start, codes
		s.Batch, s.Window, s.Sum = 1, 1, true
		s.Optimizer.Optimizer, s.Optimizer.LearningRate = "sgd", rate
		s.ReportEvery, s.ReportEpochs, s.Budget.Epochs = 1<<40, true, cmp.Or(o.Epochs, published) // a report for each pass
	}
}

// learn1990 trains on a text of characters and returns the model and the mean loss of each epoch.
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

// follow reads symbols one by one. After each except the last it calls see with the window, and the number of the symbol just
// predicted.
func follow(m *model.Model, ids []int32, see func(i int, w *rnn.Window)) {
	w := m.Network.NewInferenceWindow(1, 1, nil)
	for i := 1; i < len(ids); i++ {
		w.Loss(ids[i-1:i], ids[i:i+1])
		see(i, w)
	}
}

// An accumulator computes a mean.
type accumulator struct{ sum, n float64 }

func (a *accumulator) add(x float64) { a.sum, a.n = a.sum+x, a.n+1 }
func (a accumulator) mean() float64  { return a.sum / a.n }
func (a accumulator) root() float64  { return math.Sqrt(a.mean()) }

// upFrom returns n numbers from, from+1 and so on: the x of a line.
func upFrom(from, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(from + i)
	}
	return x
}

// overSeeds returns a line through the means of equally long lists, with a band from the lowest to the highest value.
func overSeeds[T any](name string, from int, results []T, of func(T) []float64) chart.Line {
	n := len(of(results[0]))
	line := chart.Line{Name: name + ", mean and range of seeds", X: upFrom(from, n)}
	for i := range n {
		s := spread(over(results, func(r T) float64 { return of(r)[i] }))
		line.Y, line.Low, line.High = append(line.Y, s.Mean), append(line.Low, s.Low), append(line.High, s.High)
	}
	return line
}
