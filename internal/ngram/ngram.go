// Package ngram holds n-gram models: they predict a symbol from the few symbols before it, by counting what followed those in
// a text. It knows symbols by number and no text.
//
// A model of order N is an interpolated Kneser-Ney model (Kneser, Ney 1995, in the form of Chen, Goodman 1998, section 2.7)
// with one discount for each order. With h the N-1 symbols before w, h' those without the first of them, and c(g) how often
// a gram g occurs,
//
//	p_N(w|h) = max(c(hw) - D, 0)/c(h.) + D N1+(h.)/c(h.) q_N-1(w|h')
//	q_k(w|h) = max(a(hw) - D, 0)/a(h.) + D N1+(h.)/a(h.) q_k-1(w|h')    for k = N-1 down to 1
//	q_0(w)   = 1/V
//
// where c(h.) and a(h.) are sums over all w, N1+(h.) is the number of different symbols that follow h, and a(g) = N1+(.g)
// the number of different symbols that g follows. If h was never followed by anything, the next shorter context decides. q
// does not depend on N, so one set of counts serves the models of all orders.
//
// D = n1/(n1+2 n2), where n1 and n2 are the numbers of grams of the order with a count of 1 and of 2: of c for p, of a for
// q. If either is 0, as in a small alphabet or a tiny text, D is Fallback.
//
// A text is learned in sections, such as the documents of a corpus, and no gram spans two of them. The symbol before a
// section is unknown and counts as a different one each time, so grams at the beginning of sections have the same weight in
// a as in c. A context at the beginning of a section that is shorter than N-1 symbols is used as it is, by q.
package ngram

import "fmt"

// MaxOrder is the highest order of a model.
const MaxOrder = 8

// Fallback is the discount if the text determines none: half the count of a gram that occurs once.
const Fallback = 0.5

// A Learner collects a text; Model counts it.
type Learner struct {
	symbols int // V
	order   int
	text    []int32
	depth   []uint8 // by symbol: the number of symbols before it in its section, at most order
}

// NewLearner returns a learner for an alphabet of size V and models up to an order. It panics unless the order
// is 2 to MaxOrder.
func NewLearner(symbols, order int) *Learner {
	if symbols < 1 || order < 2 || order > MaxOrder {
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
// in the level below, and sums over them are differences of two running sums. Level 1 has a node for every symbol of the
// alphabet, the others for grams that occur.
type level struct {
	symbol []int32 // [node] the gram's last; nil at level 1, where the node is the symbol
	first  []int32 // [node] first child in the next level, which ends where the next node's begin; nil at the last level
	c, a   []int32 // [node] sums over all nodes before; a is nil at the last level
	dc, da float64 // D for c and for a
}

// Discounts returns D of p_k, and D of q_k (0 at the highest order).
func (m *Model) Discounts(k int) (c, a float64) { return m.levels[k].dc, m.levels[k].da }
