package torch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// cellOf is the cell with so many pre-activations per hidden unit.
var cellOf = map[int]string{1: "elman", 3: "gru", 4: "lstm"}

// network makes the network of a layout. Row i of its output layer is row rows[i] of the file's.
func (l *layout) network(c *checkpoint, rows []int, activation string) (*rnn.Network, error) {
	config := rnn.Config{Cell: cellOf[l.gates], Symbols: l.symbols, Hidden: l.hidden, Layers: len(l.layers)}
	if l.gates == 1 {
		config.Activation = cmp.Or(activation, nonlinearity(c.rest), "tanh")
	} else if activation != "" {
		return nil, setting.Errorf("%v is %s, but the file has no nn.RNN; leave it out", activationName, activation)
	}
	if l.embedding != nil {
		config.Embedding = l.inputs
		var err error
		if config.Tie, err = l.tied(); err != nil {
			return nil, err
		}
	}
	n, err := rnn.New(config)
	if err != nil {
		return nil, err
	}
	from := l.sources(n)
	for _, p := range n.Params() {
		if err := from[p.Name].fill(p, rows); err != nil {
			return nil, err
		}
	}
	n.Updated()
	return n, nil
}

// tied reports whether embedding and decoder are the same matrix: only one is in the file, or they are equal.
func (l *layout) tied() (bool, error) {
	if l.decoder == nil || !slices.Equal(l.embedding.shape, l.decoder.shape) {
		return l.decoder == nil, nil
	}
	a, err := l.embedding.values()
	if err != nil {
		return false, err
	}
	b, err := l.decoder.values()
	return slices.Equal(a, b), err
}

// A source is the tensors whose sum a parameter becomes, and whether their rows or columns belong to symbols.
type source struct {
	tensors       []*tensor
	rows, columns bool
}

// sources returns the tensors of each parameter, by its name. A parameter without any is zero: PyTorch's modules may have no bias.
func (l *layout) sources(n *rnn.Network) map[string]source {
	from := map[string]source{
		"embedding.weight": {tensors: []*tensor{l.embedding}, rows: true},
		"decoder.weight":   {tensors: []*tensor{l.decoder}, rows: true},
		"decoder.bias":     {tensors: []*tensor{l.bias}, rows: true},
	}
	for i, of := range l.layers {
		name := func(kind string) string { return fmt.Sprintf("rnn.%s_l%d", kind, i) }
		from[name("weight_ih")] = source{tensors: []*tensor{of.inputs}, columns: i == 0 && l.embedding == nil}
		from[name("weight_hh")] = source{tensors: []*tensor{of.hiddens}}
		from[name("bias_ih")] = source{tensors: []*tensor{of.inputsBias}}
		from[name("bias_hh")] = source{tensors: []*tensor{of.hiddensBias}}
	}
	for _, p := range n.Params() {
		for i, of := range l.layers { // where only the sum of both biases counts, the second is held at zero
			if p.Frozen && p.Name == fmt.Sprintf("rnn.bias_hh_l%d", i) {
				from[p.Name] = source{}
				from[fmt.Sprintf("rnn.bias_ih_l%d", i)] = source{tensors: []*tensor{of.inputsBias, of.hiddensBias}}
			}
		}
	}
	return from
}

// fill adds the tensors to a parameter of zeros.
func (s source) fill(p *rnn.Param, rows []int) error {
	for _, t := range s.tensors {
		if t == nil {
			continue
		}
		if !slices.Equal(t.shape, p.Shape()) {
			return fmt.Errorf("tensor %s, want %v", t, p.Shape())
		}
		values, err := t.values()
		if err != nil {
			return err
		}
		columns := t.shape[len(t.shape)-1]
		if len(t.shape) == 1 {
			columns = 1
		}
		for i := range p.Value {
			row, column := i/columns, i%columns
			if s.rows {
				row = rows[row]
			}
			if s.columns {
				column = rows[column]
			}
			at := i
			if p.Transposed { // in memory
				at = i%columns*p.Cols + i/columns
			}
			p.Value[at] += values[row*columns+column]
		}
	}
	return nil
}
