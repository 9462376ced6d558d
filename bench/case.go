package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/seed-f4dd853e/elman/train"
)

// A benchCase is one network that several sides train.
type benchCase struct {
	Name, What string
	settings   train.Settings
	check      int // characters from the start whose mean loss each side tells
	sides      []side
	targets    []target
}

// A side is one program, on this many cores with as many threads.
type side struct {
	name  string // elman, or a script without its ending
	cores int
}

func (s side) String() string {
	name := map[string]string{"elman": "Elman", "numpy_notebook": "numpy", "torch_rnn": "PyTorch"}[s.name]
	if s.cores == 1 {
		return name
	}
	return fmt.Sprintf("%s, %d cores", name, s.cores)
}

// A target is the lowest ratio wanted of the speed of one side to that of the fastest of others, or without others to the
// peak.
type target struct {
	what    string
	of      int   // index of a side
	to      []int // indices of sides
	atLeast float64
}

// cases returns the notebook's two networks, and a grid: the cells that PyTorch has too, in three sizes, of one layer
// and two.
func cases() []benchCase {
	list := []benchCase{
		{
			Name: "notebook-srn", What: "the notebook's SRN: sigmoid, plain gradient descent",
			settings: recipe("notebook-srn"), check: 15000,
			sides:   []side{{"elman", 1}, {"numpy_notebook", 1}},
			targets: []target{{"Elman / numpy", 0, []int{1}, 20}},
		},
		{
			Name: "notebook-rnn", What: "the notebook's RNN: sigmoid (PyTorch: tanh), clipped by value, Adagrad",
			settings: recipe("notebook-rnn"), check: 15000,
			sides:   []side{{"elman", 1}, {"numpy_notebook", 1}, {"torch_rnn", 1}},
			targets: []target{{"Elman / numpy", 0, []int{1}, 18}, {"Elman / PyTorch", 0, []int{2}, 15}},
		},
	}
	for _, layers := range []int{1, 2} {
		for _, cell := range []string{"elman", "lstm", "gru"} {
			list = append(list, gridCase(cell, layers, 128, 32, 50), gridCase(cell, layers, 256, 32, 64), gridCase(cell, layers, 512, 64, 64))
		}
	}
	return list
}

// gridCase is one of the grid. On two cores the better of PyTorch with one thread and with two counts.
func gridCase(cell string, layers, H, B, T int) benchCase {
	c := benchCase{
		Name: fmt.Sprintf("%s-%dx%d", cell, H, layers), What: "clipped by norm, Adam",
		settings: settings(func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Network.Layers, s.Batch, s.Window = cell, H, layers, B, T
			s.Optimizer.Optimizer, s.Optimizer.LearningRate, s.ClipNorm = "adam", 0.001, 1
		}),
		check: 4 * B * T,
		sides: []side{{"elman", 1}, {"elman", 2}, {"torch_rnn", 1}, {"torch_rnn", 2}},
	}
	most := 3.0
	if layers > 1 {
		most = 1.8
	}
	c.targets = []target{
		{"one core: Elman / PyTorch", 0, []int{2}, most},
		{"two cores: Elman / PyTorch", 1, []int{2, 3}, most},
	}
	if cell == "elman" && H == 256 && layers == 1 {
		c.targets = append(c.targets, target{"Elman: one core / peak", 0, nil, 0.75}, target{"Elman: two cores / one", 1, []int{0}, 1.85})
	}
	return c
}

func recipe(name string) train.Settings {
	r, err := train.FindRecipe(name)
	if err != nil {
		panic(err)
	}
	return settings(r.Change)
}

// settings returns the defaults but for a change. The text they are for does not matter: all that depends on it is set.
func settings(change func(*train.Settings)) train.Settings {
	s, err := train.Defaults(train.Facts{Symbols: 65, Length: 1 << 20}, change)
	if err != nil {
		panic(err) // contests are ours
	}
	return s
}

// pause lets the threads of the side before fall asleep: those of OpenBLAS look for work for a tenth of a second.
const pause = 200 * time.Millisecond

const notInstalled = "not installed: apt-get install python3-torch python3-numpy libopenblas0-openmp"

// run lets the sides of a case train in turns and reports each round to tell, which may be nil.
func (b *suite) run(ctx context.Context, c benchCase, tell func(*result)) (result, error) {
	res := newResult(c, b.symbols)
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
		if tell != nil {
			tell(&res)
		}
	}
	res.compare(c)
	return res, nil
}
