package score

import (
	"math"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

// Extras say what a Scorer tells of each symbol beside its bits. All come from the prediction before the symbol.
type Extras struct {
	Entropy bool // fill Symbol.Entropy and Symbol.Excess
	Rank    bool // fill Symbol.Rank
	End     bool // fill Symbol.End and Symbol.Ends
	Top     int  // fill Symbol.Top with that many of the likeliest symbols
}

// An Alternative is a symbol that the model considered in place of the actual one. The escape stands for every symbol that the
// alphabet lacks.
type Alternative struct {
	ID   int32
	Bits Bits // without the spelling of the escape
}

// A measurer tells of symbols what extras say. One goroutine may use it at a time.
type measurer struct {
	alphabet *corpus.Alphabet
	extras   Extras
	ends     *ends     // nil unless wanted
	p        []float32 // [V] the prediction, if Entropy is wanted
	row      []float32 // [V] room, if End is wanted
	order    []int32
	best     []Alternative
}

func newMeasurer(a *corpus.Alphabet, extras Extras) measurer {
	m := measurer{alphabet: a, extras: extras}
	m.extras.Top = min(extras.Top, a.Size())
	if extras.End {
		m.ends = newEnds(a)
	}
	m.makeRoom()
	return m
}

func (s *measurer) makeRoom() {
	if s.extras.Entropy {
		s.p = make([]float32, s.alphabet.Size())
	}
	if s.extras.End {
		s.row = make([]float32, s.alphabet.Size())
	}
}

// clone returns one that another goroutine may use.
func (s *measurer) clone() measurer {
	c := *s
	c.order, c.best = nil, nil
	c.makeRoom()
	return c
}

// notFinite is the ID that symbol returns where weights give no finite probability.
const notFinite = -1

// symbol scores the symbol that a time step predicted, given its logits. Top is valid until the next one.
func (s *measurer) symbol(logits []float32, steps *corpus.Steps, t int) Symbol {
	id := steps.Y[t]
	var max, ln float32
	if s.extras.Entropy {
		max, ln = f32.SoftmaxLogSumExp(s.p, logits)
	} else {
		max, ln = f32.LogSumExp(logits)
	}
	nats := ln - (logits[id] - max)
	if !(nats <= math.MaxFloat32) { // which NaN is not
		return Symbol{ID: notFinite}
	}
	x := Symbol{ID: id, Text: steps.Text[t], Previous: steps.X[t], Bits: natsToBits(nats)}
	if steps.Starts[t] {
		x.Previous = -1
	}
	if id == s.alphabet.Escape() {
		x.Spelling = RoundBits(s.alphabet.SpellingBits(string(x.Text)))
		x.Bits = x.Bits.Plus(x.Spelling)
	}
	if s.extras.Entropy {
		x.Entropy = RoundBits(entropy(logits, s.p, max, ln) * math.Log2E)
		if x.Excess = MaxBits; x.Bits < MaxBits { // else there are at least so many
			x.Excess = x.Bits.Plus(-x.Entropy)
		}
	}
	if s.extras.Rank {
		x.Rank = rank(logits, id)
	}
	if s.extras.End {
		ending := s.ends.of(x.Previous)
		x.End, x.Ends = natsToBits(ending.nats(logits, max, ln, s.row)), ending.has(id)
	}
	if s.extras.Top > 0 {
		x.Top = s.alternatives(logits, max, ln)
	}
	return x
}

// logitBlock is how many logits are passed by at once where the greatest of them is too small.
const logitBlock = 128

// rank returns 1 for the likeliest symbol, 2 for the next; ties go to the lower number.
func rank(logits []float32, id int32) int {
	return 1 + countAbove(logits[:id], logits[id], true) + countAbove(logits[id:], logits[id], false)
}

// countAbove returns how many logits are above a limit, or equal to it if equals count. It adds 0 or 1 without a branch, which
// nobody could predict.
func countAbove(logits []float32, limit float32, equals bool) (n int) {
	for block := range slices.Chunk(logits, logitBlock) {
		greatest := f32.Max(block)
		switch {
		case greatest < limit || greatest == limit && !equals:
		case equals:
			for _, logit := range block {
				one := 0
				if logit >= limit {
					one = 1
				}
				n += one
			}
		default:
			for _, logit := range block {
				one := 0
				if logit > limit {
					one = 1
				}
				n += one
			}
		}
	}
	return n
}

// alternatives returns the likeliest symbols, given LogSumExp of the logits.
func (s *measurer) alternatives(logits []float32, max, ln float32) []Alternative {
	s.order, s.best = f32.Greatest(s.order[:0], logits, s.extras.Top), s.best[:0]
	for _, id := range s.order {
		s.best = append(s.best, Alternative{id, natsToBits(ln - (logits[id] - max))})
	}
	return s.best
}

// entropy returns the entropy of a prediction p in nats, given the logits z, with their LogSumExp:
//
//	sum_i p_i -ln p_i = ln + sum_i p_i (max - z_i)
//
// Four sums that do not wait for each other are added in the end.
func entropy(z, p []float32, max, ln float32) float64 {
	var a, b, c, d float64
	z = z[:len(p)]
	i := 0
	for ; i+4 <= len(p); i += 4 {
		p, z := p[i:i+4:i+4], z[i:i+4:i+4]
		a += float64(float64(p[0]) * below(max, z[0]))
		b += float64(float64(p[1]) * below(max, z[1]))
		c += float64(float64(p[2]) * below(max, z[2]))
		d += float64(float64(p[3]) * below(max, z[3]))
	}
	for ; i < len(p); i++ {
		a += float64(float64(p[i]) * below(max, z[i]))
	}
	return float64(ln) + ((a + b) + (c + d))
}

// below returns max - z, or a finite number where the probability is 0.
func below(max, z float32) float64 {
	if d := max - z; d < 1000 {
		return float64(d)
	}
	return 0
}

// ends are the symbols that begin with white space, after a symbol that implies a space before a word and after another.
//
// A model of words predicts "the" with its space where one is implied, and the missing space, "", where there is none. So all
// words begin with white space there, and so does the escape, which mostly stands for a word. Elsewhere the escape does not.
type ends struct {
	plain  spans
	spaced spans
	after  []bool // [V], whether the symbol implies a space
}

// spans are runs of symbols, each from a number up to another, ascending. (Symbols are ordered by their text, so that words
// make few runs.)
type spans [][2]int32

func newEnds(a *corpus.Alphabet) *ends {
	e := &ends{after: make([]bool, a.Size())}
	spacer := int32(-1)
	for id := range int32(a.Size()) {
		if e.after[id] = a.ImpliesSpace(id); e.after[id] && spacer < 0 {
			spacer = id
		}
	}
	for id := range int32(a.Size()) {
		if a.BeginsWithSpace(a.Piece(-1, id)) {
			e.plain = e.plain.add(id)
		}
		if spacer >= 0 && (id == a.Escape() || a.BeginsWithSpace(a.Piece(spacer, id))) {
			e.spaced = e.spaced.add(id)
		}
	}
	return e
}

func (s spans) add(id int32) spans {
	if n := len(s); n > 0 && s[n-1][1] == id {
		s[n-1][1]++
		return s
	}
	return append(s, [2]int32{id, id + 1})
}

func (s spans) has(id int32) bool {
	for _, r := range s {
		if id < r[1] {
			return id >= r[0]
		}
	}
	return false
}

// of returns the symbols that begin with white space after the symbol previous, -1 where a text begins.
func (e *ends) of(previous int32) spans {
	if previous >= 0 && e.after[previous] {
		return e.spaced
	}
	return e.plain
}

// nats returns -ln of the probability of the symbols together, given z, the logits of all, with their LogSumExp, max and ln;
// room, [V], is overwritten. With M the greatest logit of the symbols, it is
//
//	(ln - (M - max)) - ln sum_(i in s) e^(z_i - M)
//
// The first term is the surprisal of the likeliest of them. So, rounded or not, it is at most that of any.
func (s spans) nats(z []float32, max, ln float32, room []float32) float32 {
	n := 0
	for _, r := range s {
		n += copy(room[n:], z[r[0]:r[1]])
	}
	own, lnOwn := f32.LogSumExp(room[:n])
	if math.IsInf(float64(own), -1) { // there is none, or none is possible
		return float32(math.Inf(1))
	}
	if nats := ln - (own - max) - lnOwn; nats > 0 {
		return nats
	}
	return 0
}
