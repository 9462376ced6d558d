// Package ngram holds n-gram models: they predict a symbol from the few symbols before it, by counting what followed those in
// a text. It knows symbols by number and no text.
//
// A model of order N is an interpolated modified Kneser-Ney model (Chen, Goodman 1998, section 3). With h the N-1 symbols
// before w, h' those without the first of them, and c(g) how often a gram g occurs,
//
//	p_N(w|h) = (c(hw) - D(c(hw)))/c(h.) + (D1 N1(h.) + D2 N2(h.) + D3 N3(h.))/c(h.) q_N-1(w|h')
//	q_k(w|h) = (a(hw) - D(a(hw)))/a(h.) + (D1 N1(h.) + D2 N2(h.) + D3 N3(h.))/a(h.) q_k-1(w|h')    for k = N-1 down to 1
//	q_0(w)   = 1/V
//
// where a(g) is the number of different symbols that g follows, c(h.) and a(h.) are sums over all w, and N1(h.), N2(h.) and
// N3(h.) are the numbers of symbols w for which the count of hw (c for p, a for q) is 1, 2, and 3 or more. If h was never
// followed by anything, the next shorter context decides. q does not depend on N, so one set of counts serves the models of
// all orders.
//
// D(0) = 0, D(1) = D1, D(2) = D2, and D of 3 or more is D3. Each order k has three of these for p_k and three for q_k. With n_i
// the number of grams of the order that have a count of i,
//
//	Y = n1/(n1 + 2 n2),  D_i = i - (i+1) Y n_i+1/n_i
//
// If n1, n2, n_i or n_i+1 is 0, as in a small alphabet or a tiny text, the text does not determine D_i; nor does it if the
// result is not above 0. D_i is then i/2: half of what is left of a gram that occurs i times.
//
// A text is learned in sections, such as the documents of a corpus or sentences, and no gram spans two of them. The symbol
// before a section is unknown and counts as a different one each time, so grams at the beginning of sections have the same
// weight in a as in c. A context at the beginning of a section that is shorter than N-1 symbols is used as it is, by q.
//
// A model of an alphabet with an escape predicts the escape like any other symbol.
package ngram

import "fmt"

// MaxOrder is the highest order of a model.
const MaxOrder = 8

// A Learner collects a text; Model counts it.
type Learner struct {
	symbols int // V
	order   int
	text    []int32
	depth   []uint8 // by symbol: the number of symbols before it in its section, at most order
}

// NewLearner returns a learner for an alphabet of size V and models up to an order. It panics unless the order
// is 1 to MaxOrder.
func NewLearner(symbols, order int) *Learner {
	if symbols < 1 || order < 1 || order > MaxOrder {
		panic(fmt.Sprintf("ngram: order %d of %d symbols", order, symbols))
	}
	return &Learner{symbols: symbols, order: order}
}

// Begin begins a section with a symbol that serves as context and is not itself predicted.
func (l *Learner) Begin(symbol int32) { l.add(symbol, 0) }

// Learn adds the next symbol of the section. It panics if none was begun.
func (l *Learner) Learn(symbol int32) { l.add(symbol, min(l.depth[len(l.depth)-1]+1, uint8(l.order))) }

func (l *Learner) add(symbol int32, depth uint8) {
	if uint(symbol) >= uint(l.symbols) {
		panic(fmt.Sprintf("ngram: symbol %d of an alphabet of %d", symbol, l.symbols))
	}
	l.text, l.depth = append(l.text, symbol), append(l.depth, depth)
}

// A Model is the n-gram models of all orders up to one. Any number of goroutines may read it.
type Model struct {
	symbols int     // V
	order   int     // the highest
	types   int     // number of different symbols learned
	levels  []level // [k] holds the grams of k symbols, 1 to order
}

// A level is the nodes of one depth of the trie, sorted by parent and then by symbol: the children of a node are neighbours
// in the level below. Level 1 has a node for every symbol of the alphabet, the others for grams that occur.
type level struct {
	symbol []int32 // [node] the gram's last; nil at level 1, where the node is the symbol
	first  []int32 // [node] first child in the next level, which ends where the next node's begin; nil at the last level
	c, a   counts  // a is empty at the last level
}

// counts are the counts of one kind, c or a, of a level. What is summed over the children of a node is the difference of two
// running sums.
type counts struct {
	sums       []int32    // [node] of the counts of all nodes before
	ones, twos tally      // the nodes with a count of 1 and of 2
	d          [4]float64 // D of a count: 0, 1, 2, 3 or more
}

// A tally is a set of nodes that knows how many of them lie in a range: 1.5 bits a node.
type tally struct {
	bits   []uint64
	before []int32 // [word of bits] how many lie in all words before
}

// Discounts returns D1, D2 and D3 of p_k, and those of q_k (0 at the highest order).
func (m *Model) Discounts(k int) (c, a [3]float64) {
	return [3]float64(m.levels[k].c.d[1:]), [3]float64(m.levels[k].a.d[1:])
}
