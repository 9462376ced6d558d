package ngram

import "math/bits"

// Model counts the text, in time proportional to its length n and the order, without a hash table. Each level takes one stable
// counting sort, by parent, of positions already sorted by symbol.
func (l *Learner) Model() *Model {
	b := builder{
		Learner: l, bySymbol: l.sortBySymbol(), sorted: make([]int32, len(l.text)),
		node: append([]int32(nil), l.text...), child: make([]int32, len(l.text)),
	}
	m := &Model{symbols: l.symbols, order: l.order, levels: make([]level, l.order+1)}
	m.levels[1] = b.symbols()
	for k := 2; k <= l.order; k++ {
		b.extend(k, &m.levels[k-1], &m.levels[k])
	}
	for k := 1; k <= l.order; k++ {
		m.levels[k].c.finish()
		if k < l.order {
			m.levels[k].a.finish()
		}
	}
	for w := range l.symbols {
		if m.levels[1].c.sums[w+1] > m.levels[1].c.sums[w] {
			m.types++
		}
	}
	return m
}

// A builder is the working memory of Model.
type builder struct {
	*Learner
	bySymbol []int32 // positions, by their symbols
	sorted   []int32 // positions of one level, by parent and symbol
	node     []int32 // [position] the node of the k-1 symbols that end there
	child    []int32 // [position] of k symbols
}

// sortBySymbol returns all positions in the order of their symbols.
func (l *Learner) sortBySymbol() []int32 {
	place := make([]int32, l.symbols+1)
	for _, w := range l.text {
		place[w+1]++
	}
	runningSums(place)
	positions := make([]int32, len(l.text))
	for t, w := range l.text {
		positions[place[w]] = int32(t)
		place[w]++
	}
	return positions
}

// symbols returns level 1, its counts not summed yet.
func (b *builder) symbols() level {
	var l level
	l.c.sums, l.a.sums = make([]int32, b.Learner.symbols+1), make([]int32, b.Learner.symbols+1)
	for t, w := range b.text {
		if b.depth[t] > 0 {
			l.c.sums[w]++
		}
	}
	return l
}

// extend makes level k from the level above, whose children and a it completes.
func (b *builder) extend(k int, up, l *level) {
	sorted := b.sort(k, up)
	n := 0
	b.grams(sorted, func(_ int32, fresh bool) {
		if fresh {
			n++
		}
	})
	l.symbol, l.c.sums = make([]int32, n), make([]int32, n+1)
	if k < b.order {
		l.a.sums = make([]int32, n+1)
	}
	clear(up.first)
	i := int32(-1)
	b.grams(sorted, func(t int32, fresh bool) {
		if fresh {
			i++
			l.symbol[i] = b.text[t]
			up.first[b.node[t-1]+1]++
			up.a.sums[b.node[t]]++ // one more symbol before the gram without its first symbol
		}
		l.c.sums[i]++
		if k < b.order && int(b.depth[t]) == k-1 {
			l.a.sums[i]++ // the unknown symbol before the section
		}
		b.child[t] = i
	})
	runningSums(up.first)
	b.node, b.child = b.child, b.node
}

// sort returns the positions where grams of k symbols end, by parent and symbol. It uses up.first as scratch memory.
func (b *builder) sort(k int, up *level) []int32 {
	up.first = make([]int32, len(up.c.sums))
	for t, d := range b.depth {
		if int(d) >= k-1 {
			up.first[b.node[t-1]+1]++
		}
	}
	n := runningSums(up.first)
	for _, t := range b.bySymbol {
		if int(b.depth[t]) >= k-1 {
			parent := b.node[t-1]
			b.sorted[up.first[parent]] = t
			up.first[parent]++
		}
	}
	return b.sorted[:n]
}

// grams yields sorted positions, and whether another gram begins at each.
func (b *builder) grams(sorted []int32, visit func(t int32, fresh bool)) {
	parent, symbol := int32(-1), int32(-1)
	for _, t := range sorted {
		p, w := b.node[t-1], b.text[t]
		visit(t, p != parent || w != symbol)
		parent, symbol = p, w
	}
}

// finish turns counts, which still stand in sums, into running sums, and computes all that follows from them.
func (c *counts) finish() {
	var n [5]float64 // [i] nodes with a count of i
	last := len(c.sums) - 1
	c.ones, c.twos = newTally(last), newTally(last)
	for i, count := range c.sums[:last] {
		switch count {
		case 1:
			c.ones.add(i)
		case 2:
			c.twos.add(i)
		}
		if count < int32(len(n)) {
			n[count]++
		}
	}
	c.ones.finish()
	c.twos.finish()
	c.d = discounts(n)
	exclusiveSums(c.sums)
}

// discounts returns D for counts of 0, 1, 2, 3 or more; n[i] grams have a count of i.
func discounts(n [5]float64) (d [4]float64) {
	for i := 1; i <= 3; i++ {
		d[i] = float64(i) / 2
		if n[1] == 0 || n[2] == 0 || n[i] == 0 || n[i+1] == 0 {
			continue
		}
		y := n[1] / (n[1] + 2*n[2])
		if x := float64(i) - float64(i+1)*y*n[i+1]/n[i]; x > 0 {
			d[i] = x
		}
	}
	return d
}

func newTally(nodes int) tally {
	words := nodes/64 + 1
	return tally{make([]uint64, words), make([]int32, words)}
}

func (t *tally) add(i int) { t.bits[i/64] |= 1 << (i % 64) }

// finish counts what was added.
func (t *tally) finish() {
	n := int32(0)
	for i, word := range t.bits {
		t.before[i] = n
		n += int32(bits.OnesCount64(word))
	}
}

// in returns how many of the nodes lo to hi-1 are in the set.
func (t *tally) in(lo, hi int32) int { return int(t.upTo(hi) - t.upTo(lo)) }

// upTo returns how many of the nodes below i are in the set.
func (t *tally) upTo(i int32) int32 {
	return t.before[i/64] + int32(bits.OnesCount64(t.bits[i/64]&(1<<(i%64)-1)))
}

// runningSums adds to each number all before it, and returns the last.
func runningSums(x []int32) int32 {
	sum := int32(0)
	for i := range x {
		sum += x[i]
		x[i] = sum
	}
	return sum
}

// exclusiveSums replaces each number by the sum of all before it.
func exclusiveSums(x []int32) {
	sum := int32(0)
	for i, n := range x {
		x[i] = sum
		sum += n
	}
}
