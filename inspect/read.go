package inspect

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// An Observer sees a text while a model reads it.
type Observer interface {
	// Needs returns the quantities whose Values it uses, by their names in rnn.Config.Quantities.
	Needs() []string
	// Observe receives the text chunk by chunk, in order. An error ends Read.
	Observe(s *Chunk) error
}

// A Chunk is up to a few hundred consecutive symbols of a text, with the model's values. It is valid until Observe returns.
type Chunk struct {
	First   int64          // number of its first symbol in the text, from 0
	Symbols []score.Symbol // at least one; their Text and Top stay valid
	Ends    []bool         // the symbol ends a document: the state restarts after it
	Next    []byte         // the text of the next symbol, nil at the end

	layers int
	names  []string
	values [][]float32 // [layer*quantities+quantity][symbols x H]
}

// Layers returns how many layers the model has.
func (s *Chunk) Layers() int { return s.layers }

// Values returns a quantity of all units of a layer after the model has read each symbol, [symbols x H]. It panics if no
// observer Needs the quantity.
func (s *Chunk) Values(layer int, quantity string) []float32 {
	i := slices.Index(s.names, quantity)
	if i < 0 {
		panic(fmt.Sprintf("inspect: values of %q, which no observer needs", quantity))
	}
	return s.values[layer*len(s.names)+i]
}

// Read reads a text with a model, as score.Scorer does, and shows it to observers: bits, what extras say of each symbol, and
// the values of every unit. Observers run in the caller's goroutine, while the model works on the next chunk.
// Memory does not grow with the text. Read returns the sum of the text. Its errors are those of score.Scorer.Text and of
// observers.
func Read(ctx context.Context, m *model.Model, text *corpus.Text, extras score.Extras, observers ...Observer) (score.Sum, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := newReading(m, extras, observers)
	var failed, refused error
	go func() {
		failed = r.read(ctx, m.Alphabet.Feed(text, m.Documents))
		close(r.full)
	}()
	for s := range r.full {
		if refused == nil {
			if refused = show(s, observers); refused != nil {
				cancel()
			}
		}
		r.free <- s
	}
	return r.sum, cmp.Or(refused, failed)
}

func show(s *Chunk, observers []Observer) error {
	for _, o := range observers {
		if err := o.Observe(s); err != nil {
			return err
		}
	}
	return nil
}

// chunks is how many chunks may be between the model and the observers.
const chunks = 3

// A reading is a run of a text through a model.
type reading struct {
	scorer     *score.Scorer
	config     rnn.Config
	needs      []string
	free, full chan *Chunk

	sum   score.Sum
	texts []byte         // of symbols
	first int64          // number of the first symbol of done
	done  []score.Symbol // scored, but not yet read by the model
}

func newReading(m *model.Model, extras score.Extras, observers []Observer) *reading {
	r := &reading{scorer: score.New(m, extras), config: m.Network.Config(), first: -1}
	for _, o := range observers {
		r.needs = append(r.needs, o.Needs()...)
	}
	slices.Sort(r.needs)
	r.needs = slices.Compact(r.needs)
	r.free, r.full = make(chan *Chunk, chunks), make(chan *Chunk, chunks)
	for range chunks {
		r.free <- newChunk(r.config, r.needs)
	}
	return r
}

func newChunk(c rnn.Config, needs []string) *Chunk {
	return &Chunk{layers: c.Layers, names: needs, values: make([][]float32, c.Layers*len(needs))}
}

// read reads a text.
func (r *reading) read(ctx context.Context, feed *corpus.Feed) error {
	r.scorer.Watch = func(w *rnn.Window) error { return r.watch(ctx, w) }
	err := r.scorer.Feed(ctx, feed, func(x score.Symbol) error {
		x.Text, x.Top = r.keep(x.Text), slices.Clone(x.Top)
		r.sum.Add(x)
		r.done = append(r.done, x)
		return nil
	})
	if err != nil {
		return err
	}
	return r.scorer.End()
}

// keep returns a copy of a symbol's text; copies share blocks of memory.
func (r *reading) keep(text []byte) []byte {
	if cap(r.texts)-len(r.texts) < len(text) {
		r.texts = make([]byte, 0, max(1<<12, len(text)))
	}
	from := len(r.texts)
	r.texts = append(r.texts, text...)
	return r.texts[from:len(r.texts):len(r.texts)]
}

// watch emits the symbols that the time steps of a window have read: each is the symbol before the one predicted. The first
// time step of a text reads none of its symbols.
func (r *reading) watch(ctx context.Context, w *rnn.Window) error {
	skip, rows := 0, w.Rows()
	if r.first < 0 {
		skip, r.first = 1, 0
	}
	n := rows - skip
	if n == 0 {
		return nil
	}
	var s *Chunk
	select {
	case s = <-r.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.First = r.first
	s.Symbols = append(s.Symbols[:0], r.done[:n]...)
	if s.Next = nil; n < len(r.done) {
		s.Next = r.done[n].Text
	}
	s.Ends = append(s.Ends[:0], w.Starts()[skip:rows]...)
	s.observe(w, r.config, skip)
	r.done = append(r.done[:0], r.done[n:]...)
	r.first += int64(n)
	r.full <- s
	return nil
}

// observe copies the values of a window's rows, without the first few.
func (s *Chunk) observe(w *rnn.Window, c rnn.Config, skip int) {
	for layer := range c.Layers {
		for i, name := range s.names {
			values := &s.values[layer*len(s.names)+i]
			*values = slices.Grow((*values)[:0], w.Rows()*c.Hidden)[:w.Rows()*c.Hidden]
			w.Observe(*values, layer, name)
			*values = append((*values)[:0], (*values)[skip*c.Hidden:]...)
		}
	}
}
