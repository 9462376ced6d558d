package corpus

import "fmt"

// Streams read B stretches of a section side by side, as pairs of a symbol and the one that follows it. With n symbols in
// the section each stream has L = (n-1)/B pairs, one after the other: stream b reads symbols b*L to b*L+L, and up to B-1
// symbols at the end are left out.
type Streams struct {
	section  Section
	cursors  []cursor
	ahead    []int32 // by stream: the symbol that the next pair begins with
	length   int64   // L
	position int64   // pairs of each stream that were read
}

// Streams returns B streams that start at the beginning. It fails if the section has too few symbols for that.
func (s Section) Streams(B int) (*Streams, error) {
	if B < 1 {
		return nil, fmt.Errorf("batch is %d, must be at least 1", B)
	}
	length := (s.Len() - 1) / int64(B)
	if length < 1 {
		return nil, fmt.Errorf("%d symbols are too few for %d streams", s.Len(), B)
	}
	r := &Streams{section: s, cursors: make([]cursor, B), ahead: make([]int32, B), length: length}
	for b := range r.cursors {
		r.cursors[b] = cursor{a: s.c.Alphabet, parts: s.c.text.parts}
	}
	return r, r.SetPosition(0)
}

// B returns the number of streams.
func (r *Streams) B() int { return len(r.cursors) }

// Length returns L, the time steps of an epoch.
func (r *Streams) Length() int64 { return r.length }

// Position returns the time steps read in this epoch.
func (r *Streams) Position() int64 { return r.position }

// SetPosition goes to a position from 0 to Length.
func (r *Streams) SetPosition(position int64) error {
	if position < 0 || position > r.length {
		return fmt.Errorf("position %d in streams of %d time steps", position, r.length)
	}
	r.position = position
	for b := range r.cursors {
		r.section.c.seek(&r.cursors[b], r.section.lo+int64(b)*r.length+position)
		r.ahead[b] = r.cursors[b].next()
	}
	return nil
}

// Next reads the next window: x and y of len(x) = T*B are time-major, row t*B+b holds time step t of stream b, and y what
// follows x. It returns the time steps it filled: T, fewer at the end of an epoch, and then 0. It allocates nothing. It
// panics if x and y differ in length.
func (r *Streams) Next(x, y []int32) int {
	if len(x) != len(y) {
		panic(fmt.Sprintf("corpus: room for %d symbols and %d that follow", len(x), len(y)))
	}
	B := len(r.cursors)
	steps := int(min(int64(len(x)/B), r.length-r.position))
	for b := range r.cursors {
		c, symbol := &r.cursors[b], r.ahead[b]
		for i := b; i < steps*B; i += B {
			x[i] = symbol
			symbol = c.next()
			y[i] = symbol
		}
		r.ahead[b] = symbol
	}
	r.position += int64(steps)
	return steps
}
