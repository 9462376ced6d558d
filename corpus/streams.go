package corpus

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// Streams read B stretches of a section side by side, as pairs of a symbol and the one that follows it. With n symbols in
// the section each stream has L = (n-1)/B pairs, one after the other: stream b reads symbols b*L to b*L+L, and up to B-1
// symbols at the end are left out.
//
// Where a corpus has documents, every symbol has a pair, whose first half for the beginning of a document is
// Alphabet.Start. Then L = n/B, stream b reads the documents of symbols b*L to b*L+L-1, and Shuffle gives each pass an
// order of its own. They follow each other without a gap; a document that two streams share is cut, and what is behind the
// cut starts anew after the symbol in front of it.
type Streams struct {
	// Starts, [T*B], receives marks where a document begins. It is needed, as long as x, where a corpus has documents.
	Starts []bool

	section  Section
	cursors  []cursor
	orders   []documentOrder // by stream; nil without documents
	start    int32
	ahead    []int32 // by stream: the symbol that the next pair begins with
	length   int64   // L
	position int64   // pairs of each stream that were read
}

// Streams returns B streams that start at the beginning. It fails if the section has too few symbols for that.
func (s Section) Streams(B int) (*Streams, error) {
	if B < 1 {
		return nil, fmt.Errorf("batch is %d, must be at least 1", B)
	}
	documents := s.c.documents != nil
	length := (s.Len() - 1) / int64(B)
	if documents {
		length = s.Len() / int64(B)
	}
	if length < 1 {
		return nil, fmt.Errorf("%d symbols are too few for %d streams", s.Len(), B)
	}
	r := &Streams{section: s, cursors: make([]cursor, B), ahead: make([]int32, B), length: length}
	for b := range r.cursors {
		r.cursors[b] = cursor{a: s.c.Alphabet, parts: s.c.text.parts}
	}
	if documents {
		r.start = s.c.Alphabet.Start()
		for b := range r.cursors {
			lo := s.lo + int64(b)*length
			r.orders = append(r.orders, s.c.newDocumentOrder(lo, lo+length))
		}
	}
	return r, r.SetPosition(0)
}

// B returns the number of streams.
func (r *Streams) B() int { return len(r.cursors) }

// Length returns L, the time steps of an epoch.
func (r *Streams) Length() int64 { return r.length }

// Position returns the time steps read in this epoch.
func (r *Streams) Position() int64 { return r.position }

// Shuffle gives the documents of each stream an order for one pass, which follows from seed and pass alone. SetPosition must
// follow. Without documents it does nothing.
func (r *Streams) Shuffle(seed uint64, pass int) {
	rng := random.New(seed, "documents", uint64(pass))
	for b := range r.orders {
		r.orders[b].order = random.NewPermutation(rng, uint64(r.orders[b].n))
	}
}

// SetPosition goes to a position from 0 to Length. Among documents that takes as long as reading up to there.
func (r *Streams) SetPosition(position int64) error {
	if position < 0 || position > r.length {
		return fmt.Errorf("position %d in streams of %d time steps", position, r.length)
	}
	r.position = position
	for b := range r.cursors {
		if r.orders == nil {
			r.section.c.seek(&r.cursors[b], r.section.lo+int64(b)*r.length+position)
			r.ahead[b] = r.cursors[b].next()
			continue
		}
		r.orders[b].next, r.cursors[b].rest = 0, nil
		for range position {
			r.pair(b)
		}
	}
	return nil
}

// Where returns the file and the bytes in it, from the first up to but not the last, of the next n symbols that stream b is
// to predict; among documents, of the whole document that the next one belongs to. At the end of an epoch there is none.
func (r *Streams) Where(b int, n int64) (file string, from, to int64) {
	text, c := r.section.c.text, r.cursors[b]
	if r.orders == nil {
		file, from = text.file(c.offset())
		for range n {
			c.next()
		}
		return file, from, from + c.offset() - r.cursors[b].offset()
	}
	s := r.orders[b] // a copy
	if len(c.rest) == 0 || s.left == 0 {
		s.take(&c, r.start)
	}
	file, from = text.file(s.from)
	return file, from, from + s.to - s.from
}

// pair returns the next pair of a stream of documents, and whether a document begins with it.
func (r *Streams) pair(b int) (x, y int32, starts bool) {
	c, s := &r.cursors[b], &r.orders[b]
	if starts = len(c.rest) == 0 || s.left == 0; starts {
		r.ahead[b] = s.take(c, r.start)
	}
	x = r.ahead[b]
	y, _ = c.read()
	r.ahead[b] = y
	s.left--
	return x, y, starts
}

// Next reads the next window: x and y of len(x) = T*B are time-major, row t*B+b holds time step t of stream b, and y what
// follows x. It returns the time steps it filled: T, fewer at the end of an epoch, and then 0. It allocates nothing. It
// panics if x and y differ in length, and if there are documents and no Starts.
func (r *Streams) Next(x, y []int32) int {
	if len(x) != len(y) || r.orders != nil && len(r.Starts) < len(x) {
		panic(fmt.Sprintf("corpus: room for %d symbols, %d that follow and %d starts", len(x), len(y), len(r.Starts)))
	}
	B := len(r.cursors)
	steps := int(min(int64(len(x)/B), r.length-r.position))
	r.position += int64(steps)
	for b := range r.cursors {
		if r.orders != nil {
			for i := b; i < steps*B; i += B {
				x[i], y[i], r.Starts[i] = r.pair(b)
			}
			continue
		}
		c, symbol := &r.cursors[b], r.ahead[b]
		for i := b; i < steps*B; i += B {
			x[i] = symbol
			symbol = c.next()
			y[i] = symbol
		}
		r.ahead[b] = symbol
	}
	return steps
}
