package corpus

import "container/heap"

// A pairCount is how often a pair of neighbours occurs, and the words that had it once.
type pairCount struct {
	n     int64
	words []int32
}

// A merger learns the merges of an alphabet from pre-tokens with their counts. Each merge is of the pair that occurs most often;
// of equals, of the one with the lowest left, then right symbol. So the result does not depend on the order of the pre-tokens.
type merger struct {
	words  [][]int32 // the symbols of each pre-token
	counts []int64
	pairs  map[symbolPair]*pairCount
	queue  pairQueue
}

// learnMerges returns at most so many merges, each of a pair that occurs at least this often.
func learnMerges(preTokens map[string]*int64, most int, least int64) []symbolPair {
	m := &merger{pairs: map[symbolPair]*pairCount{}}
	for text, n := range preTokens {
		if *n <= 0 || len(text) < 2 {
			continue
		}
		word := make([]int32, len(text))
		for i := range len(text) {
			word[i] = int32(text[i])
		}
		m.words, m.counts = append(m.words, word), append(m.counts, *n)
		m.count(int32(len(m.words)-1), 1, -1)
	}
	for p, c := range m.pairs {
		m.queue = append(m.queue, queued{p, c.n})
	}
	heap.Init(&m.queue)
	var merges []symbolPair
	for len(merges) < most {
		p, ok := m.best(least)
		if !ok {
			break
		}
		merges = append(merges, p)
		m.merge(p, int32(fewestSubwords+len(merges)-1))
	}
	return merges
}

// count adds the pairs of word i, or with sign -1 takes them away. It notes which pairs of the fresh symbol, or with -1 of any,
// the word has.
func (m *merger) count(i int32, sign int64, fresh int32) {
	word, n := m.words[i], sign*m.counts[i]
	for k := 1; k < len(word); k++ {
		p := symbolPair{word[k-1], word[k]}
		c := m.pairs[p]
		if c == nil {
			c = &pairCount{}
			m.pairs[p] = c
		}
		if c.n += n; fresh < 0 || p.left == fresh || p.right == fresh {
			if len(c.words) == 0 || c.words[len(c.words)-1] != i {
				c.words = append(c.words, i)
			}
		}
	}
}

// best returns the pair to merge, if one occurs often enough. Counts in the queue may be too high, but never too low.
func (m *merger) best(least int64) (p symbolPair, ok bool) {
	for len(m.queue) > 0 {
		top := &m.queue[0]
		now := int64(0)
		if c := m.pairs[top.symbolPair]; c != nil {
			now = c.n
		}
		switch {
		case now < least:
			heap.Pop(&m.queue)
		case now < top.n:
			top.n = now
			heap.Fix(&m.queue, 0)
		default:
			return heap.Pop(&m.queue).(queued).symbolPair, true
		}
	}
	return p, false
}

// merge makes a pair one symbol in all words that have it.
func (m *merger) merge(p symbolPair, symbol int32) {
	words := m.pairs[p].words
	fresh := map[symbolPair]bool{}
	for _, i := range words {
		word := m.words[i]
		if !has(word, p) { // any more
			continue
		}
		m.count(i, -1, symbol)
		merged := word[:0]
		for k := 0; k < len(word); k++ {
			if k+1 < len(word) && word[k] == p.left && word[k+1] == p.right {
				merged = append(merged, symbol)
				k++
			} else {
				merged = append(merged, word[k])
			}
		}
		m.words[i] = merged
		m.count(i, 1, symbol)
		for k := 1; k < len(merged); k++ {
			if merged[k-1] == symbol || merged[k] == symbol {
				fresh[symbolPair{merged[k-1], merged[k]}] = true
			}
		}
	}
	delete(m.pairs, p)
	for q := range fresh {
		heap.Push(&m.queue, queued{q, m.pairs[q].n})
	}
}

func has(word []int32, p symbolPair) bool {
	for k := 1; k < len(word); k++ {
		if word[k-1] == p.left && word[k] == p.right {
			return true
		}
	}
	return false
}

// A pairQueue is a heap of pairs with their counts, the one to merge next on top.
type pairQueue []queued

type queued struct {
	symbolPair
	n int64
}

func (q pairQueue) Len() int      { return len(q) }
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q pairQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	switch {
	case a.n != b.n:
		return a.n > b.n
	case a.left != b.left:
		return a.left < b.left
	}
	return a.right < b.right
}
func (q *pairQueue) Push(x any) { *q = append(*q, x.(queued)) }
func (q *pairQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
