package rnn

import (
	"fmt"
	"slices"
	"strings"
)

// A Config says what a network is. Its zero values stand for defaults, which New fills in.
type Config struct {
	Cell         string `json:"cell"`                    // a name from Cells; "" means elman
	Activation   string `json:"activation,omitempty"`    // of the Elman cell alone: sigmoid, tanh or relu; "" means tanh
	Symbols      int    `json:"symbols"`                 // V, at least 1
	Hidden       int    `json:"hidden"`                  // H, at least 1
	Layers       int    `json:"layers"`                  // 0 means 1
	Block        bool   `json:"block,omitempty"`         // a residual stream runs past the layers, and past an MLP after each
	MLP          int    `json:"mlp,omitempty"`           // units of the MLP of each block; 0 means 2H
	Embedding    int    `json:"embedding,omitempty"`     // E, the width of a learned vector for each symbol; 0 means none, and in blocks H
	Codes        int    `json:"codes,omitempty"`         // E, the bits of a fixed code of each symbol, which is read and predicted; 0 means none: Network.SetCodes
	Tie          bool   `json:"tie,omitempty"`           // the embedding is the decoder's matrix too
	Conv         int    `json:"conv,omitempty"`          // K, the time steps that a convolution in front of each cell sees; 0 means none
	LearnInitial bool   `json:"learn_initial,omitempty"` // the state that a stream starts from is learned, not zero
	LayerNorm    bool   `json:"layer_norm,omitempty"`    // layer normalisation in the cell, of what inputs and recurrence contribute and of the memory
}

// Limits of a Config: beyond what a processor can train, and small enough that no product of sizes overflows.
const (
	maxSymbols = 1 << 24
	maxHidden  = 1 << 15
	maxLayers  = 1 << 6
	maxMLP     = 4 * maxHidden
	maxConv    = 64
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
	if err := c.setShape(); err != nil {
		return c, err
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
	if c.LayerNorm && cell.Shape().InputsOnly {
		return c, fmt.Errorf("layer-norm is for cells that read their outputs, the %s does not", c.Cell)
	}
	if n := c.weights(cell.Shape()); n > maxWeights {
		return c, fmt.Errorf("hidden %d, layers %d and %d symbols make %d weights, more than %d", c.Hidden, c.Layers, c.Symbols, n, maxWeights)
	}
	return c, nil
}

// setShape fills in what goes with blocks and embeddings.
func (c *Config) setShape() error {
	if c.Codes != 0 {
		return c.checkCodes()
	}
	if c.Block && c.MLP == 0 {
		c.MLP = 2 * c.Hidden
	}
	if c.Block && c.Embedding == 0 {
		c.Embedding = c.Hidden
	}
	switch {
	case c.MLP != 0 && !c.Block:
		return fmt.Errorf("mlp is %d, is for blocks alone", c.MLP)
	case c.MLP < 0 || c.MLP > maxMLP:
		return fmt.Errorf("mlp is %d, must be 1 to %d", c.MLP, maxMLP)
	case c.Embedding < 0 || c.Embedding > maxHidden:
		return fmt.Errorf("embedding is %d, must be 0 (none) to %d", c.Embedding, maxHidden)
	case c.Block && c.Embedding != c.Hidden:
		return fmt.Errorf("embedding is %d, must be as wide as hidden in blocks, %d", c.Embedding, c.Hidden)
	case c.Tie && c.Embedding != c.Hidden:
		return fmt.Errorf("tie needs an embedding as wide as hidden, %d, not %d", c.Hidden, c.Embedding)
	case c.Conv != 0 && (c.Conv < 2 || c.Conv > maxConv):
		return fmt.Errorf("conv is %d, must be 0 (none) or 2 to %d", c.Conv, maxConv)
	case c.Conv != 0 && c.Embedding == 0:
		return fmt.Errorf("conv is %d, needs an embedding or blocks", c.Conv)
	}
	return nil
}

// checkCodes allows codes in plain stacks alone.
func (c *Config) checkCodes() error {
	switch {
	case c.Codes < 1 || c.Codes > maxHidden:
		return fmt.Errorf("codes is %d, must be 0 (none) to %d bits", c.Codes, maxHidden)
	case c.Embedding != 0 || c.Tie || c.Conv != 0 || c.Block || c.MLP != 0:
		return fmt.Errorf("codes of %d bits are read as they are: they go without embedding, tie, conv and blocks", c.Codes)
	}
	return nil
}

// width returns the numbers that stand for a symbol, an embedding's or a code's; 0 where rows are gathered instead.
func (c Config) width() int { return max(c.Embedding, c.Codes) }

// Outputs returns the logits of a row: one for each symbol, or for each bit of a code. The settings must be complete.
func (c Config) Outputs() int {
	if c.Codes > 0 {
		return c.Codes
	}
	return c.Symbols
}

// convName returns how names of the convolution in front of layer l begin.
func (c Config) convName(l int) string {
	if c.Block {
		return fmt.Sprintf("blocks.%d.conv.", l)
	}
	return fmt.Sprintf("conv.%d.", l)
}

// Weights returns how many a network of these settings has, biases left out. The settings must be complete.
func (c Config) Weights() int64 { return c.weights(c.shape()) }

// Gates returns G, the pre-activations per hidden unit. The settings must be complete.
func (c Config) Gates() int { return c.shape().Gates }

// HasRecurrence reports whether the cell has weights from its outputs to its next pre-activations. The settings must be complete.
func (c Config) HasRecurrence() bool { return !c.shape().InputsOnly }

// HasForgetGate reports whether the cell has a forget gate, for Init.ForgetBias. The settings must be complete.
func (c Config) HasForgetGate() bool {
	r, err := c.registration()
	return err == nil && r.forget > 0
}

// MultiplyAdds returns how many multiply-adds the matrix products of a row take forward, and the part of it that recurrence has.
func (c Config) MultiplyAdds() (all, recurrence int64) {
	h, l := int64(c.Hidden), int64(c.Layers)
	inputs := l * h * h * int64(c.Gates())
	if c.HasRecurrence() {
		recurrence = inputs
	}
	inputs += int64(c.width()-c.Hidden) * h * int64(c.Gates()) // the first layer's, which may gather rows
	return inputs + recurrence + 2*l*h*int64(c.MLP) + h*int64(c.Outputs()), recurrence
}

// FLOPs returns the floating-point operations in the matrix products that a row of training takes, in windows of T time
// steps: a product forward, one for the weights' gradient and one back to the units before, two operations a multiply-add.
// The input layer looks its rows up and counts for nothing; from the first time step of a window no gradient goes further
// back, and none goes back to codes. The settings must be complete.
func (c Config) FLOPs(T int) float64 {
	products, recurrence := c.MultiplyAdds()
	codes := c.Codes * c.Hidden * c.Gates()
	return 2 * (3*float64(products) - float64(recurrence)/float64(T) - float64(codes))
}

// InputWeightName returns the name of a matrix that only a network of more than l layers has.
func (c Config) InputWeightName(l int) string {
	prefix, suffix := c.layerName(l)
	return prefix + "weight_ih" + suffix
}

// layerName returns how names of layer l's weights begin and end.
func (c Config) layerName(l int) (prefix, suffix string) {
	if c.Block {
		return fmt.Sprintf("blocks.%d.cell.", l), "_l0"
	}
	return "rnn.", fmt.Sprintf("_l%d", l)
}

func (c Config) shape() Shape {
	cell, err := newCell(c)
	if err != nil {
		panic("rnn: the shape of unknown settings: " + err.Error())
	}
	return cell.Shape()
}

func (c Config) weights(s Shape) int64 {
	v, h, l, gates := int64(c.Symbols), int64(c.Hidden), int64(c.Layers), int64(s.Gates)
	inputs, n := v, int64(0)
	if e := int64(c.width()); e > 0 {
		inputs, n = e, v*e+int64(c.Conv)*(e+(l-1)*h)
	}
	if !c.Tie {
		n += h * int64(c.Outputs())
	}
	products := 2*l - 1 // of h by h
	if s.InputsOnly {
		products = l - 1
	}
	return n + inputs*h*gates + products*h*h*gates + 2*l*h*int64(c.MLP)
}

// A registration makes a kind of cell known by name.
type registration struct {
	name, doc  string
	activation string // the default, where there is a choice
	forget     int    // number of the forget gate, whose biases Init.ForgetBias raises; 0 where there is none
	build      func(Config) (Cell, error)
	gates      []Quantity // what the pre-activations become, in their order; nil where that is h
}

// registry lists every cell. The first is the default.
var registry = []registration{
	{"elman", "h = f(W x + U h' + b), Elman 1990", "tanh", 0, newElman, nil},
	{"lstm", "long short-term memory, Hochreiter and Schmidhuber 1997", "", 1, newLSTM,
		[]Quantity{{"i", "sigmoid"}, {"f", "sigmoid"}, {"g", "tanh"}, {"o", "sigmoid"}}},
	{"gru", "gated recurrent unit, Cho and others 2014", "", 0, newGRU,
		[]Quantity{{"r", "sigmoid"}, {"z", "sigmoid"}, {"n", "tanh"}}},
	{"mingru", "minimal gated recurrent unit, Feng and others 2024", "", 0, newMinGRU,
		[]Quantity{{"z", "sigmoid"}, {"n", ""}}},
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
