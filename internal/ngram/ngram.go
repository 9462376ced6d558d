// Package ngram holds n-gram models: they predict a symbol from the few symbols before it, by counting what followed
// those in a text. It knows numbers of symbols, no text.
//
// A model of order N is an interpolated Kneser-Ney model (Kneser, Ney 1995, in the form of Chen, Goodman 1998, section 2.7)
// with one discount for each order. With h the N-1 symbols before w, h' those without the first of them, and c(g) how often
// a gram g occurs,
//
//	p_N(w|h) = max(c(hw) - D, 0)/c(h.) + D N1+(h.)/c(h.) q_N-1(w|h')
//	q_k(w|h) = max(a(hw) - D, 0)/a(h.) + D N1+(h.)/a(h.) q_k-1(w|h')    for k = N-1 down to 1
//	q_0(w)   = 1/V
//
// where c(h.) and a(h.) are sums over all w, N1+(h.) is the number of different symbols that follow h, and a(g) = N1+(.g) the
// number of different symbols that g follows. After an h that was never followed by anything the next shorter one decides.
// q does not depend on N, so that one set of counts holds the models of all orders.
//
// D = n1/(n1+2 n2), where n1 and n2 say how many grams of the order have a count of 1 and of 2: of c for p, of a for q. If
// either is 0, as in a small alphabet or a tiny text, D is Fallback.
//
// A text is learned in stretches, and no gram spans two of them. What stands before a stretch is unknown, and counts as a
// different symbol each time: so grams that begin stretches, such as the documents of a corpus, weigh in a what they weigh in
// c. A context that begins with its stretch and is shorter than N-1 symbols is used as it is, by q.
package ngram

import "fmt"

// MaxOrder is the highest order of a model.
const MaxOrder = 8

// Fallback is the discount where the text does not tell one: half way between none and all of a gram that occurs once.
const Fallback = 0.5

// A Learner takes in a text. What it keeps is the text; Model counts.
type Learner struct {
	symbols int // V
	order   int
	text    []int32
	depth   []uint8 // by symbol: how many of its stretch stand before it, at most order
}

// NewLearner returns a learner for an alphabet of size V and models up to an order. It panics unless the order
// is 2 to MaxOrder.
func NewLearner(symbols, order int) *Learner {
	if symbols < 1 || order < 2 || order > MaxOrder {
		panic(fmt.Sprintf("ngram: order %d of %d symbols", order, symbols))
	}
	return &Learner{symbols: symbols, order: order}
}

// Begin begins a stretch with a symbol that is read and not learned: nothing says how likely it was.
func (l *Learner) Begin(symbol int32) { l.add(symbol, 0) }

// Learn takes in the next symbol of the stretch. It panics if none was begun.
func (l *Learner) Learn(symbol int32) { l.add(symbol, min(l.depth[len(l.depth)-1]+1, uint8(l.order))) }

func (l *Learner) add(symbol int32, depth uint8) {
	if uint(symbol) >= uint(l.symbols) {
		panic(fmt.Sprintf("ngram: symbol %d of an alphabet of %d", symbol, l.symbols))
	}
	l.text, l.depth = append(l.text, symbol), append(l.depth, depth)
}

// A Model is the models of all orders up to one. It may be read by several at a time.
type Model struct {
	symbols int     // V
	order   int     // the highest
	types   int     // different symbols that were learned
	levels  []level // [k] holds the grams of k symbols, 1 to order
}

// A level is the trie's nodes of one depth. Node numbers rise by parent and then by symbol, so that the children of a node
// are neighbours in the level below, and sums over them are differences of two running sums. Level 1 has a node for every
// symbol of the alphabet, the others for grams that occur.
type level struct {
	symbol []int32 // [node] the gram's last; nil at level 1, where the node is the symbol
	first  []int32 // [node] first child in the next level, which ends where the next node's begin; nil at the last level
	c, a   []int32 // [node] sums over all nodes before; a is nil at the last level
	dc, da float64 // D for c and for a
}

// Order returns the highest order.
func (m *Model) Order() int { return m.order }

// Discounts returns D of the model of order k, and of what lower orders add to those above k (0 at the highest).
func (m *Model) Discounts(k int) (c, a float64) { return m.levels[k].dc, m.levels[k].da }
