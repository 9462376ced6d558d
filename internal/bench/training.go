package bench

import (
	"context"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// A training is a workload of whole training steps.
type training struct {
	name     string
	settings train.Settings
	parallel bool // worth several workers
}

var trainings = []training{
	{name: "train notebook-srn (H=128, B=1, T=1)", settings: recipe("notebook-srn")},
	{name: "train notebook-rnn (H=128, B=1, T=15)", settings: recipe("notebook-rnn")},
	{name: "train tanh, H=256, B=32, T=64", parallel: true,
		settings: train.Settings{Network: rnn.Config{Hidden: 256}, Batch: 32, Window: 64}},
}

func recipe(name string) train.Settings {
	r, err := train.FindRecipe(name)
	if err != nil {
		panic(err)
	}
	return r.Settings
}

func (t training) workers(most int) []int {
	if t.parallel && most > 1 {
		return []int{1, most}
	}
	return []int{1}
}

// Operations returns the floating-point operations in the matrix products that one character of training takes, in an Elman
// network with alphabet V, H hidden units and windows of T time steps: a product forward, one for the weights' gradient and
// one back to the units before, two operations a multiply-add. The input layer looks its rows up and counts for nothing;
// from the first time step of a window no gradient goes further back.
func Operations(V, H, T int) float64 {
	v, h, t := float64(V), float64(H), float64(T)
	return 2 * (3*h*v + (3-1/t)*h*h)
}

func (t training) operations() float64 {
	return Operations(symbols, t.settings.Network.Hidden, t.settings.Window)
}

// symbols is the size of the alphabet, that of tinyshakespeare.
const symbols = 65

const (
	trainingRun  = 60 * time.Millisecond
	trainingRuns = 11
	trainingMost = time.Second // no further run after that: a training step in plain Go takes longer
)

func (t training) measure(ctx context.Context, workers int) (Figure, error) {
	text := make([]byte, 1<<18)
	for i := range text {
		text[i] = '0' + byte((i*i+i/7)%symbols) // all of them occur, in no order worth learning
	}
	c, err := corpus.New(corpus.FromBytes("bench", text), corpus.Options{Closed: true})
	if err != nil {
		return Figure{}, err
	}
	s := t.settings
	s.ReportEvery, s.ReportEpochs = 1<<40, false
	s.HowLong = train.HowLong{Time: trainingRun}
	runs := newSeries()
	for begin := time.Now(); len(runs.speeds) == 0 || len(runs.speeds) < trainingRuns && time.Since(begin) < trainingMost; {
		r, err := train.Run(ctx, c, s, train.Options{Threads: workers})
		if err != nil {
			return Figure{}, err
		}
		runs.add(r.Report.SymbolsPerSecond * t.operations() / float64(workers))
	}
	f := runs.figure(t.name, workers)
	f.Chars = f.GFLOPS * 1e9 / t.operations()
	return f, nil
}
