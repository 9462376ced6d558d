package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// A contest is one network that several sides train.
type contest struct {
	Name, What string
	settings   train.Settings
	check      int // characters from the start whose mean loss each side tells
	sides      []side
	aims       []aim
}

// A side is one program, on so many cores.
type side struct {
	name    string // elman, or a script without its ending
	cores   int
	threads int // 0 means as many as cores; OpenBLAS has its own, as many as cores
}

func (s side) String() string {
	name := map[string]string{"elman": "Elman", "numpy_notebook": "numpy", "torch_rnn": "PyTorch"}[s.name]
	switch {
	case s.cores == 1:
		return name
	case s.threads == 1:
		return fmt.Sprintf("%s, %d cores, products only", name, s.cores)
	}
	return fmt.Sprintf("%s, %d cores", name, s.cores)
}

// An aim is a ratio to reach: of the speed of one side to that of the best of others, or without others to the peak.
type aim struct {
	what    string
	of      int   // index of a side
	to      []int // indices of sides
	atLeast float64
}

func contests() []contest {
	return []contest{
		{
			Name: "notebook-srn", What: "the notebook's SRN: sigmoid, plain gradient descent; one core",
			settings: recipe("notebook-srn"), check: 15000,
			sides: []side{{name: "elman", cores: 1}, {name: "numpy_notebook", cores: 1}},
			aims:  []aim{{"Elman / numpy", 0, []int{1}, 20}},
		},
		{
			Name: "notebook-rnn", What: "the notebook's RNN: sigmoid (PyTorch: tanh), clipped by value, Adagrad; one core",
			settings: recipe("notebook-rnn"), check: 15000,
			sides: []side{{name: "elman", cores: 1}, {name: "numpy_notebook", cores: 1}, {name: "torch_rnn", cores: 1}},
			aims:  []aim{{"Elman / numpy", 0, []int{1}, 18}, {"Elman / PyTorch", 0, []int{2}, 15}},
		},
		{
			Name: "batched", What: "tanh, Adagrad; one core and two",
			settings: train.Settings{
				Network: rnn.Config{Hidden: 256, Activation: "tanh"}, Batch: 32, Window: 64,
				Optimizer: optim.Settings{Optimizer: "adagrad", LearningRate: 0.01}, // 0.1 shoots far off at first
			},
			check: 20 * 32 * 64,
			sides: []side{{name: "elman", cores: 1}, {name: "elman", cores: 2}, {name: "torch_rnn", cores: 1}, {name: "torch_rnn", cores: 2}, {name: "torch_rnn", cores: 2, threads: 1}},
			aims: []aim{
				{"Elman, one core / peak", 0, nil, 0.75},
				{"Elman, two cores / one", 1, []int{0}, 1.85},
				{"Elman, two cores / PyTorch's best", 1, []int{2, 3, 4}, 1.8},
			},
		},
	}
}

func recipe(name string) train.Settings {
	r, err := train.FindRecipe(name)
	if err != nil {
		panic(err)
	}
	return r.Settings
}

// pause lets the threads of the side before fall asleep: those of OpenBLAS look for work for a tenth of a second.
const pause = 200 * time.Millisecond

const notInstalled = "not installed: apt-get install python3-torch python3-numpy libopenblas0-openmp"

// hold lets the sides of a contest train in turns.
func (b *arena) hold(ctx context.Context, c contest, symbols int) (result, error) {
	res := newResult(c, symbols)
	workers := make([]*worker, len(c.sides))
	defer func() {
		for _, w := range workers {
			w.close()
		}
	}()
	for i, s := range c.sides {
		if s.cores > runtime.NumCPU() {
			res.Sides[i].Missing = fmt.Sprintf("needs %d cores", s.cores)
			continue
		}
		w, hello, err := b.start(ctx, c, s)
		if err != nil {
			return res, fmt.Errorf("%v: %w", s, err)
		}
		if hello.Missing {
			res.Sides[i].Missing = notInstalled
			w.close()
			continue
		}
		workers[i], res.Sides[i].About, res.Sides[i].Loss = w, hello.About, hello.Loss
	}
	for range b.rounds {
		for i, w := range workers {
			if w == nil {
				continue
			}
			time.Sleep(pause)
			answer, err := w.round(b.length)
			if err != nil {
				return res, fmt.Errorf("%v: %w", c.sides[i], err)
			}
			res.Sides[i].add(answer)
		}
	}
	res.compare(c)
	return res, nil
}
