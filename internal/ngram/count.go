package ngram

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
		m.levels[k].sum()
	}
	for w := range l.symbols {
		if m.levels[1].c[w+1] > m.levels[1].c[w] {
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
	counts := level{c: make([]int32, b.Learner.symbols+1), a: make([]int32, b.Learner.symbols+1)}
	for t, w := range b.text {
		if b.depth[t] > 0 {
			counts.c[w]++
		}
	}
	return counts
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
	l.symbol, l.c = make([]int32, n), make([]int32, n+1)
	if k < b.order {
		l.a = make([]int32, n+1)
	}
	clear(up.first)
	i := int32(-1)
	b.grams(sorted, func(t int32, fresh bool) {
		if fresh {
			i++
			l.symbol[i] = b.text[t]
			up.first[b.node[t-1]+1]++
			up.a[b.node[t]]++ // one more symbol before the gram without its first symbol
		}
		l.c[i]++
		if k < b.order && int(b.depth[t]) == k-1 {
			l.a[i]++ // the unknown symbol before the section
		}
		b.child[t] = i
	})
	runningSums(up.first)
	b.node, b.child = b.child, b.node
}

// sort returns the positions where grams of k symbols end, by parent and symbol. It uses up.first as scratch memory.
func (b *builder) sort(k int, up *level) []int32 {
	up.first = make([]int32, len(up.c))
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

// sum computes the discounts of a level and turns its counts into running sums.
func (l *level) sum() {
	l.dc = discount(l.c)
	exclusiveSums(l.c)
	if l.a != nil {
		l.da = discount(l.a)
		exclusiveSums(l.a)
	}
}

// discount returns D for a list of counts.
func discount(counts []int32) float64 {
	var n1, n2 float64
	for _, c := range counts {
		switch c {
		case 1:
			n1++
		case 2:
			n2++
		}
	}
	if n1 == 0 || n2 == 0 {
		return Fallback
	}
	return n1 / (n1 + 2*n2)
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
