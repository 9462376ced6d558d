package rnn

import (
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Config describes a network. New fills in defaults for zero values.
type Config struct {
	Cell         string `json:"cell"`                    // a name from Cells; "" means elman
	Activation   string `json:"activation,omitempty"`    // of the Elman cell only: sigmoid, tanh or relu; "" means tanh
	Symbols      int    `json:"symbols"`                 // V, at least 1
	Hidden       int    `json:"hidden"`                  // H, at least 1
	Layers       int    `json:"layers"`                  // 0 means 1
	Block        bool   `json:"block,omitempty"`         // residual blocks, each a cell and an MLP, each after a norm
	MLP          int    `json:"mlp,omitempty"`           // units of the MLP of each block; 0 means 2H
	Embedding    int    `json:"embedding,omitempty"`     // E, the width of the embedding; 0 means none, and H in blocks
	Codes        int    `json:"codes,omitempty"`         // E, the bits of fixed codes that are read and predicted (Network.SetCodes); 0 means none
	Tie          bool   `json:"tie,omitempty"`           // embedding and decoder share one matrix
	Conv         int    `json:"conv,omitempty"`          // K, the time steps of a causal convolution before each cell; 0 means none
	LearnInitial bool   `json:"learn_initial,omitempty"` // the initial state is learned, not zero
	LayerNorm    bool   `json:"layer_norm,omitempty"`    // layer normalisation in the cell: of its input, its recurrence and its memory

	Precision Precision `json:"precision,omitempty"` // what weight matrices are rounded to (Network.Round); "" means float32
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

// WithDefaults returns c with defaults in place of zero values, or a *setting.Error that names the setting out of range.
func (c Config) WithDefaults() (Config, error) {
	if c.Cell == "" {
		c.Cell = cells[0].Name
	}
	cell, err := FindCell(c.Cell)
	if err != nil {
		return c, err
	}
	if c.Layers == 0 {
		c.Layers = 1
	}
	if c.Activation == "" && cell.Activations != nil {
		c.Activation = cell.Activations[0]
	}
	if c.Block && c.MLP == 0 {
		c.MLP = 2 * c.Hidden
	}
	if c.Block && c.Embedding == 0 && c.Codes == 0 {
		c.Embedding = c.Hidden
	}
	return c, c.Check()
}

// Check returns a *setting.Error that names the setting out of range, or nil. Here 0 means 0.
func (c Config) Check() error {
	if _, err := FindCell(c.Cell); err != nil {
		return err
	}
	for _, check := range []func() error{c.checkSizes, c.checkStack, c.checkCell, c.checkPrecision} {
		if err := check(); err != nil {
			return err
		}
	}
	if n := c.Weights(); n > maxWeights {
		return setting.Errorf("%v is %d, too large: %v %d and %d symbols make %d weights, more than %d",
			setting.Name("hidden"), c.Hidden, setting.Name("layers"), c.Layers, c.Symbols, n, maxWeights)
	}
	return nil
}

func (c *Config) checkSizes() error {
	for _, n := range []struct {
		name       setting.Name
		value, max int
	}{{"symbols", c.Symbols, maxSymbols}, {"hidden", c.Hidden, maxHidden}, {"layers", c.Layers, maxLayers}} {
		if n.value < 1 || n.value > n.max {
			return setting.Errorf("%v is %d, must be 1 to %d", n.name, n.value, n.max)
		}
	}
	return nil
}

// checkStack checks what goes with blocks, embeddings and codes.
func (c *Config) checkStack() error {
	const (
		block     setting.Name = "block"
		hidden    setting.Name = "hidden"
		mlp       setting.Name = "mlp"
		embedding setting.Name = "embedding"
		codes     setting.Name = "codes"
		tie       setting.Name = "tie"
		conv      setting.Name = "conv"
	)
	switch {
	case c.Codes < 0 || c.Codes > maxHidden:
		return setting.Errorf("%v is %d, must be 0 (none) to %d bits", codes, c.Codes, maxHidden)
	case c.Codes > 0 && (c.Embedding != 0 || c.Tie || c.Conv != 0 || c.Block || c.MLP != 0):
		return setting.Errorf("%v of %d bits are read as they are: they go without %v, %v, %v and %v", codes, c.Codes, embedding, tie, conv, block)
	case c.MLP != 0 && !c.Block:
		return setting.Errorf("%v is %d, but requires %v", mlp, c.MLP, block)
	case c.Block && c.MLP == 0 || c.MLP < 0 || c.MLP > maxMLP:
		return setting.Errorf("%v is %d, must be 1 to %d", mlp, c.MLP, maxMLP)
	case c.Embedding < 0 || c.Embedding > maxHidden:
		return setting.Errorf("%v is %d, must be 0 (none) to %d", embedding, c.Embedding, maxHidden)
	case c.Block && c.Embedding != c.Hidden:
		return setting.Errorf("%v is %d, must be %d with %v, as %v is", embedding, c.Embedding, c.Hidden, block, hidden)
	case c.Tie && c.Embedding != c.Hidden:
		return setting.Errorf("%v requires an %v as wide as %v, %d, not %d", tie, embedding, hidden, c.Hidden, c.Embedding)
	case c.Conv != 0 && (c.Conv < 2 || c.Conv > maxConv):
		return setting.Errorf("%v is %d, must be 0 (none) or 2 to %d", conv, c.Conv, maxConv)
	case c.Conv != 0 && c.Embedding == 0:
		return setting.Errorf("%v is %d, but requires %v or %v", conv, c.Conv, embedding, block)
	}
	return nil
}

// checkCell checks what only some cells have.
func (c *Config) checkCell() error {
	cell, activation := c.cell(), setting.Name("activation")
	switch {
	case c.Activation != "" && cell.Activations == nil:
		return setting.Errorf("%v is %.40q, must be left out: the %s cell has its own", activation, c.Activation, c.Cell)
	case cell.Activations != nil && !slices.Contains(cell.Activations, c.Activation):
		return setting.Errorf("%v is %.40q, must be %s", activation, c.Activation, setting.Alternatives(cell.Activations))
	case c.LayerNorm && cell.NoRecurrence:
		return setting.Errorf("%v must be left out for the %s cell, whose gates read no outputs", setting.Name("layer_norm"), c.Cell)
	}
	return nil
}

// width returns the numbers that stand for a symbol, an embedding's or a code's; 0 where rows are gathered instead.
func (c Config) width() int { return max(c.Embedding, c.Codes) }

// outputs returns the logits of a row: one for each symbol, or for each bit of a code. The settings must be complete.
func (c Config) outputs() int {
	if c.Codes > 0 {
		return c.Codes
	}
	return c.Symbols
}

// convName returns how names of the convolution before layer l begin.
func (c Config) convName(l int) string {
	if c.Block {
		return fmt.Sprintf("blocks.%d.conv.", l)
	}
	return fmt.Sprintf("conv.%d.", l)
}

// Weights returns the number of weights in a network's matrices, without biases. The settings must be complete.
func (c Config) Weights() int64 { return newNetwork(c, true).size }

// HasRecurrence reports whether the cell has weights from its outputs to its next pre-activations. The settings must be
// complete.
func (c Config) HasRecurrence() bool { return !c.cell().NoRecurrence }

// HasForgetGate reports whether the cell has a forget gate, for Init.ForgetBias. The settings must be complete.
func (c Config) HasForgetGate() bool { return c.cell().ForgetGate != "" }

// cell returns what the registry has of the cell, and panics if that is nothing.
func (c *Config) cell() *CellInfo {
	for i := range cells {
		if cells[i].Name == c.Cell {
			return &cells[i]
		}
	}
	panic("rnn: settings of the unknown cell " + c.Cell)
}

// MultiplyAdds returns the multiply-adds of the matrix products in the forward pass of a row, and the recurrence's part of
// them.
func (c Config) MultiplyAdds() (all, recurrence int64) {
	h, l := int64(c.Hidden), int64(c.Layers)
	inputs := l * h * h * int64(c.cell().numGates())
	if c.HasRecurrence() {
		recurrence = inputs
	}
	inputs += int64(c.width()-c.Hidden) * h * int64(c.cell().numGates()) // the first layer's, which may gather rows
	return inputs + recurrence + 2*l*h*int64(c.MLP) + h*int64(c.outputs()), recurrence
}

// FLOPs returns the floating-point operations per row of training in windows of T time steps. It counts matrix products, two
// operations per multiply-add: one product forward, one for the gradient of the weights and one for that of the inputs. The
// input layer gathers rows and counts 0; no gradient leaves the first time step of a window or reaches codes. The settings
// must be complete.
func (c Config) FLOPs(T int) float64 {
	products, recurrence := c.MultiplyAdds()
	codes := c.Codes * c.Hidden * c.cell().numGates()
	return 2 * (3*float64(products) - float64(recurrence)/float64(T) - float64(codes))
}

// InputWeightName returns the name of the input matrix of layer l, counted from 0: a network has it if it has more than l
// layers.
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
