package rnn

// A window is a chain of stages from symbols to logits. Each hands rows on to the next as a signal. All but the recurrence
// of a cell treat a row alone, or look back in time only, so that they run block of rows by block of rows: what one stage
// leaves is near when the next one reads it. A cell needs its worker's rows of all time steps at once, and so divides the
// stages into sections.

// A module is the weights of a stage, or none where it has no weights.
type module interface {
	params() []*Param
	// stage returns what a window does with the module: it makes out of the rows of in.
	stage(w *Window, in *signal) (s stage, out *signal)
}

// A stage is a module in a window.
type stage interface {
	// forward computes rows of its output. Those of a stream come in order of time.
	forward(first, rows int)
	// prepare allocates what only gradients need, the gradient of its output included.
	prepare()
	// backward turns the gradient of rows of its output into that of its input.
	backward(first, rows int)
	// gradients hands the gradient of each trained weight to add, as one part.
	gradients(add func(part))
}

// A signal is rows that a stage hands to the next, and on the way back their gradient.
type signal struct {
	cols int
	y    []float32 // [T*B x cols]
	dy   []float32 // [T*B x cols], nil before the first Gradient
}

func (s *signal) row(r int) []float32     { return s.y[r*s.cols:][:s.cols] }
func (s *signal) gradRow(r int) []float32 { return s.dy[r*s.cols:][:s.cols] }

func (s *signal) rows(first, n int) []float32     { return s.y[first*s.cols:][:n*s.cols] }
func (s *signal) gradRows(first, n int) []float32 { return s.dy[first*s.cols:][:n*s.cols] }

// newSignal makes the output of a stage.
func (w *Window) newSignal(cols int) *signal {
	return &signal{cols: cols, y: w.buffers.floats(w.T * w.B * cols)}
}

// prepare makes room for the gradient.
func (s *signal) prepare(w *Window) { s.dy = w.buffers.floats(w.T * w.B * s.cols) }

// A section is stages that run block by block, and then a cell that runs through time; the last has none.
type section struct {
	rows      []stage
	cell      *recurrentStage
	last      bool // it ends with the decoder: each block goes there and back at once
	lastFirst bool // blocks come back latest first, because a stage needs the gradient of later rows
}

// addStages makes the chain.
func (w *Window) addStages() {
	var in *signal
	g := section{}
	for _, m := range w.net.modules {
		s, out := m.stage(w, in)
		w.stages = append(w.stages, s)
		if c, ok := s.(statefulStage); ok {
			w.stateful = append(w.stateful, c)
		}
		switch s := s.(type) {
		case *recurrentStage:
			if in != nil { // else the cell gathers its inputs by itself
				g.rows = append(g.rows, s)
			}
			g.cell = s
			w.sections = append(w.sections, g)
			w.cells = append(w.cells, s)
			g = section{}
		case *convStage:
			g.rows, g.lastFirst = append(g.rows, s), true
		default:
			g.rows = append(g.rows, s)
		}
		in = out
	}
	g.last = true
	w.sections = append(w.sections, g)
	w.decoder = w.stages[len(w.stages)-1].(*decoderStage)
}

// blockRows is the most rows of a block: what is computed of them one after the other stays in the second-level cache.
const blockRows = 128

// blocks are the rows of one worker's streams in contiguous blocks: as few as possible if it has all streams, else one for
// each time step.
type blocks struct{ n, start, stride, size, end int }

func (w *Window) blocks(worker int) blocks {
	lo, hi := w.streams(worker)
	rows := w.steps * w.B
	switch {
	case lo == hi:
		return blocks{}
	case hi-lo == w.B:
		return blocks{(rows + blockRows - 1) / blockRows, 0, blockRows, blockRows, rows}
	}
	return blocks{w.steps, lo, w.B, hi - lo, rows}
}

// at returns block i.
func (b *blocks) at(i int) (first, rows int) {
	first = b.start + i*b.stride
	return first, min(b.size, b.end-first)
}

// streams returns those of a worker, from lo to hi-1; a worker too many has none.
func (w *Window) streams(worker int) (lo, hi int) {
	return worker * w.B / w.workers, (worker + 1) * w.B / w.workers
}

// forwardShare takes one worker's streams from symbols to logits.
func (w *Window) forwardShare(worker int) {
	w.recurrentShare(worker)
	g := &w.sections[len(w.sections)-1]
	b := w.blocks(worker)
	for i := range b.n {
		g.forward(b.at(i))
	}
}

// recurrentShare takes one worker's streams through all sections but the last.
func (w *Window) recurrentShare(worker int) {
	b := w.blocks(worker)
	for i := range len(w.sections) - 1 {
		g := &w.sections[i]
		for j := range b.n {
			g.forward(b.at(j))
		}
		g.cell.run(worker)
	}
}

func (g *section) forward(first, rows int) {
	for _, s := range g.rows {
		s.forward(first, rows)
	}
}

func (g *section) backward(first, rows int) {
	for i := len(g.rows) - 1; i >= 0; i-- {
		g.rows[i].backward(first, rows)
	}
}

// trainShare takes one worker's streams forward, and back to the gradient of all that weights make.
func (w *Window) trainShare(worker int) {
	w.recurrentShare(worker)
	b := w.blocks(worker)
	g := &w.sections[len(w.sections)-1]
	for i := range b.n {
		first, rows := b.at(i)
		g.forward(first, rows)
		if w.OnLogits != nil {
			w.OnLogits(first, rows)
		}
		w.decoder.loss(first, rows)
		g.backward(first, rows)
	}
	for i := len(w.sections) - 2; i >= 0; i-- {
		g := &w.sections[i]
		g.cell.runBackward(worker)
		for j := range b.n {
			if g.lastFirst {
				j = b.n - 1 - j
			}
			g.backward(b.at(j))
		}
	}
}
