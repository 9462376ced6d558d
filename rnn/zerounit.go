package rnn

import "fmt"

// Clone returns a network of the same settings and weights, with memory of its own.
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

// ZeroUnit makes the output of a unit 0 at every time step, by its own weights alone, and returns a function that gives these
// back; of several units silenced, the last comes first. Layers and units count from 0, and there is a panic if there is none
// such. A state that some window carries is not changed: let it begin with Reset.
//
// What becomes 0 is all that the unit reads by: its weights of inputs and recurrence, or where a norm lies between, whose
// other units must not notice, its gains; its biases, and the state that it learned to start from. So the pre-activations
// are 0, and with them tanh, relu, the LSTM's g and the n of GRU and minGRU: its output stays at 0. But the sigmoid of 0 is not,
// so that there the bias becomes so low that the output is.
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

// reading lists what the units of a layer read by.
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
