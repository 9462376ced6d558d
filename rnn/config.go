package rnn

import (
	"fmt"
	"slices"
	"strings"
)

// A Config says what a network is. Its zero values stand for defaults, which New fills in.
type Config struct {
	Cell       string `json:"cell"`                 // a name from Cells; "" means elman
	Activation string `json:"activation,omitempty"` // of the Elman cell alone: sigmoid, tanh or relu; "" means tanh
	Symbols    int    `json:"symbols"`              // V, at least 1
	Hidden     int    `json:"hidden"`               // H, at least 1
	Layers     int    `json:"layers"`               // 0 means 1
}

// Limits of a Config: beyond what a processor can train, and small enough that no product of sizes overflows.
const (
	maxSymbols = 1 << 24
	maxHidden  = 1 << 15
	maxLayers  = 1 << 6
	maxWeights = 1 << 30 // 4 GiB; training takes four times that
)

// WithDefaults returns c with its defaults filled in, or an error that names the setting which is out of range.
func (c Config) WithDefaults() (Config, error) {
	if c.Cell == "" {
		c.Cell = registry[0].name
	}
	if c.Layers == 0 {
		c.Layers = 1
	}
	for _, n := range []struct {
		what       string
		value, max int
	}{{"symbols", c.Symbols, maxSymbols}, {"hidden", c.Hidden, maxHidden}, {"layers", c.Layers, maxLayers}} {
		if n.value < 1 || n.value > n.max {
			return c, fmt.Errorf("%s is %d, must be 1 to %d", n.what, n.value, n.max)
		}
	}
	r, err := c.registration()
	if err != nil {
		return c, err
	}
	if c.Activation == "" {
		c.Activation = r.activation
	}
	cell, err := r.build(c)
	if err != nil {
		return c, err
	}
	if n := c.weights(cell.Shape()); n > maxWeights {
		return c, fmt.Errorf("hidden %d, layers %d and %d symbols make %d weights, more than %d", c.Hidden, c.Layers, c.Symbols, n, maxWeights)
	}
	return c, nil
}

// Weights returns how many a network of these settings has, biases left out. The settings must be complete.
func (c Config) Weights() int64 { return c.weights(c.shape()) }

// Gates returns G, the pre-activations per hidden unit. The settings must be complete.
func (c Config) Gates() int { return c.shape().Gates }

// Activations returns how many numbers a window keeps of each row for the gradient. The settings must be complete.
func (c Config) Activations() int { return c.Layers*c.Hidden*c.shape().activations() + c.Symbols }

func (c Config) shape() Shape {
	cell, err := newCell(c)
	if err != nil {
		panic("rnn: the shape of unknown settings: " + err.Error())
	}
	return cell.Shape()
}

func (c Config) weights(s Shape) int64 {
	v, h, l, gates := int64(c.Symbols), int64(c.Hidden), int64(c.Layers), int64(s.Gates)
	return v*h*gates + (2*l-1)*h*h*gates + h*v
}

// A registration makes a kind of cell known by name.
type registration struct {
	name, doc  string
	activation string // the default, where there is a choice
	build      func(Config) (Cell, error)
}

// registry lists every cell. The first is the default.
var registry = []registration{
	{"elman", "h = f(W x + U h' + b), Elman 1990", "tanh", newElman},
	{"lstm", "long short-term memory, Hochreiter and Schmidhuber 1997", "", newLSTM},
	{"gru", "gated recurrent unit, Cho and others 2014", "", newGRU},
}

// Cells returns the names of all cells.
func Cells() []string {
	var names []string
	for _, r := range registry {
		names = append(names, r.name)
	}
	return names
}

func newCell(c Config) (Cell, error) {
	r, err := c.registration()
	if err != nil {
		return nil, err
	}
	return r.build(c)
}

func (c Config) registration() (registration, error) {
	i := slices.IndexFunc(registry, func(r registration) bool { return r.name == c.Cell })
	if i < 0 {
		return registration{}, fmt.Errorf("cell %.40q: there are %s", c.Cell, strings.Join(Cells(), ", "))
	}
	if r := registry[i]; r.activation != "" || c.Activation == "" {
		return r, nil
	}
	return registration{}, fmt.Errorf("activation %q: is for the elman cell, the %s has its own", c.Activation, c.Cell)
}
