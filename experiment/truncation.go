package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// A truncationTest holds the sizes of the experiment.
type truncationTest struct {
	reaches []int // k: the gradient passes back through windows of k time steps
	full    int   // time steps of the full gradient, a multiple of each reach
	streams int   // streams whose gradients are summed
	symbols int   // of an update, a multiple of each reach
	hidden  int
	passes  int
	size    int // characters of the text, if none is given
}

// srnVsBPTT trains one network from the same initial weights with windows of different lengths. With windows of one time
// step it is Elman's: the gradient stops at the copy of the last state. (Williams and Zipser 1995, "Gradient-based learning
// algorithms for recurrent networks and their computational complexity".)
func srnVsBPTT(ctx context.Context, s *session) error {
	return s.truncations(ctx, truncationTest{
		reaches: []int{1, 2, 5, 10, 20, 50}, full: 100, streams: 50, symbols: 100, hidden: 64, passes: cmp.Or(s.Epochs, 10), size: 100_000,
	})
}

func (s *session) truncations(ctx context.Context, test truncationTest) error {
	c, _, err := s.text(test.size, 0.1)
	if err != nil {
		return err
	}
	s.say("A network of %d tanh units is trained from the same start with windows of k time steps, %d symbols per update, for %d passes. With k = 1 it is the SRN: the state is copied, and no gradient passes through time.", test.hidden, test.symbols, test.passes)
	s.say("The first two tables compare, at the same weights, the gradient in windows of k with that in windows of %d: the cosine of the angle between them and the ratio of their norms, for all weights and for the recurrent weights alone, before and after training (with the longest windows).", test.full)
	seeds, err := perSeed(ctx, s, func(ctx context.Context, t seedRun) (*truncationRun, error) { return t.truncations(ctx, c, test) })
	if err != nil {
		return err
	}
	s.truncationTables(test, seeds)
	s.truncationFigures(test, seeds)
	const own = "what truncation leaves out gets less"
	s.target("cosine of the recurrence's gradient, trained", "rises with every k", own, each(seeds, func(r *truncationRun) bool {
		return slices.IsSortedFunc(r.trained, func(a, b agreement) int { return cmp.Compare(a.recurrence.cosine, b.recurrence.cosine) })
	}))
	s.target(fmt.Sprintf("validation loss with k of %d and more", longReach), "below the SRN's", "Elman's network is the shortest truncation", each(seeds, func(r *truncationRun) bool {
		for i, k := range test.reaches {
			if k >= longReach && r.loss[i] >= r.loss[0] {
				return false
			}
		}
		return true
	}))
	return nil
}

// longReach is the reach from which on a network should beat the SRN.
const longReach = 10

// A truncationRun is the result of one seed, for each reach.
type truncationRun struct {
	start, trained []agreement
	loss           []float64 // nats per character on text held out
}

// An agreement measures the similarity of two gradients.
type agreement struct{ all, recurrence likeness }

type likeness struct{ cosine, ratio float64 }

// truncationMeasures are the measures of gradients.
var truncationMeasures = []struct {
	name string
	of   func(r *truncationRun, i int) likeness
}{
	{"start, all", func(r *truncationRun, i int) likeness { return r.start[i].all }},
	{"start, recurrence", func(r *truncationRun, i int) likeness { return r.start[i].recurrence }},
	{"trained, all", func(r *truncationRun, i int) likeness { return r.trained[i].all }},
	{"trained, recurrence", func(r *truncationRun, i int) likeness { return r.trained[i].recurrence }},
}

func (s *session) truncationTables(test truncationTest, seeds []*truncationRun) {
	var cosines, ratios, losses [][]any
	cosine, ratio := []string{"k: cosine"}, []string{"k: ratio of norms"}
	for _, m := range truncationMeasures {
		cosine, ratio = append(cosine, m.name), append(ratio, m.name)
	}
	for i, k := range test.reaches {
		c, r := []any{fmt.Sprint(k)}, []any{fmt.Sprint(k)}
		for _, m := range truncationMeasures {
			c = append(c, spread(over(seeds, func(r *truncationRun) float64 { return m.of(r, i).cosine })))
			r = append(r, spread(over(seeds, func(r *truncationRun) float64 { return m.of(r, i).ratio })))
		}
		cosines, ratios = append(cosines, c), append(ratios, r)
		loss := spread(over(seeds, func(r *truncationRun) float64 { return r.loss[i] }))
		gain := spread(over(seeds, func(r *truncationRun) float64 { return r.loss[0] - r.loss[i] }))
		losses = append(losses, []any{fmt.Sprint(k), loss, gain})
	}
	s.whole(cosine, cosines)
	s.whole(ratio, ratios)
	s.whole([]string{"k", "validation loss, nats/char", "below the SRN's"}, losses)
}

func (s *session) truncationFigures(test truncationTest, seeds []*truncationRun) {
	cosine := chart.Chart{Title: "Truncated against full gradient", X: "time steps of a window, k", Y: "cosine of the angle between them", LogX: true, LegendBelow: true}
	for _, m := range truncationMeasures {
		line := chart.Line{Name: m.name, Dots: true}
		for i, k := range test.reaches {
			addSpread(&line, float64(k), spread(over(seeds, func(r *truncationRun) float64 { return m.of(r, i).cosine })))
		}
		cosine.Lines = append(cosine.Lines, line)
	}
	loss := chart.Chart{Title: "What a longer gradient is worth", X: "time steps of a window, k", Y: "validation loss, nats per character", LogX: true, LegendBelow: true}
	line := chart.Line{Name: "mean and range of the seeds", Dots: true}
	for i, k := range test.reaches {
		addSpread(&line, float64(k), spread(over(seeds, func(r *truncationRun) float64 { return r.loss[i] })))
	}
	loss.Lines = []chart.Line{line}
	s.figure("gradients", "The cosine between the gradient in windows of k time steps and the full gradient, at the same weights: mean and range of the seeds.", cosine)
	s.figure("losses", "Validation loss after training with windows of k time steps from the same start. At k = 1 the network is the SRN.", loss)
}

func (t seedRun) truncations(ctx context.Context, c *corpus.Corpus, test truncationTest) (*truncationRun, error) {
	run := &truncationRun{}
	var last *rnn.Network
	for _, k := range test.reaches {
		change := func(s *train.Settings) {
			s.Network.Cell, s.Network.Activation, s.Network.Hidden = "elman", "tanh", test.hidden
			s.Optimizer.Optimizer, s.Optimizer.LearningRate, s.ClipNorm = "adam", 0.003, 1
			s.Batch, s.Window, s.Budget.Epochs = test.symbols/k, k, test.passes
			s.ReportEvery, s.ReportEpochs = math.MaxInt32, true
		}
		result, err := t.train(ctx, fmt.Sprintf("in windows of %d", k), c, change, train.Options{})
		if err != nil {
			return nil, err
		}
		run.loss = append(run.loss, *result.Report.ValidLoss)
		last = result.Model.Network
	}
	start, err := rnn.New(last.Config())
	if err != nil {
		return nil, err
	}
	start.Init(rnn.Init{}, t.Seed)
	for _, at := range []struct {
		n  *rnn.Network
		to *[]agreement
	}{{start, &run.start}, {last, &run.trained}} {
		if *at.to, err = agreements(at.n, c, test); err != nil {
			return nil, err
		}
	}
	return run, nil
}

// agreements compares a network's gradient in windows of each reach with the full gradient.
func agreements(n *rnn.Network, c *corpus.Corpus, test truncationTest) (all []agreement, err error) {
	full, err := gradient(n, c, test, test.full)
	if err != nil {
		return nil, err
	}
	first := 0 // index of the recurrent weights
	for _, p := range n.Params() {
		if p.Name == "rnn.weight_hh_l0" {
			break
		}
		first += len(p.Value)
	}
	last := first + test.hidden*test.hidden
	for _, k := range test.reaches {
		g, err := gradient(n, c, test, k)
		if err != nil {
			return nil, err
		}
		all = append(all, agreement{like(g, full), like(g[first:last], full[first:last])})
	}
	return all, nil
}

// like compares a gradient with the full gradient.
func like(g, full []float64) likeness {
	var gg, ff, gf float64
	for i, x := range g {
		gg += float64(x * x)
		ff += float64(full[i] * full[i])
		gf += float64(x * full[i])
	}
	return likeness{gf / math.Sqrt(float64(gg*ff)), math.Sqrt(gg / ff)}
}

// gradient returns the gradient of the loss of a chunk of text, read in windows of k time steps by streams that have read an
// equally long chunk before.
func gradient(n *rnn.Network, c *corpus.Corpus, test truncationTest, k int) ([]float64, error) {
	streams, err := c.Train().Streams(test.streams)
	if err != nil {
		return nil, err
	}
	w := n.NewWindow(k, test.streams, nil)
	w.DenseGradient = true
	x, y := make([]int32, k*test.streams), make([]int32, k*test.streams)
	var sum []float64
	for t := 0; t < 2*test.full; t += k {
		steps, err := streams.Next(x, y)
		if err != nil {
			return nil, err
		}
		if steps < k {
			return nil, fmt.Errorf("the text is too short for gradients: %d characters to learn from, want at least %d", c.Train().Len(), 2*test.full*test.streams+1)
		}
		if t < test.full {
			w.Forward(x)
			continue
		}
		w.Gradient(x, y, 1, nil)
		i := 0
		for _, p := range n.Params() {
			for _, g := range p.Grad {
				if i == len(sum) {
					sum = append(sum, 0)
				}
				sum[i] += float64(g)
				i++
			}
		}
	}
	return sum, nil
}
