package generate

import (
	"slices"

	"github.com/seed-f4dd853e/elman/rnn"
)

const (
	// promptSteps is the most time steps of prompts that a Step reads.
	promptSteps = 32
	// promptStreams is how many prompts are read side by side: more than 8 are not faster.
	promptStreams = 8
	// promptLogits limits the memory for logits, where symbols are many: 16 MB.
	promptLogits = 1 << 22
)

// A promptReader reads up to so many prompts side by side.
type promptReader struct {
	window   *rnn.Window
	streams  int
	stateLen int // of one stream
	x        []int32
}

func newPromptReader(n *rnn.Network, streams int) *promptReader {
	steps := min(promptSteps, max(1, promptLogits/(streams*n.Config().Symbols)))
	p := &promptReader{streams: streams, x: make([]int32, steps*streams)}
	if streams == 1 {
		p.window = n.NewWindow(steps, 1, nil) // for which no weights are packed
	} else {
		p.window = n.NewInferenceWindow(steps, streams, nil)
	}
	p.window.Starts()
	p.stateLen = p.window.StateLen() / streams
	return p
}

// read reads the prompts of rows on, until the first of them ends.
func (p *promptReader) read(rows []*Row) (steps int) {
	n := len(rows)
	steps = min(promptSteps, len(p.x)/n)
	for _, r := range rows {
		steps = min(steps, r.o.Prompt.steps()-r.read)
	}
	if p.streams > 1 {
		p.window.SetStreams(n)
	}
	starts := p.window.Starts()
	for i, r := range rows {
		if r.state == nil {
			r.state = make([]float32, p.stateLen)
			copy(r.state, r.o.Prompt.state)
		}
		p.window.SetStreamState(i, r.state)
		for t := range steps {
			p.x[t*n+i], starts[t*n+i] = r.o.Prompt.step(r.read + t)
		}
	}
	p.window.Forward(p.x[:steps*n])
	for i, r := range rows {
		p.window.StreamState(i, r.state)
	}
	return steps
}

// reads reports whether the row has not read all of its prompt.
func (r *Row) reads() bool { return r.read < r.o.Prompt.steps() }

// read reads some time steps of the prompts whose turn it is. It appends the rows that begin to write to entering.
func (b *Batch) read(entering []*Row) []*Row {
	var turn, rest, begun []*Row // begun is those that others may wait for
	for _, r := range b.reading {
		if r.read > 0 {
			begun = append(begun, r)
		}
	}
	begin := func(r *Row) { // to write
		before := r.written
		r.speak(b.sampler, b.logits)
		b.Written += int64(r.written - before)
		if r.flush() {
			entering = append(entering, r)
		}
	}
	for _, r := range b.reading {
		switch after := r.o.Prompt.after.Load(); {
		case after != nil && r.shares():
			r.read, r.state = r.o.Prompt.steps(), slices.Clone(after.state)
			copy(b.logits, after.logits)
			begin(r)
		case len(turn) < promptStreams && !slices.ContainsFunc(begun, r.waitsFor):
			turn = append(turn, r)
			begun = append(begun, r)
		default:
			rest = append(rest, r)
		}
	}
	b.reading = rest
	if len(turn) == 0 {
		return entering
	}
	reader := b.g.reader(len(turn))
	defer b.g.putReader(reader)
	steps := reader.read(turn)
	b.Read += int64(steps * len(turn))
	V := len(b.logits)
	logits := reader.window.Logits()
	for i, r := range turn {
		switch r.hear(steps, logits[i*V:], len(turn)*V); {
		case r.ended:
			r.flush()
		case !r.reads():
			copy(b.logits, logits[((steps-1)*len(turn)+i)*V:])
			r.o.Prompt.keep(r.state, b.logits)
			begin(r)
		case r.flush():
			b.reading = append(b.reading, r)
		}
	}
	return entering
}

// shares reports whether the row has not begun to read, and may begin where another has read the same prompt.
func (r *Row) shares() bool { return r.read == 0 && !r.o.Echo }

// waitsFor reports whether another row reads what the row would.
func (r *Row) waitsFor(other *Row) bool { return r.shares() && r.o.Prompt == other.o.Prompt }

// keep keeps the network after the prompt for other rows, if there are any.
func (p *Prompt) keep(state, logits []float32) {
	if p.shared.Load() {
		p.after.CompareAndSwap(nil, &afterPrompt{slices.Clone(state), slices.Clone(logits)})
	}
}
