package main

import (
	"context"
	"fmt"
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
	blas  string // kernels of OpenBLAS that are forced; "" is its own choice
}

func (s side) String() string {
	name := map[string]string{"elman": "Elman", "numpy_notebook": "numpy", "torch_rnn": "PyTorch"}[s.name]
	if s.blas != "" {
		name += " with " + s.blas
	}
	if s.cores == 1 {
		return name
	}
	return fmt.Sprintf("%s, %d cores", name, s.cores)
}

// A target is the lowest ratio wanted of the speed of one side to that of the fastest of others, or without others to the
// peak. 0 is no target.
type target struct {
	what    string
	of      int   // index of a side
	to      []int // indices of sides
	atLeast float64
}

// cases returns the notebook's two networks, and a grid: the cells that PyTorch has too, in three sizes, of one layer
// and two, with one of Elman's kernel sets.
func cases(set string) []benchCase {
	blas := blasKernels(set)[0]
	list := []benchCase{
		{
			Name: "notebook-srn", What: "the notebook's SRN: sigmoid, plain gradient descent",
			settings: recipe("notebook-srn"), check: 15000,
			sides:   []side{{"elman", 1, ""}, {"numpy_notebook", 1, blas}},
			targets: []target{{"Elman/numpy, 1 core", 0, []int{1}, 20}},
		},
		{
			Name: "notebook-rnn", What: "the notebook's RNN: sigmoid (PyTorch: tanh), clipped by value, Adagrad",
			settings: recipe("notebook-rnn"), check: 15000,
			sides:   []side{{"elman", 1, ""}, {"numpy_notebook", 1, blas}, {"torch_rnn", 1, blas}},
			targets: []target{{"Elman/numpy, 1 core", 0, []int{1}, 18}, {"Elman/PyTorch, 1 core", 0, []int{2}, 15}},
		},
	}
	for _, layers := range []int{1, 2} {
		for _, cell := range []string{"elman", "lstm", "gru"} {
			list = append(list,
				gridCase(set, cell, layers, 128, 32, 50),
				gridCase(set, cell, layers, 256, 32, 64),
				gridCase(set, cell, layers, 512, 64, 64))
		}
	}
	return list
}

// gridCase is one of the grid. What counts is the fastest of PyTorch with each kind of kernels, and on two cores with one
// thread and two.
func gridCase(set, cell string, layers, H, B, T int) benchCase {
	c := benchCase{
		Name: fmt.Sprintf("%s-%dx%d", cell, H, layers), What: "clipped by norm, Adam",
		settings: settings(func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Network.Layers, s.Batch, s.Window = cell, H, layers, B, T
			s.Optimizer.Optimizer, s.Optimizer.LearningRate, s.ClipNorm = "adam", 0.001, 1
		}),
		check: 4 * B * T,
		sides: []side{{"elman", 1, ""}, {"elman", 2, ""}},
	}
	var one, all []int
	for _, blas := range blasKernels(set) {
		one, all = append(one, len(c.sides)), append(all, len(c.sides), len(c.sides)+1)
		c.sides = append(c.sides, side{"torch_rnn", 1, blas}, side{"torch_rnn", 2, blas})
	}
	torch := wantedOfTorch[fmt.Sprintf("%s-%dx%d", cell, H, layers)]
	if layers == 2 && H == 512 {
		torch = 1.4
	}
	twice := 0.0
	if H >= 256 {
		twice = 1.85
	}
	c.targets = []target{
		{"Elman/PyTorch, 1 core", 0, one, torch},
		{"Elman/PyTorch, 2 cores", 1, all, torch},
		{"Elman/peak, 1 core", 0, nil, wantedOfPeak(set, cell, layers, H)},
		{"Elman, 2 cores/1 core", 1, []int{0}, twice},
	}
	return c
}

// wantedOfTorch is the lowest ratio wanted to the speed of PyTorch. An LSTM of 512 units at the peak itself, were all else
// free, would be about twice as fast.
var wantedOfTorch = map[string]float64{"lstm-256x1": 2.2, "lstm-512x1": 1.6, "gru-256x1": 2.3, "elman-256x1": 2.2}

// wantedOfPeak is the lowest share of the peak wanted: what the fastest libraries reach with a cell alone, without loss,
// clipping, update and packing.
func wantedOfPeak(set, cell string, layers, H int) float64 {
	switch {
	case layers == 2 && H == 512 && set == "avx2":
		return 0.75
	case layers == 1 && set == "avx2":
		return map[int]float64{128: 0.74, 256: 0.80, 512: 0.77}[H]
	case layers == 1 && set == "avx512" && cell == "lstm":
		return map[int]float64{128: 0.70, 256: 0.80, 512: 0.80}[H]
	}
	return 0
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
		if s.cores > b.cores {
			res.Sides[i].Missing = fmt.Sprintf("%d cores are left out", s.cores)
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
