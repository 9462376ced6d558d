package rnn

import (
	"fmt"
	"testing"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A variant is a network with the dropout it is trained with.
type variant struct {
	Config
	drop   Dropout
	taught bool
}

// variants lists every cell with every activation, plain and in every shape of stack: each is put through the whole suite
// of this file.
func variants() []variant {
	var all []variant
	for _, cell := range cellNames() {
		activations := []string{""}
		one := func(c Config) { all = append(all, variant{Config: c}) }
		if info := (&Config{Cell: cell}).cell(); info.Activations != nil {
			activations = info.Activations
		}
		for _, f := range activations {
			one(Config{Cell: cell, Activation: f})
		}
		c := Config{Cell: cell}
		plain, tied, block, all2 := c, c, c, c
		plain.Embedding, plain.Conv = 6, 3
		tied.Embedding, tied.Tie = -1, true // as wide as hidden
		block.Block, block.MLP = true, 11
		all2.Block, all2.Tie, all2.Conv = true, true, 4
		one(plain)
		one(tied)
		one(block)
		coded := c
		coded.Codes = 6
		one(coded)
		coded.LearnInitial = true
		all = append(all, variant{Config: coded, drop: Dropout{Rate: 0.25}})
		initial, initial2 := c, all2
		initial.LearnInitial, initial2.LearnInitial = true, true
		one(initial)
		all = append(all, variant{Config: c, drop: Dropout{Rate: 0.25}}, variant{Config: all2, drop: Dropout{Rate: 0.5}})
		if cell == "lstm" || cell == "mingru" { // one has a memory, the other another way forward
			all = append(all, variant{Config: c, taught: true}, variant{Config: initial2, drop: Dropout{Rate: 0.25}, taught: true})
		}
		if n := (Config{Cell: cell, Activation: activations[0]}); n.HasRecurrence() {
			all = append(all, variant{Config: c, drop: Dropout{Recurrent: 0.25}}, variant{Config: all2, drop: Dropout{Rate: 0.25, Variational: true, Recurrent: 0.5}},
				variant{Config: initial2, drop: Dropout{Recurrent: 0.5}})
			layerNorm, layerNorm2 := c, initial2
			layerNorm.LayerNorm, layerNorm2.LayerNorm = true, true
			one(layerNorm)
			all = append(all, variant{Config: layerNorm2, drop: Dropout{Rate: 0.25, Recurrent: 0.25}})
		}
	}
	return all
}

func cellNames() (names []string) {
	for _, c := range Cells() {
		names = append(names, c.Name)
	}
	return names
}

func (v variant) String() string {
	s := fmt.Sprint(v.Cell, " ", v.Activation)
	for _, part := range []struct {
		there bool
		name  string
	}{{v.Block, "block"}, {v.Embedding != 0, "embedding"}, {v.Codes > 0, "codes"}, {v.Tie, "tie"}, {v.Conv > 0, "conv"}, {v.drop.Rate > 0, "dropout"}, {v.LearnInitial, "initial"}, {v.LayerNorm, "norm"}, {v.drop.Variational, "fixed"},
		{v.drop.Recurrent > 0, "recurrent"}, {v.taught, "taught"}} {
		if part.there {
			s += " " + part.name
		}
	}
	return s
}

// plain says whether this is a plain stack of gathered symbols. Others go through fewer sizes.
func (v variant) plain() bool {
	return v.Embedding == 0 && v.Codes == 0 && v.drop == Dropout{} && !v.taught && !v.Block && !v.LearnInitial && !v.LayerNorm
}

// sized returns the variant with the sizes of a test.
func (v variant) sized(symbols, hidden, layers int) variant {
	v.Symbols, v.Hidden, v.Layers = symbols, hidden, layers
	if v.Embedding < 0 {
		v.Embedding = hidden
	}
	return v
}

// window makes a window that drops what the variant does and has its teacher.
func (v variant) window(n *Network, T, B int, pool *f32.Pool) *Window {
	w := n.NewWindow(T, B, pool)
	if v.taught {
		w.LearnFrom(teacherOf(n), 0.4)
	}
	w.Dropout = v.drop
	w.Dropout.Seed = 3
	return w
}

// teacherOf returns another network of the same settings.
func teacherOf(n *Network) *Network {
	t := newNetwork(n.cfg, false)
	t.Init(Init{Normal: 0.5}, 21)
	t.Updated()
	return t
}

func eachVariant(t *testing.T, f func(t *testing.T, v variant)) {
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) { f(t, v) })
	}
}
