package corpus

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/internal/setting"
)

// Streams read B contiguous parts of a section side by side (the batch), as pairs of a symbol and its successor. With n
// symbols in the section each stream has L = (n-1)/B pairs: stream b reads symbols b*L to b*L+L. Up to B-1 symbols at the
// end are left out.
//
// If the corpus has documents, every symbol is predicted, the first of a document after Alphabet.Start. Then L = n/B, stream b
// reads the documents of symbols b*L to b*L+L-1 without gaps, and Shuffle gives each epoch its own order. A document that two
// streams share is cut; after the cut the state restarts, after the symbol before it.
type Streams struct {
	// Starts, [T*B], is set by Next where a document begins. A corpus with documents needs it, as long as x.
	Starts []bool

	section  Section
	cursors  []cursor // by stream; nil with documents
	feeds    []Feed   // of documents
	orders   []documentOrder
	ahead    []int32 // by stream: the symbol that the next pair begins with
	length   int64   // L
	position int64   // pairs read so far in each stream
}

// Streams returns B streams at the beginning of the section. It fails if the section has too few symbols.
func (s Section) Streams(B int) (*Streams, error) {
	if B < 1 {
		return nil, setting.Errorf("%v is %d, must be at least 1", setting.Name("batch"), B)
	}
	documents := s.c.documents != nil
	length := (s.Len() - 1) / int64(B)
	if documents {
		length = s.Len() / int64(B)
	}
	if length < 1 {
		return nil, setting.Errorf("%d symbols are too few for %d streams; choose a smaller %v", s.Len(), B, setting.Name("batch"))
	}
	r := &Streams{section: s, length: length}
	for b := range B {
		if !documents {
			r.cursors = append(r.cursors, s.c.cursor())
			continue
		}
		lo := s.lo + int64(b)*length
		order, err := s.c.newDocumentOrder(lo, lo+length)
		if err != nil {
			return nil, err
		}
		r.feeds, r.orders = append(r.feeds, *s.c.Alphabet.Feed(s.c.text, s.c.Documents())), append(r.orders, order)
	}
	r.ahead = make([]int32, len(r.cursors))
	return r, r.SetPosition(0)
}

// B returns the number of streams.
func (r *Streams) B() int { return len(r.cursors) + len(r.feeds) }

// Length returns L, the time steps of an epoch.
func (r *Streams) Length() int64 { return r.length }

// Position returns the number of time steps read in this epoch.
func (r *Streams) Position() int64 { return r.position }

// Shuffle orders the documents of each stream for one epoch; the order depends on seed and pass only. Call SetPosition after
// it. Without documents it does nothing.
func (r *Streams) Shuffle(seed uint64, pass int) {
	rng := random.New(seed, "documents", uint64(pass))
	for b := range r.orders {
		r.orders[b].order = random.NewPermutation(rng, uint64(r.orders[b].n))
	}
}

// SetPosition moves to a position from 0 to Length. With documents that takes as long as reading up to it. Its errors are
// those of Next.
func (r *Streams) SetPosition(position int64) error {
	if position < 0 || position > r.length {
		return fmt.Errorf("position %d in streams of %d time steps", position, r.length)
	}
	r.position = position
	for b := range r.cursors {
		c := &r.cursors[b]
		r.section.c.seek(c, r.section.lo+int64(b)*r.length+position)
		if r.ahead[b] = c.next(); c.err != nil {
			return c.err
		}
	}
	for b := range r.feeds {
		f, o := &r.feeds[b], &r.orders[b]
		o.next, f.fresh = 0, true
		for range position {
			o.prepare(f)
			if _, err := f.Next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Where returns the file and the byte range, from up to but not including to, of the next n symbols that stream b predicts;
// with documents, of the whole document of the next symbol. At the end of an epoch it returns nothing.
func (r *Streams) Where(b int, n int64) (file string, from, to int64, err error) {
	if r.position == r.length {
		return "", 0, 0, nil
	}
	var c cursor
	if r.feeds == nil {
		c = r.section.c.cursor()
		c.moveTo(r.cursors[b].mark())
		from = c.offset()
		for range n {
			c.next()
		}
	} else {
		f, order := *r.section.c.Alphabet.Feed(r.section.c.text, r.section.c.Documents()), r.orders[b] // copies
		if f.moveTo(r.feeds[b].mark()); r.feeds[b].between() || order.left == 0 {
			order.take(&f)
		}
		c, from = f.cursor, order.from
		c.moveTo(markAt(order.begins))
		c.skip(order.documents.kind)
	}
	to = c.offset()
	file, at := r.section.c.text.locate(from)
	return file, at, at + to - from, c.err
}

// Next reads the next window. x and y, of length T*B, are time-major: row t*B+b is time step t of stream b, and y follows x.
// It returns the number of time steps it filled: T, fewer at the end of an epoch, then 0. It allocates nothing. It fails if
// the text cannot be read or has changed. It panics if x and y differ in length, and if there are documents but no Starts.
func (r *Streams) Next(x, y []int32) (steps int, err error) {
	if len(x) != len(y) || r.feeds != nil && len(r.Starts) < len(x) {
		panic(fmt.Sprintf("corpus: room for %d symbols, %d that follow and %d starts", len(x), len(y), len(r.Starts)))
	}
	B := r.B()
	steps = int(min(int64(len(x)/B), r.length-r.position))
	r.position += int64(steps)
	for b := range r.feeds {
		f, o := &r.feeds[b], &r.orders[b]
		for i := b; i < steps*B; i += B {
			o.prepare(f)
			s, err := f.Next()
			if err != nil {
				return 0, err
			}
			x[i], y[i], r.Starts[i] = s.X, s.Y, s.Starts
		}
	}
	for b := range r.cursors {
		c, symbol := &r.cursors[b], r.ahead[b]
		for i := b; i < steps*B; i += B {
			x[i] = symbol
			symbol = c.next()
			y[i] = symbol
		}
		if r.ahead[b] = symbol; c.err != nil {
			return 0, c.err
		}
	}
	return steps, nil
}
