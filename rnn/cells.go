package rnn

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// cells lists every cell, the default first. A new one is a file of its own and its name here.
var cells = []CellInfo{elman, lstm, gru, minGRU}

// A CellInfo describes a cell: to users, who choose one, and to the rest of the package.
type CellInfo struct {
	Name, Doc   string
	Activations []string // to choose from, the default first; nil where the cell has its own
	// NoRecurrence says that there are no weights from outputs to the next pre-activations, and so no dropout, no layer
	// normalisation and no start for them.
	NoRecurrence bool
	ForgetGate   string  // the gate whose biases Init.ForgetBias raises, or ""
	RateFactor   float64 // default learning rate, as a multiple of the LSTM's

	gates  []Quantity // what the pre-activations become, in their order; nil where there is one for each output, and becomes h
	memory bool       // it carries c to the next time step, beside h
	// splitGates is in how many of the last gates the cell needs to know what inputs and recurrence contribute. Where it is
	// 0, the sum is all that counts, and one bias is enough: that of the recurrence is held at zero, as training both would
	// double their rate; files have it because PyTorch does.
	splitGates int
	// start sets the weights of the recurrence, [H x G*H], where the cell has a start of its own for them; or nil.
	start func(weight []float32, H int)
	build func(activation string) cell
	// formula is the definition that the cell is tested against: one time step as the paper has it, in float64.
	formula func(s cellStep) cellState
}

// Cells returns every cell, the default first.
func Cells() []CellInfo { return cells }

// FindCell returns the cell with this name, or an error that lists all names.
func FindCell(name string) (CellInfo, error) {
	return setting.Find("cell", name, cells, func(c CellInfo) string { return c.Name })
}

// numGates returns G, the pre-activations per hidden unit.
func (c *CellInfo) numGates() int { return max(1, len(c.gates)) }

// stateSize returns the floats of state per hidden unit.
func (c *CellInfo) stateSize() int {
	if c.memory {
		return 2
	}
	return 1
}

// gate returns the number of a gate among the pre-activations, below 0 if there is none.
func (c *CellInfo) gate(name string) int {
	return slices.IndexFunc(c.gates, func(q Quantity) bool { return q.Name == name })
}

// A cell is the recurrence of one layer. It holds settings only; weights, state and activations belong to the layer, which
// runs it over the time steps of a window: it adds what inputs and recurrence contribute, W x + b + U h, to the
// pre-activations before forward and passes their gradient on after backward.
type cell interface {
	// forward computes the outputs of time step t of s, y, from its pre-activations. What backward needs it leaves in their
	// place.
	forward(s *span, t int)
	// backward turns the gradient of the outputs of time step t, dy, into that of the pre-activations, dz. What goes to the
	// time step before without a product, through h or c, it adds to carry.
	backward(s *span, t int)
}

// A cellStep is what one time step of one stream begins with.
type cellStep struct {
	activation string
	in, rec    []float64 // [G*H] what inputs and recurrence contribute to pre-activations; rec is nil where there is none
	h, c       []float64 // [H] the state before; c is nil where there is no memory
	// memoryOut is what the memory passes on its way to the output before its tanh: layer normalisation, or nothing.
	memoryOut func(c []float64) []float64
}

// A cellState is what it ends with.
type cellState struct {
	h, c  []float64
	gates [][]float64 // [gate][H]
}
