package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// pascanuArms are the networks. Each starts with orthogonal recurrent weights.
var pascanuArms = []struct {
	name, doc string
	network   rnn.Config
	init      rnn.Init
	numpy     *pascanuNumpy
}{
	{"SRN", "Elman's network, sigmoid units", rnn.Config{Cell: "elman", Activation: "sigmoid"}, rnn.Init{Orthogonal: 1}, &pascanuNumpy{
		[]any{2.0, 0.20, 1.7e-2, 2.9e-4, 5.1e-6, 1.6e-9}, []any{2.00, 0.570, 0.647}, []any{10.7, 5.3, 10.7 / 4, 0.153, 0.15},
	}},
	{"RNN", "the same with tanh units", rnn.Config{Cell: "elman", Activation: "tanh"}, rnn.Init{Orthogonal: 1}, &pascanuNumpy{
		[]any{1.9, 0.47, 0.11, 1.2e-2, 1.6e-3, 3.7e-5}, []any{1.76, 0.717, 0.798}, []any{3.9, 1.5, 3.9, 0.515, 0.27},
	}},
	{"GRU", "gated recurrent units", rnn.Config{Cell: "gru"}, rnn.Init{Orthogonal: 1}, nil},
	{"LSTM", "long short-term memory, forget biases from 1 on; the gradient is that of h and c together", rnn.Config{Cell: "lstm"}, rnn.Init{Orthogonal: 1, ForgetBias: 1}, &pascanuNumpy{
		[]any{2.2, 0.42, 0.14, 0.11, 8.0e-2, 6.3e-3}, []any{1.72, 0.711, 0.906}, nil,
	}},
}

// A pascanuNumpy is the result of an independent numpy program for a network of 128 units, one seed, 4 epochs of
// Shakespeare: the columns of the tables below.
type pascanuNumpy struct{ gradient, decay, recurrence []any }

// A pascanuTest holds the sizes of the experiment.
type pascanuTest struct {
	size      int // characters of the text, if none is given
	hidden    int
	passes    int // epochs of training
	course    int // epochs of the networks in pascanuCourse, whose gradients are measured after each
	reach     int // K, time steps back
	positions int // positions in the text at which gradients start

	clipPasses, clipStreams, clipWindow int
}

// pascanu shows the subject of Pascanu, Mikolov and Bengio 2013 ("On the difficulty of training recurrent neural networks"):
// the gradient of a loss vanishes on its way back in time, less in some networks than in others; the spectral radius and the
// largest singular value of the recurrence do not predict it; and an unstable network learns if the norm of the gradient is
// clipped.
//
// How far back a gradient reaches depends on the text, and on how long a network has learned: in the generated play hardly
// anything depends on what was 50 characters before. So the experiment shows the gradient over training too.
func pascanu(ctx context.Context, s *session) error {
	return s.pascanu(ctx, pascanuTest{
		size: 100_000, hidden: 128, passes: cmp.Or(s.Epochs, 4), course: cmp.Or(s.Epochs, 10), reach: 50, positions: 400, clipPasses: cmp.Or(s.Epochs, 12), clipStreams: 16, clipWindow: 100,
	})
}

func (s *session) pascanu(ctx context.Context, test pascanuTest) error {
	c, text, err := s.text(test.size, 0.1)
	if err != nil {
		return err
	}
	ids, err := c.Alphabet.Encode(text)
	if err != nil {
		return err
	}
	seeds, err := perSeed(ctx, s, func(ctx context.Context, t seedRun) (*pascanuRun, error) {
		return t.pascanu(ctx, c, inspect.SequenceOf(ids[c.Train().Len():]), test)
	})
	if err != nil {
		return err
	}
	s.gradients(test, seeds)
	s.recurrences(seeds)
	s.clipping(test, seeds)
	return nil
}

// pascanuPlaces are the distances k in the tables.
var pascanuPlaces = []int{1, 5, 10, 20, 30, 50}

// decayBreak separates near from far distances, whose decay per time step is shown apart.
const decayBreak = 10

// gradients reports how far back gradients reach.
func (s *session) gradients(test pascanuTest, seeds []*pascanuRun) {
	s.say("Networks of %d units, trained with Adam for %d passes in windows of 50 time steps; the recurrent matrices start orthogonal:", test.hidden, test.passes)
	for _, a := range pascanuArms {
		s.item(a.name, a.doc)
	}
	s.say("G(k) is the norm of d loss(t) / d h(t-k), averaged over %d positions t of the held-out text. The paper has no such table; the rows \"numpy\" are from an independent program, on Shakespeare after 4 passes, with one seed.", test.positions)
	s.gradientTables(test, seeds)
	s.gradientFigures(test, seeds)
	s.courseOfReach(test, seeds)
	srn, rnn, lstm := 0, pascanuCourse[0], pascanuCourse[1]
	s.target(fmt.Sprintf("LSTM, G(%d), after %d passes", test.reach, test.passes), "at least 100 times that of the RNN", "170 times in numpy, after 4 passes", each(seeds, func(r *pascanuRun) bool {
		return r.nets[lstm].trained.Mean[test.reach] >= 100*r.nets[rnn].trained.Mean[test.reach]
	}))
	s.target(fmt.Sprintf("SRN, G(%d) / G(1)", test.reach), "at most 1e-5", "8e-10 in numpy", each(seeds, func(r *pascanuRun) bool {
		g := r.nets[srn].trained.Mean
		return g[test.reach] <= 1e-5*g[1]
	}))
}

// pascanuCourse are the arms whose gradients are shown over training: RNN and LSTM.
var pascanuCourse = [2]int{1, 3}

// courseOfReach reports how the gradient at the greatest distance changes in training.
func (s *session) courseOfReach(test pascanuTest, seeds []*pascanuRun) {
	rnn, lstm := pascanuCourse[0], pascanuCourse[1]
	columns := []string{"passes", fmt.Sprintf("RNN, G(%d)", test.reach), fmt.Sprintf("LSTM, G(%d)", test.reach), "LSTM / RNN"}
	drawn := chart.Chart{Title: "The gradient of the LSTM beside that of the RNN, while they learn", X: "passes over the text", Y: fmt.Sprintf("G(%d), LSTM / RNN", test.reach), LogY: true}
	drawn.Lines = []chart.Line{{Dots: true}}
	var rows [][]any
	var ratio report.Spread
	for i := range test.course {
		at := func(arm int) func(*pascanuRun) float64 {
			return func(r *pascanuRun) float64 { return r.nets[arm].course[i] }
		}
		ratio = spread(over(seeds, func(r *pascanuRun) float64 { return at(lstm)(r) / at(rnn)(r) }))
		rows = append(rows, []any{fmt.Sprint(i + 1), spread(over(seeds, at(rnn))), spread(over(seeds, at(lstm))), ratio})
		addSpread(&drawn.Lines[0], float64(i+1), ratio)
	}
	s.say("The ratio changes as training goes on. The target on it is for %d passes, as in the numpy program, and does not hold for longer training: after %d passes the ratio is %s.", test.passes, test.course, ratio)
	s.whole(columns, rows)
	s.figure("course", fmt.Sprintf("The LSTM's gradient over %d time steps divided by the RNN's, after each pass: mean and range of the seeds.", test.reach), drawn)
}

func (s *session) gradientTables(test pascanuTest, seeds []*pascanuRun) {
	columns := []string{"G(k) at k ="}
	var positions []int
	for _, k := range pascanuPlaces {
		if k <= test.reach {
			positions, columns = append(positions, k), append(columns, fmt.Sprint(k))
		}
	}
	var gradients, decays [][]any
	for a, arm := range pascanuArms {
		row := []any{arm.name}
		for _, k := range positions {
			row = append(row, spread(over(seeds, func(r *pascanuRun) float64 { return r.nets[a].trained.Mean[k] })).Mean)
		}
		gradients = append(gradients, row)
		decay := func(from, to int) report.Spread {
			return spread(over(seeds, func(r *pascanuRun) float64 {
				_, geometric := r.nets[a].trained.PerStep(from, to)
				return geometric
			}))
		}
		loss := spread(over(seeds, func(r *pascanuRun) float64 { return r.nets[a].loss }))
		decays = append(decays, []any{arm.name, loss, decay(1, decayBreak), decay(decayBreak, test.reach)})
		if n := arm.numpy; n != nil {
			gradients = append(gradients, append([]any{arm.name + ", numpy"}, n.gradient[:len(positions)]...))
			decays = append(decays, append([]any{arm.name + ", numpy"}, n.decay...))
		}
	}
	s.whole(columns, gradients)
	s.whole([]string{"network", "loss, nats/char", fmt.Sprintf("decay per step, k 1 to %d", decayBreak), fmt.Sprintf("k %d to %d", decayBreak, test.reach)}, decays)
}

func (s *session) gradientFigures(test pascanuTest, seeds []*pascanuRun) {
	trained := chart.Chart{Title: "How far back the gradient reaches: trained", X: "time steps back, k", Y: "norm of d loss(t) / d h(t-k)", LogY: true, LegendBelow: true}
	start := trained
	start.Title = "How far back the gradient reaches: before training"
	for a, arm := range pascanuArms {
		trained.Lines = append(trained.Lines, decayLine(arm.name, test.reach, seeds, func(r *pascanuRun) []float64 { return r.nets[a].trained.Mean }))
		start.Lines = append(start.Lines, decayLine(arm.name, test.reach, seeds, func(r *pascanuRun) []float64 { return r.nets[a].start.Mean }))
	}
	start.Lines = append(start.Lines, decayLine("RNN, gain 1.5", test.reach, seeds, func(r *pascanuRun) []float64 { return r.unstable.Mean }))
	s.figure("gradient", "The norm of the gradient with respect to the state k time steps back, after training: mean and range of the seeds.", trained)
	s.figure("start", "The same before training, when the recurrent matrices are orthogonal. With tanh units and a gain of 1.5 the gradient explodes.", start)
}

// decayLine draws gradients over distance.
func decayLine(name string, reach int, seeds []*pascanuRun, of func(*pascanuRun) []float64) chart.Line {
	line := chart.Line{Name: name}
	for k := range reach + 1 {
		addSpread(&line, float64(k), spread(over(seeds, func(r *pascanuRun) float64 { return of(r)[k] })))
	}
	return line
}

// recurrences compares the spectra of the recurrent weights with the decay of the gradient.
func (s *session) recurrences(seeds []*pascanuRun) {
	s.say("Let gamma be the steepest slope of the activation (1 for tanh, 1/4 for the sigmoid) and sigma the largest singular value of the recurrent matrix. gamma sigma < 1 is sufficient for the gradient to vanish, gamma sigma > 1 is necessary for it to explode (section 2.1). In trained networks gamma sigma is above 1, and the gradient vanishes all the same, because the units are far from their steepest slope.")
	var rows [][]any
	for a, arm := range pascanuArms {
		if arm.network.Cell != "elman" {
			continue
		}
		gamma := 1.0
		if arm.network.Activation == "sigmoid" {
			gamma = 0.25
		}
		row := []any{arm.name}
		for _, of := range []func(flow) float64{
			func(f flow) float64 { return f.spectrum.Norm },
			func(f flow) float64 { return f.spectrum.Radius },
			func(f flow) float64 { return gamma * f.spectrum.Norm },
			func(f flow) float64 { return f.slope },
			func(f flow) float64 { return f.saturated },
		} {
			row = append(row, spread(over(seeds, func(r *pascanuRun) float64 { return of(r.nets[a]) })))
		}
		rows = append(rows, row, append([]any{arm.name + ", numpy"}, arm.numpy.recurrence...))
	}
	s.whole([]string{"network", "sigma", "spectral radius", "gamma sigma", "mean slope", "share saturated"}, rows)
}

// A pascanuRun is the result of one seed.
type pascanuRun struct {
	nets  []flow    // of each of pascanuArms
	clips []clipRun // of each of clipArms
	// unstable is the decay of the gradient in their network before training.
	unstable inspect.Decay
}

// A flow describes a network's gradient back in time.
type flow struct {
	loss           float64       // on text held out, nats
	course         []float64     // the gradient at the greatest distance after each epoch, for those in pascanuCourse
	start, trained inspect.Decay // |d loss(t) / d state(t-k)|
	spectrum       inspect.Spectrum
	slope          float64 // mean derivative of the activation; only of Elman cells, as the spectrum
	saturated      float64 // share of saturated outputs
}

func (t seedRun) pascanu(ctx context.Context, c *corpus.Corpus, held inspect.Sequence, test pascanuTest) (*pascanuRun, error) {
	run := &pascanuRun{}
	for i, a := range pascanuArms {
		followed := slices.Contains(pascanuCourse[:], i)
		change := func(s *train.Settings) {
			s.Network.Cell, s.Network.Activation, s.Network.Hidden, s.Init = a.network.Cell, a.network.Activation, test.hidden, a.init
			s.Optimizer.Optimizer, s.Optimizer.LearningRate, s.ClipNorm = "adam", 0.002, 5
			s.Batch, s.Window, s.ReportEvery, s.ReportEpochs = 32, 50, math.MaxInt32, true
			if s.Budget.Epochs = test.passes; followed {
				s.Budget.Epochs = test.course
			}
		}
		var f flow
		var losses, course []float64
		passes := 0
		if _, err := t.train(ctx, a.name, c, change, train.Options{
			Report: func(r train.Report) { losses = append(losses, *r.ValidLoss) },
			Sample: func(m *model.Model) (_ string, err error) { // after each epoch
				if passes++; passes == test.passes {
					if f, err = t.flowOf(ctx, m, a.init, held, test); err != nil {
						return "", err
					}
				}
				if !followed {
					return "", nil
				}
				d, err := t.decayOf(ctx, m.Network, nil, held, test)
				if err == nil {
					course = append(course, d.Mean[test.reach])
				}
				return "", err
			},
		}); err != nil {
			return nil, err
		}
		f.loss, f.course = losses[test.passes-1], course
		run.nets = append(run.nets, f)
	}
	for _, a := range clipArms {
		clip, err := t.clip(ctx, a, c, test)
		if err != nil {
			return nil, err
		}
		run.clips = append(run.clips, clip)
	}
	unstable, err := rnn.New(rnn.Config{Activation: "tanh", Symbols: c.Alphabet.Size(), Hidden: test.hidden})
	if err != nil {
		return nil, err
	}
	run.unstable, err = t.decayOf(ctx, unstable, unstableInit, held, test)
	return run, err
}

// decayOf measures a network with initial weights, or as it is if init is nil.
func (t seedRun) decayOf(ctx context.Context, n *rnn.Network, init *rnn.Init, held inspect.Sequence, test pascanuTest) (d inspect.Decay, err error) {
	if init != nil {
		n.Init(*init, t.Seed)
	}
	h, err := inspect.GradientReachOf(ctx, n, held, inspect.GradientReachSettings{Reach: test.reach, Positions: test.positions, Seed: t.Seed, Workers: t.Threads})
	if err != nil {
		return d, err
	}
	return h.Layers[0].State, nil
}

// flowOf measures a trained network, and its initial weights.
func (t seedRun) flowOf(ctx context.Context, m *model.Model, init rnn.Init, held inspect.Sequence, test pascanuTest) (f flow, err error) {
	if f.trained, err = t.decayOf(ctx, m.Network, nil, held, test); err != nil {
		return f, err
	}
	if m.Network.Config().Cell == "elman" {
		f.spectrum = inspect.SpectraOf(m.Network)[0]
		f.slope, f.saturated = activity(m.Network, held)
	}
	start, err := rnn.New(m.Network.Config())
	if err != nil {
		return f, err
	}
	f.start, err = t.decayOf(ctx, start, &init, held, test)
	return f, err
}

// activity returns the mean derivative of an Elman cell's activation on a text, and the share of its outputs that are
// saturated: within a twentieth of the range of an end.
func activity(n *rnn.Network, text inspect.Sequence) (slope, saturated float64) {
	w := n.NewWindow(1, 1, nil)
	h := make([]float32, n.Config().Hidden)
	sigmoid := n.Config().Activation == "sigmoid"
	for i := range text.X {
		w.Forward(text.X[i : i+1])
		w.Observe(h, 0, "h")
		for _, y := range h {
			y := float64(y)
			if !sigmoid {
				y = (y + 1) / 2
			}
			d := float64(y * (1 - y))
			if !sigmoid {
				d *= 4
			}
			slope += d
			if y < 0.05 || y > 0.95 {
				saturated++
			}
		}
	}
	values := float64(len(text.X) * len(h))
	return slope / values, saturated / values
}
