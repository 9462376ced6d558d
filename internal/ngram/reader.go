package ngram

import "slices"

// A Reader reads a text and computes the probability of each symbol. A copy continues independently from the same position.
type Reader struct {
	m     *Model
	depth int                 // symbols of the context, at most order-1
	node  [MaxOrder + 1]int32 // [k] of the last k symbols, 1 to depth; -1 if they never occurred
}

// Reader returns a reader; call Begin first.
func (m *Model) Reader() *Reader { return &Reader{m: m} }

// Begin makes the symbol the whole context.
func (r *Reader) Begin(symbol int32) { r.depth, r.node[1] = 1, symbol }

// Read reads the next symbol w and sets p, [order+1], to its probabilities: p[0] is uniform, p[k] that of the model of order k.
func (r *Reader) Read(w int32, p []float64) {
	m := r.m
	one := &m.levels[1]
	p[0] = 1 / float64(m.symbols)
	p[1] = one.c.mix(0, int32(m.symbols), w, m.types, p[0])
	if m.order == 1 {
		return
	}
	q := one.a.mix(0, int32(m.symbols), w, m.types, p[0])
	child := w
	for k := 2; k <= m.order; k++ {
		h := r.node[k-1]
		r.node[k-1] = child
		child = -1
		p[k] = q
		if k-1 > r.depth || h < 0 {
			continue
		}
		l := &m.levels[k]
		lo, hi := m.levels[k-1].first[h], m.levels[k-1].first[h+1]
		if at, ok := slices.BinarySearch(l.symbol[lo:hi], w); ok {
			child = lo + int32(at)
		}
		p[k] = l.c.mix(lo, hi, child, int(hi-lo), q)
		if k < m.order {
			q = l.a.mix(lo, hi, child, int(hi-lo), q)
		}
	}
	r.depth = min(r.depth+1, m.order-1)
}

// mix is one line of the equations: lo to hi are the children of h, types the number of those with a count, i is the child for
// w or -1, and q the probability by the next lower order.
func (c *counts) mix(lo, hi, i int32, types int, q float64) float64 {
	total := c.sums[hi] - c.sums[lo]
	if total == 0 {
		return q
	}
	count := int32(0)
	if i >= 0 {
		count = c.sums[i+1] - c.sums[i]
	}
	n1, n2 := c.ones.in(lo, hi), c.twos.in(lo, hi)
	kept := float64(count) - c.d[min(count, 3)]
	free := float64(c.d[1]*float64(n1)) + float64(c.d[2]*float64(n2)) + float64(c.d[3]*float64(types-n1-n2))
	return (kept + float64(free*q)) / float64(total)
}
