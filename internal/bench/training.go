package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// A training is a workload of whole training steps.
type training struct {
	name     string
	settings train.Settings
	parallel bool // worth several workers
}

// trainings returns the notebook's, and for every cell those of a usual size: clipping by norm and Adam, as most people
// train today.
func trainings() []training {
	list := []training{
		{name: "notebook-srn (H=128, B=1, T=1)", settings: recipe("notebook-srn")},
		{name: "notebook-rnn (H=128, B=1, T=15)", settings: recipe("notebook-rnn")},
	}
	for _, info := range rnn.Cells() {
		cell := info.Name
		list = append(list,
			batched(rnn.Config{Cell: cell, Hidden: 128}, 32, 50),
			batched(rnn.Config{Cell: cell, Hidden: 256}, 32, 64),
			batched(rnn.Config{Cell: cell, Hidden: 512}, 64, 64),
		)
	}
	return append(list,
		batched(rnn.Config{Cell: "elman", Hidden: 256}, 64, 64),
		batched(rnn.Config{Cell: "lstm", Hidden: 512, Layers: 2}, 64, 64),
		batched(rnn.Config{Cell: "lstm", Hidden: 256, Block: true}, 32, 64),
	)
}

// batched is a workload worth several workers.
func batched(n rnn.Config, B, T int) training {
	name := n.Cell
	if n.Layers > 1 {
		name += fmt.Sprintf(", %d layers", n.Layers)
	}
	if n.Block {
		name += " in a block"
	}
	return training{name: fmt.Sprintf("%s, H=%d, B=%d, T=%d", name, n.Hidden, B, T), parallel: true, settings: settings(func(s *train.Settings) {
		s.Network.Cell, s.Network.Hidden, s.Network.Layers, s.Network.Block = n.Cell, n.Hidden, max(1, n.Layers), n.Block
		s.Batch, s.Window, s.Optimizer.Optimizer, s.ClipNorm = B, T, "adam", 1
	})}
}

func recipe(name string) train.Settings {
	r, err := train.FindRecipe(name)
	if err != nil {
		panic(err)
	}
	return settings(r.Change)
}

// settings returns those of a training on text, which are the defaults but for a change.
func settings(change func(*train.Settings)) train.Settings {
	s, err := train.Defaults(train.Facts{Symbols: symbols, Length: textSize}, func(s *train.Settings) {
		change(s)
		s.ReportEvery, s.ReportEpochs, s.Budget.Epochs, s.Budget.Steps = 1<<40, false, 0, 1
	})
	if err != nil {
		panic(err)
	}
	return s
}

// Sharded returns benchmarks with a further one after each training of several streams: the same in this many shards. It fails
// where streams cannot be divided so.
func Sharded(list []Benchmark, shards int) (all []Benchmark, err error) {
	for _, b := range list {
		all = append(all, b)
		t, ok := b.(training)
		if !ok || !t.parallel {
			continue
		}
		t.name += fmt.Sprintf(", S=%d", shards)
		t.settings.Shards = shards
		if err := t.settings.Check(train.Facts{Symbols: symbols, Length: textSize}); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func (t training) String() string { return "train " + t.name }

func (t training) workers(most int) []int {
	if t.parallel && most > 1 {
		return []int{1, most}
	}
	return []int{1}
}

// operations returns those that one character of training takes.
func (t training) operations() float64 {
	return t.settings.Network.FLOPs(t.settings.Window)
}

// symbols is the size of the alphabet, that of tinyshakespeare.
const symbols = 65

const textSize = 1 << 18

// text returns one of this many symbols: all of them occur, in no order worth learning.
func text() *corpus.Text { return corpus.FromBytes("bench", textBytes()) }

func textBytes() []byte {
	text := make([]byte, textSize)
	for i := range text {
		text[i] = '0' + byte((i*i+i/7)%symbols)
	}
	return text
}

// newModel returns a model of that text with random weights of a precision.
func newModel(cell string, H int, precision rnn.Precision) (*model.Model, error) {
	c, err := corpus.New(text(), corpus.Options{Closed: true})
	if err != nil {
		return nil, err
	}
	net, err := rnn.New(rnn.Config{Cell: cell, Symbols: symbols, Hidden: H})
	if err != nil {
		return nil, err
	}
	net.Init(rnn.Init{}, 1)
	if net, err = net.Round(precision); err != nil {
		return nil, err
	}
	return &model.Model{Network: net, Alphabet: c.Alphabet}, nil
}

// operationsOf returns those that one character takes of a model that reads or writes it.
func operationsOf(m *model.Model) float64 {
	products, _ := m.Network.Config().MultiplyAdds()
	return 2 * float64(products)
}

func (t training) measure(ctx context.Context, workers int) (Figure, error) {
	c, err := corpus.New(text(), corpus.Options{Closed: true})
	if err != nil {
		return Figure{}, err
	}
	s := t.settings
	speed := 0.0 // of the last run, by which the next is as long as it should be
	run := func() (float64, error) {
		// The first report is of memory that is touched for the first time, which a training of hours does once: it takes a
		// step of two layers of 512 units half as long again.
		s.ReportEvery = max(1, int64(speed*wholeRun.Seconds())/int64(s.Batch*s.Window))
		s.Budget.Steps = 2 * s.ReportEvery
		var at []time.Duration // of the reports
		var symbols []int64    // trained on until then
		now := timer(workers)
		_, err := train.Run(ctx, c, s, train.Options{
			Threads: workers,
			Sample:  func(*model.Model) (string, error) { at = append(at, now()); return "", nil },
			Report:  func(r train.Report) { symbols = append(symbols, r.Symbols) },
		})
		if err != nil {
			return 0, err
		}
		speed = float64(symbols[1]-symbols[0]) / (at[1] - at[0]).Seconds()
		return speed, nil
	}
	if _, err := run(); err != nil {
		return Figure{}, err
	}
	return charsFigure(t.operations(), workers, run)
}
