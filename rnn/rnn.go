// Package rnn computes recurrent networks over symbols: forward pass, loss, exact gradient. It knows no text, file or
// optimizer.
//
// A Network reads one of V symbols per time step and gives V logits for the next. In a plain stack, layer 1 gathers the row
// of its input matrix that belongs to the symbol, or multiplies the symbol's embedding or code (see Config.Codes); each
// further layer multiplies the outputs of the one below; a linear layer turns those of the last into logits. In a stack of
// blocks a residual stream begins with the embedding:
//
//	x = x + cell(norm(x))    x = x + mlp(norm(x))    in each block, and in the end    logits = decoder(norm(x))
//
// so that the gradient reaches every block without passing through another (Xiong and others 2020). A Window runs the network
// over T time steps of B streams and holds all memory that this takes.
//
// A new cell is a file with its CellInfo, and its name in the list of cells.go. Help texts and tests take it up from there.
//
// H is the number of hidden units of a layer, I of its inputs, G of the pre-activations that a cell has per hidden unit.
// Matrices are row-major []float32, time first: row t*B+b is stream b at time step t. Slices that do not fit are a bug
// in the caller and panic, naming both sizes.
package rnn

// A Network holds the weights of a stack of layers. Windows share it: any number may read it, but none while its weights
// change.
type Network struct {
	cfg     Config
	modules []module // in the order of their stages
	params  []*Param
	size    int64 // weights in matrices
	version int   // counts changes of the weights, so that windows know when their copies are stale

	weights, gradients allocator

	shared sharedCopies
}

// New returns a network whose weights are all zero; Init draws initial weights. It fails on settings out of range, and if
// memory is short: see Config.CheckMemory.
func New(cfg Config) (*Network, error) {
	cfg, err := cfg.WithDefaults()
	if err != nil {
		return nil, err
	}
	if err := cfg.CheckMemory(); err != nil {
		return nil, err
	}
	return newNetwork(cfg, false), nil
}

// newNetwork returns a network of complete settings, which takes no memory if it only counts.
func newNetwork(cfg Config, onlyCounts bool) *Network {
	n := &Network{cfg: cfg, version: 1}
	n.weights.onlyCounts, n.gradients.onlyCounts = onlyCounts, onlyCounts
	n.build()
	return n
}

// build makes layer upon layer, or block upon block.
func (n *Network) build() {
	c := n.cfg
	inputs, out := c.Symbols, newDecoder(c)
	switch {
	case c.Codes > 0:
		e := newCodes(c)
		n.add(e)
		inputs, out.codes = c.Codes, e.weight
	case c.Embedding > 0:
		e := newEmbedding(c)
		if n.add(e); c.Tie {
			out.weight = e.weight
		}
		inputs = c.Embedding
	}
	for l := range c.Layers {
		if c.Block {
			n.add(norm{first: l == 0})
		}
		if c.Conv > 0 {
			n.add(newConv(c, c.convName(l), inputs))
		}
		prefix, suffix := c.layerName(l)
		layer := newLayer(c, prefix, suffix, inputs)
		if l == 0 && c.width() == 0 {
			layer.in.weight.bound = unitBound
		}
		n.add(layer)
		n.add(dropout{})
		if inputs = c.Hidden; c.Block {
			n.add(norm{})
			n.add(newMLP(c, l))
			n.add(dropout{})
		}
	}
	if c.Block {
		n.add(norm{last: true})
	}
	n.add(out)
}

// add takes in a module and makes room for its weights.
func (n *Network) add(m module) {
	n.modules = append(n.modules, m)
	for _, p := range m.params() {
		if p.Value != nil { // a decoder's that is tied to the embedding
			continue
		}
		p.Index = len(n.params)
		p.Value = n.weights.floats(p.Len())
		p.setPrecision(n.cfg.Precision)
		if p.Rows > 0 {
			n.size += int64(p.Len())
		}
		n.params = append(n.params, p)
	}
}

// Config returns the settings, with defaults in place of zero values.
func (n *Network) Config() Config { return n.cfg }

// Params returns all weights in the order of a model file. Call Updated after changing a Value.
func (n *Network) Params() []*Param { return n.params }

// Updated must be called after weights have changed, so that windows renew their copies. If the network has a Precision, it
// rounds them.
func (n *Network) Updated() {
	for _, p := range n.params {
		p.round()
	}
	n.version++
}
