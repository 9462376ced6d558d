package score

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A team is the workers that score batches, with their memory.
type team struct {
	s       *Scorer
	ctx     context.Context
	readers []*reader // of the workers
	jobs    chan job  // nil where the caller does all work
	workers sync.WaitGroup
	batches [2]batch
}

// A job is documents of a batch for one worker.
type job struct {
	b    *batch
	docs []run
}

// A run is the steps lo to hi-1 of a batch, a whole document.
type run struct{ lo, hi int }

func (r run) len() int { return r.hi - r.lo }

func newTeam(s *Scorer) *team { return &team{s: s} }

// begin starts as many workers.
func (t *team) begin(ctx context.Context, workers int) {
	t.ctx = ctx
	for len(t.readers) < max(1, workers) {
		t.readers = append(t.readers, &reader{measure: t.s.measure.clone()})
	}
	t.readers = t.readers[:max(1, workers)]
}

// end ends the workers.
func (t *team) end() {
	if t.jobs != nil {
		close(t.jobs)
		t.workers.Wait()
		t.jobs = nil
	}
}

// leastDocuments is how many documents a worker should have: of fewer than 8 streams each takes longer.
const leastDocuments = 8

// start shares out a batch: all workers score some of its documents, or the caller does if there are few.
func (t *team) start(b *batch) {
	docs := b.documents()
	if len(docs) == 0 {
		return
	}
	b.makeRoom(t.s.measure.extras.Top)
	slices.SortStableFunc(docs, func(a, b run) int { return cmp.Compare(b.len(), a.len()) })
	n := min(len(t.readers), (len(docs)+leastDocuments-1)/leastDocuments)
	if n == 1 {
		t.readers[0].prepare(t.s)
	}
	if n == 1 && t.jobs == nil {
		t.readers[0].read(t.ctx, b, docs)
		return
	}
	t.hire()
	b.work.Add(n)
	for i := range n {
		var own []run
		for j := i; j < len(docs); j += n {
			own = append(own, docs[j])
		}
		t.jobs <- job{b, own}
	}
}

// hire starts the workers.
func (t *team) hire() {
	if t.jobs != nil {
		return
	}
	t.jobs = make(chan job, len(t.batches)*len(t.readers))
	for _, r := range t.readers {
		r.prepare(t.s)
		t.workers.Go(func() {
			for j := range t.jobs {
				r.read(t.ctx, j.b, j.docs)
				j.b.work.Done()
			}
		})
	}
}

// documents returns the whole ones.
func (b *batch) documents() (docs []run) {
	for i := b.first; i < b.end; i++ {
		if b.Starts[i] {
			docs = append(docs, run{lo: i})
		}
		docs[len(docs)-1].hi = i + 1
	}
	return docs
}

func (b *batch) makeRoom(top int) {
	n := len(b.X)
	b.symbols = slices.Grow(b.symbols[:0], n)[:n]
	b.top = slices.Grow(b.top[:0], n*top)[:n*top]
}

// A reader scores documents side by side.
type reader struct {
	measure measurer
	window  *rnn.Window
	streams []stream
	x       []int32
}

const (
	// mostStreams is how many documents are read side by side. More than 8 are not faster where the weights fit in the second-
	// level cache, and a network of 1024 units takes a tenth less time with 48 than with 16.
	mostStreams = 48
	// streamSteps is the time steps of a window of that many streams.
	streamSteps = 8
	// mostLogits limits the memory for logits, where symbols are many: 16 MB.
	mostLogits = 1 << 22
)

// prepare makes the window.
func (r *reader) prepare(s *Scorer) {
	if r.window != nil {
		return
	}
	steps := min(streamSteps, max(1, mostLogits/(mostStreams*s.m.Alphabet.Size())))
	r.window = s.m.Network.NewInferenceWindow(steps, mostStreams, nil)
	r.window.Starts()
	r.streams = make([]stream, mostStreams)
	r.x = make([]int32, steps*mostStreams)
}

// A stream is documents that are read one after the other.
type stream struct {
	docs  []run
	steps int // in all
	at    int // the next
	i     int // of its document
	step  int // of the batch
}

// read scores documents, which come in order of their length, the longest first.
func (r *reader) read(ctx context.Context, b *batch, docs []run) {
	w, n := r.window, min(len(docs), len(r.streams))
	streams := r.streams[:n]
	share(streams, docs)
	for n > 0 && ctx.Err() == nil {
		fastpath.Took(fastpath.SideBySide)
		w.SetStreams(n)
		left := streams[n-1]
		steps := min(len(r.x)/n, left.steps-left.at) // no stream ends within the window
		r.forward(b, streams[:n], steps)
		for n > 0 && streams[n-1].at == streams[n-1].steps {
			n--
		}
	}
}

// share gives each document to the stream that has the fewest steps, and puts the streams in order, the longest first.
func share(streams []stream, docs []run) {
	for i := range streams {
		streams[i] = stream{docs: streams[i].docs[:0]}
	}
	for _, d := range docs {
		least := 0
		for i := range streams {
			if streams[i].steps < streams[least].steps {
				least = i
			}
		}
		s := &streams[least]
		s.docs = append(s.docs, d)
		s.steps += d.len()
	}
	slices.SortStableFunc(streams, func(a, b stream) int { return cmp.Compare(b.steps, a.steps) })
}

// forward reads some time steps of all streams, and scores them.
func (r *reader) forward(b *batch, streams []stream, steps int) {
	n := len(streams)
	starts := r.window.Starts()
	for i, s := range streams { // copies, which scoring passes through once more
		for t := range steps {
			step := s.next()
			r.x[t*n+i], starts[t*n+i] = b.X[step], b.Starts[step]
		}
	}
	r.window.Forward(r.x[:steps*n])
	V, top := r.measure.alphabet.Size(), r.measure.extras.Top
	logits := r.window.Logits()
	for i := range streams {
		for t := range steps {
			step := streams[i].next()
			x := r.measure.symbol(logits[(t*n+i)*V:][:V], &b.Steps, step)
			if top > 0 {
				room := b.top[step*top:][:len(x.Top)]
				copy(room, x.Top)
				x.Top = room
			}
			b.symbols[step] = x
		}
	}
}

// next returns the number of the next step in the batch.
func (s *stream) next() int {
	if s.step == s.docs[s.i].hi || s.at == 0 {
		if s.at > 0 {
			s.i++
		}
		s.step = s.docs[s.i].lo
	}
	s.at++
	s.step++
	return s.step - 1
}
