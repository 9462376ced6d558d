package generate

import (
	"slices"

	"github.com/seed-f4dd853e/elman/rnn"
)

// A Batch reads and writes texts side by side, a time step at a time. Rows join and leave between steps; the symbols of a row and
// their numbers are the same, bit for bit, whatever is beside it. One goroutine may use a batch at a time.
//
// Memory grows with the rows in it, and goes back to the generator as they leave; the weights are packed once for all batches.
type Batch struct {
	Read, Written int64 // symbols of prompts, and of texts, so far

	g       *Generator
	most    int
	sampler *sampler
	logits  []float32 // [V] of a row that begins to write

	joined  []*Row // since the last step
	reading []*Row // whose prompts wait to be read on, in turns
	writing []*Row // of each stream of the window

	window *rnn.Window // nil if no row writes
	room   int         // streams that it was made for
	x      []int32     // what each stream reads next
}

// NewBatch returns a batch in which up to this many rows write side by side.
func (g *Generator) NewBatch(rows int) *Batch {
	V := g.m.Alphabet.Size()
	return &Batch{g: g, most: rows, sampler: newSampler(V, g.m.Alphabet.Unwritten()), logits: make([]float32, V)}
}

// Len returns the number of rows.
func (b *Batch) Len() int { return len(b.joined) + len(b.reading) + len(b.writing) }

// Join lets a row take part from the next step on. It panics if the batch is full.
func (b *Batch) Join(r *Row) {
	if b.Len() == b.most {
		panic("generate: Join to a batch that is full")
	}
	b.joined = append(b.joined, r)
}

// Leave takes a row out of the batch, which may join one again and then continues. Nothing happens if it is not in it.
func (b *Batch) Leave(r *Row) {
	b.joined, b.reading = without(b.joined, r), without(b.reading, r)
	if i := slices.Index(b.writing, r); i >= 0 {
		b.remove(i)
		b.resize(0)
	}
}

func without(rows []*Row, r *Row) []*Row {
	if i := slices.Index(rows, r); i >= 0 {
		return slices.Delete(rows, i, i+1)
	}
	return rows
}

// Step takes every writing row one symbol further, and reads some time steps of prompts: a long prompt delays the other rows by no
// more than these. It returns how many rows are left.
func (b *Batch) Step() int {
	var entering []*Row
	for _, r := range b.joined {
		switch {
		case !r.flush():
		case r.reads():
			b.reading = append(b.reading, r)
		default:
			entering = append(entering, r)
		}
	}
	clear(b.joined)
	b.joined = b.joined[:0]
	if len(b.reading) > 0 {
		entering = b.read(entering)
	}
	if len(b.writing) > 0 {
		b.write()
	}
	b.enter(entering)
	return b.Len()
}

// write takes the rows of the window one symbol further.
func (b *Batch) write() {
	V := len(b.logits)
	b.window.Forward(b.x)
	logits := b.window.Logits()
	starts := b.window.Starts()
	b.Written += int64(len(b.writing))
	leaving := false
	for i, r := range b.writing {
		r.speak(b.sampler, logits[i*V:][:V])
		b.x[i], starts[i] = r.x, r.starts
		r.leaves = !r.flush()
		leaving = leaving || r.leaves
	}
	for i := len(b.writing) - 1; leaving && i >= 0; i-- { // the last one, which takes the place, stays
		if b.writing[i].leaves {
			b.remove(i)
		}
	}
}

// remove takes row i out of the window, and moves the last one there.
func (b *Batch) remove(i int) {
	r, last := b.writing[i], len(b.writing)-1
	if !r.ended {
		b.window.StreamState(i, r.state)
	}
	if i < last {
		moved := b.writing[last]
		b.window.StreamState(last, moved.state)
		b.place(moved, i)
	}
	b.writing[last] = nil
	b.writing, b.x = b.writing[:last], b.x[:last]
}

// place puts a row into a stream.
func (b *Batch) place(r *Row, i int) {
	b.window.SetStreamState(i, r.state)
	b.writing[i], b.x[i], b.window.Starts()[i] = r, r.x, r.starts
}

// enter adds rows to the window.
func (b *Batch) enter(rows []*Row) {
	b.resize(len(rows))
	n := len(b.writing)
	b.writing, b.x = append(b.writing, rows...), append(b.x, make([]int32, len(rows))...)
	for i, r := range rows {
		b.place(r, n+i)
	}
}

// resize makes the window one for those that write, and some more.
func (b *Batch) resize(more int) {
	n := len(b.writing) + more
	if n == 0 || n > b.room || n <= b.room/4 {
		b.move(n)
	}
	if n > 0 {
		b.window.SetStreams(n)
	}
}

// move moves the rows to a window with room for n, or to none if n is 0.
func (b *Batch) move(n int) {
	before, room := b.window, b.room
	if b.window, b.room = nil, 0; n > 0 {
		b.window, b.room = b.g.window(n)
		b.window.SetStreams(n)
		for i, r := range b.writing {
			before.StreamState(i, r.state)
			b.place(r, i)
		}
	}
	if before != nil {
		b.g.putWindow(before, room)
	}
}
