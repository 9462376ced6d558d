package rnn

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Quantity is a value of each unit at each time step: its output, its memory, or a gate.
type Quantity struct {
	Name string // h, the output; c, the LSTM's memory; or a gate: i, f, g, o of the LSTM, r, z, n of the GRU, z, n of the minGRU
	// Activation is the function that the quantity is a value of: sigmoid, from 0 to 1; tanh, from -1 to 1; or "" where it
	// has no bounds, as a memory.
	Activation string
}

// Quantities returns the quantities of a unit, h first. The settings must be complete.
func (c Config) Quantities() []Quantity {
	h := Quantity{Name: "h"}
	if c.Activation == "sigmoid" || c.Activation == "tanh" {
		h.Activation = c.Activation
	}
	all := []Quantity{h}
	if c.cell().memory {
		all = append(all, Quantity{Name: "c"})
	}
	return append(all, c.cell().gates...)
}

// meanings say what the quantities of cells are.
var meanings = map[string]string{
	"h": "output", "c": "memory", "i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate",
	"r": "reset gate", "z": "update gate", "n": "candidate",
}

// Meaning says in a word or two what a quantity of some cell is.
func Meaning(quantity string) string { return meanings[quantity] }

// Observe copies a quantity of a layer, counted from 0, in every row of the last Forward or Loss to dst, [steps*B x H]: gates
// after their nonlinearity, memory and outputs as the time step leaves them. It panics if dst has another length, there is no
// such layer or quantity, or the last call was a Gradient or StateGradient, which leaves gradients in their place.
func (w *Window) Observe(dst []float32, layer int, quantity string) {
	if w.overwritten {
		panic("rnn: Observe after a gradient, which lies where activations were")
	}
	if w.inference && quantity != "h" {
		panic("rnn: Observe of " + quantity + " in a window for inference, which does not keep it")
	}
	if len(dst) != len(w.x)*w.net.cfg.Hidden {
		panic(fmt.Sprintf("rnn: Observe into %d floats, want %d", len(dst), len(w.x)*w.net.cfg.Hidden))
	}
	s := w.cells[layer]
	switch {
	case quantity == "h":
		copy(dst, s.buffers.fwd.y[w.B*s.H:])
	case quantity == "c" && s.buffers.fwd.c != nil:
		s.observeMemory(dst)
	default:
		s.observeGate(dst, w.net.cfg.gate(quantity))
	}
}

// gate returns the number of a gate among the pre-activations.
func (c Config) gate(name string) int {
	i := c.cell().gate(name)
	if i < 0 {
		panic(fmt.Sprintf("rnn: the %s has no quantity %q", c.Cell, name))
	}
	return i
}

// observeMemory copies c. Where a stream restarts, what it starts from lies in the place of what the time step before
// left.
func (s *recurrentStage) observeMemory(dst []float32) {
	copy(dst, s.buffers.fwd.c[s.w.B*s.H:])
	for r, start := range s.buffers.start.marks {
		if last := r - s.w.B; start && last >= 0 && r < len(s.w.x) {
			s.recomputeMemory(dst[last*s.H:][:s.H], last)
		}
	}
}

// observeGate copies a gate, of which every row of Z has H values side by side.
func (s *recurrentStage) observeGate(dst []float32, gate int) {
	for r := range len(dst) / s.H {
		if g := s.buffers.fwd.symbols; g != nil {
			copy(dst[r*s.H:][:s.H], g.of(r)[gate*s.H:])
			continue
		}
		copy(dst[r*s.H:][:s.H], s.buffers.fwd.z[r*s.GH+gate*s.H:])
	}
}

// recomputeMemory sets c to the LSTM's memory after a row, as f32.LSTM makes it of its gates.
func (s *recurrentStage) recomputeMemory(c []float32, r int) {
	z, before := s.buffers.fwd.z[r*s.GH:][:s.GH], s.buffers.fwd.c[r*s.H:]
	for j := range c {
		i, f, g := z[j], z[s.H+j], z[2*s.H+j]
		c[j] = f32.FMA(f, before[j], float32(i*g))
	}
}
