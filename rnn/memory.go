package rnn

// A Memory is the bytes that a window takes. Lists as long as the weights have panels, and the like, are left out: all
// together they are less than a hundredth.
type Memory struct {
	Activations int64 // what each stage makes of every row and, for gradients, the gradient of that; and the state
	Copies      int64 // of weights, in the layouts that products like
	Gradient    int64 // of the weights, which windows of one network share
	Lists       int64 // of symbols and where they are, and what workers have of their own
}

// Total is all of them.
func (m Memory) Total() int64 { return m.Activations + m.Copies + m.Gradient + m.Lists }

// Memory returns what a window of T time steps and B streams takes for Forward and Loss alone; Training adds to that what
// Gradient does. The settings must be complete.
func (c Config) Memory(T, B int, starts bool) Memory { return c.memory(T, B, starts, false) }

// ReaderMemory is Memory for a reader, which NewInferenceWindow makes.
func (c Config) ReaderMemory(B int, starts bool) Memory { return c.memory(1, B, starts, true) }

func (c Config) memory(T, B int, starts, lasting bool) Memory {
	rows := int64(T) * int64(B)
	m := Memory{
		Activations: 4 * (rows*int64(c.forward()+c.aside()) + int64(B)*c.before() + int64(c.Layers*c.Gates()*c.Hidden)),
		Lists:       rows * int64(4+c.convolutions()), // losses, and what each row of a convolution reaches
	}
	if c.Conv > 0 {
		m.Lists += 4 * int64(c.convolved()) // zeros
	}
	if starts || c.LearnInitial {
		m.Activations += 4 * rows * int64(c.Layers*c.Hidden)
	}
	if starts {
		m.Lists += rows
	}
	if c.LearnInitial {
		m.Lists += rows
	}
	for _, p := range c.factors() {
		if p.decoder || c.packs(T*B, lasting) { // the decoder's is a transpose
			m.Copies += 4 * padded(p.inputs, p.outputs)
		}
	}
	return m
}

// Training returns what a window takes for Gradient too, with that Dropout, of a network with so many weights, shared
// among workers.
func (c Config) Training(T, B int, starts bool, d Dropout, weights int64, workers int) Memory {
	m := c.Memory(T, B, starts)
	rows := int64(T) * int64(B)
	m.Activations += 4 * (rows*int64(c.Activations()-c.forward()) + int64(c.Layers*c.Hidden*B))
	m.Activations += 4 * rows * int64(c.Dropped(d))
	if d.Recurrent > 0 && c.HasRecurrence() {
		m.Activations += 4 * int64(c.Layers*c.Hidden*B) // masks
	}
	for _, p := range c.factors() {
		switch {
		case p.recurrence && T == 1 && !c.LearnInitial, p.codes: // nothing goes back
		case !p.decoder || c.packs(T*B, false):
			m.Copies += 4 * padded(p.outputs, p.inputs)
		}
	}
	m.Gradient = 4 * weights
	longest := max(c.Outputs(), c.Gates()*c.Hidden, c.MLP, c.Conv*c.Embedding, c.Conv*c.Hidden)
	for _, p := range c.factors() {
		if p.decoder {
			p.inputs, p.outputs = p.outputs, p.inputs // as its matrix lies
		}
		longest = max(longest, min(p.inputs, partRows(p.inputs, p.outputs, rows == 1))*p.outputs)
	}
	m.Lists += 4 * (rows + 2*int64(c.Symbols) + min(int64(c.Symbols), rows) + int64(workers)*int64(longest+128*48))
	return m
}

// Activations returns how many numbers a window keeps of each row for the gradient. The settings must be complete.
func (c Config) Activations() int {
	n := c.forward() + c.Embedding + c.Layers*c.Hidden // and the gradients of embedding, outputs
	if c.Block {
		n += c.Layers*(c.MLP+c.Hidden) + c.Hidden // MLPs, and all norms together
	}
	if c.Conv > 0 {
		n += c.convolved()
	}
	n += c.scaled()
	if c.LearnInitial {
		n += c.Layers * c.Hidden // the gradient of what the recurrence reads
	}
	return n
}

// Dropped returns how many numbers dropout adds to Activations.
func (c Config) Dropped(d Dropout) int {
	n := 0
	if d.Rate > 0 {
		n++
	}
	if d.Rate > 0 && c.Block {
		n++
	}
	if d.Recurrent > 0 && c.HasRecurrence() {
		n++ // what the recurrence reads
	}
	if d.Recurrent > 0 && c.HasRecurrence() && !c.LearnInitial {
		n++ // its gradient, which a learned initial state has too
	}
	return n * c.Layers * c.Hidden
}

// forward returns how many of the Activations are those of Forward.
func (c Config) forward() int {
	each := c.Hidden * (c.shape().activations() - 1)
	n := c.Outputs() + c.width() + c.Codes // the last are answers
	if c.Block {
		each += 2*c.Hidden + c.MLP + c.Hidden // two norms, MLP
		n += c.Hidden
	}
	if c.Conv > 0 {
		n += c.convolved()
	}
	return n + c.Layers*each + c.scaled()
}

// scaled returns how many numbers the norms within cells make of each row.
func (c Config) scaled() int {
	if !c.LayerNorm {
		return 0
	}
	s := c.shape()
	return c.Layers * c.Hidden * (2*s.Gates + s.carried() - 1) // of inputs, recurrence and the memory
}

// aside returns how many more numbers norms keep of each row.
func (c Config) aside() int {
	n := 0
	if c.Block {
		n += 2*c.Layers + 1
	}
	if c.LayerNorm {
		n += c.Layers * (1 + c.shape().carried())
	}
	return n
}

// convolved returns the width of all convolutions together.
func (c Config) convolved() int { return c.Embedding + (c.Layers-1)*c.Hidden }

func (c Config) convolutions() int {
	if c.Conv > 0 {
		return c.Layers
	}
	return 0
}

// before returns how many numbers a window keeps of each stream from before its first time step.
func (c Config) before() int64 {
	n := int64(c.Layers) * int64(c.Hidden) * int64(c.shape().carried())
	if c.Conv > 0 {
		n += 2 * int64(c.Conv-1) * int64(c.convolved())
	}
	return n
}

// A factor is a matrix that rows are multiplied by.
type factor struct {
	inputs, outputs            int
	recurrence, decoder, codes bool
}

// factors lists them all.
func (c Config) factors() []factor {
	var all []factor
	gates := c.Gates() * c.Hidden
	for l := range c.Layers {
		switch {
		case l > 0:
			all = append(all, factor{inputs: c.Hidden, outputs: gates})
		case c.width() > 0:
			all = append(all, factor{inputs: c.width(), outputs: gates, codes: c.Codes > 0})
		}
		if c.HasRecurrence() {
			all = append(all, factor{inputs: c.Hidden, outputs: gates, recurrence: true})
		}
		if c.Block {
			all = append(all, factor{inputs: c.Hidden, outputs: c.MLP}, factor{inputs: c.MLP, outputs: c.Hidden})
		}
	}
	return append(all, factor{inputs: c.Hidden, outputs: c.Outputs(), decoder: true})
}

// padded returns the size of a copy, whose columns are filled up to whole vectors.
func padded(rows, cols int) int64 { return int64(rows) * int64((cols+15)&^15) }
