package rnn

import "fmt"

// Clone returns an independent copy of the network.
func (n *Network) Clone() *Network {
	c, err := New(n.cfg)
	if err != nil {
		panic("rnn: " + err.Error()) // they were right once
	}
	for i, p := range n.params {
		copy(c.params[i].Value, p.Value)
	}
	c.Updated()
	return c
}

// ZeroUnit disables a unit: it changes the unit's own weights so that its output is 0 at every time step. It returns a
// function that restores them; after several calls, restore in reverse order. Layers and units count from 0; it panics if
// there is no such unit. It does not change the state that a window carries: Reset the window.
//
// All that the unit reads through becomes 0: its weights of inputs and recurrence (with layer normalisation its gains instead,
// because the other units must not change), its biases, and its learned initial state. Its pre-activations are then 0, and so
// are tanh, relu, the LSTM's g and the n of GRU and minGRU, and the output stays at 0. The sigmoid of 0 is 1/2, so an Elman
// cell of sigmoids gets a bias so low that its output is 0.
func (n *Network) ZeroUnit(layer, unit int) (restore func()) {
	l := n.layer(layer)
	if unit < 0 || unit >= n.cfg.Hidden {
		panic(fmt.Sprintf("rnn: unit %d of %d", unit, n.cfg.Hidden))
	}
	var weights []*float32
	for _, p := range l.inputParams() {
		for i := unit; i < len(p.Value); i += n.cfg.Hidden { // each row and gate has one
			weights = append(weights, &p.Value[i])
		}
	}
	before := make([]float32, len(weights))
	for i, w := range weights {
		before[i], *w = *w, 0
	}
	if n.cfg.Activation == "sigmoid" {
		l.in.bias.Value[unit] = sigmoidZero
	}
	n.Updated()
	return func() {
		for i, w := range weights {
			*w = before[i]
		}
		n.Updated()
	}
}

// sigmoidZero is a number whose sigmoid is 0 in float32.
const sigmoidZero = -200

// inputParams lists what the units of a layer read through.
func (l *layer) inputParams() []*Param {
	all := l.params()
	if l.gains.in == nil {
		return all
	}
	var vectors []*Param
	for _, p := range all {
		if p.Rows == 0 {
			vectors = append(vectors, p)
		}
	}
	return vectors
}

// layer returns the recurrent layer of a number.
func (n *Network) layer(number int) *layer {
	at := number
	for _, m := range n.modules {
		if l, ok := m.(*layer); ok {
			if at == 0 {
				return l
			}
			at--
		}
	}
	panic(fmt.Sprintf("rnn: layer %d of %d", number, n.cfg.Layers))
}
