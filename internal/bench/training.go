package bench

import (
	"context"
	"fmt"
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
	batched("elman", 256, 32, 64),
	batched("lstm", 128, 32, 50),
	batched("lstm", 256, 32, 64),
	batched("lstm", 512, 64, 64),
	batched("gru", 128, 32, 50),
	batched("gru", 256, 32, 64),
}

// batched is a workload worth several workers.
func batched(cell string, H, B, T int) training {
	return training{name: fmt.Sprintf("train %s, H=%d, B=%d, T=%d", cell, H, B, T), parallel: true,
		settings: train.Settings{Network: rnn.Config{Cell: cell, Hidden: H}, Batch: B, Window: T}}
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

// operations returns those that one character of training takes.
func (t training) operations() float64 {
	n := t.settings.Network
	n.Symbols = symbols
	n, err := n.WithDefaults()
	if err != nil {
		panic(err)
	}
	return n.Operations(t.settings.Window)
}

// symbols is the size of the alphabet, that of tinyshakespeare.
const symbols = 65

const (
	trainingRun  = 60 * time.Millisecond
	trainingRuns = 11
)

// trainingMost is when there is no further run: a training step in plain Go takes longer. The test has less patience.
var trainingMost = time.Second

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
