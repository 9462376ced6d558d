package compress

import (
	"math/bits"
	"unicode"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A mixer joins the network's prediction with what followed the same symbols earlier in the text, so that a network that learns as
// it reads need not learn every repetition by heart: context mixing (Mahoney 2005, "Adaptive weighing of context models for
// lossless data compression"). A symbol is coded as the bits of its number, the highest first. For each bit there are estimates
// p_i of the probability that it is 1: one for each context, one of an earlier place in the text that the text now repeats, and
// the network's. They are joined in the logistic domain,
//
//	x_i = ln(p_i/(1-p_i))    p = 1/(1+e^-sum_i w_i x_i)    w_i = w_i + rate (bit - p) x_i
//
// and p is refined by what came of such a p after the symbol before (secondary symbol estimation). All is float32 of products and
// sums that are rounded one by one, so that it is the same on every processor.
type mixer struct {
	depth   int                   // bits of a symbol's number
	sums    []uint32              // weights of the symbols below each node of the tree of bits; 1 is the root, 2n and 2n+1 are below n
	word    []bool                // by symbol: it is part of a word
	table   []uint32              // estimates
	rates   [mostSeen + 1]float32 // of an estimate that was seen so often
	logits  [1 << 12]float32      // ln(p/(1-p))
	streams []history
	weights [][inputs]float32 // by longest known context and depth
	x       [inputs]float32
	used    [contexts]int // places in table of the estimates at hand
	repeats [longestRepeat + 1]float32
	refined []float32
}

const (
	orders   = 7          // contexts of the last 0 to 6 symbols
	contexts = orders + 1 // and one of the word so far
	// Inputs beside those of the contexts.
	repeatInput  = contexts
	networkInput = contexts + 1
	biasInput    = contexts + 2
	inputs       = contexts + 3

	// A place in the table is 16 bits of probability, 8 of how often it was seen, 8 that tell contexts apart.
	tableBits = 23 // 32 MB
	mostSeen  = 60 // beyond that old symbols fade

	mixRate      = 0.002
	mixRateFirst = 0.02 // decays to mixRate
	mixDecay     = 20000
	refineRate   = 0.02
	refineSteps  = 33 // ln(p/(1-p)) from -8 to 8
	refineSlots  = 1 << 15

	leastProbability = 1.0 / (1 << 16)
	longestRepeat    = 63
	leastRepeat      = 5
	historySymbols   = 1 << 19 // of all streams
)

func newMixer(a *corpus.Alphabet, choices, streams int, how learning) *mixer {
	m := &mixer{depth: bits.Len(uint(choices - 1)), table: make([]uint32, 1<<tableBits), refined: make([]float32, refineSlots*refineSteps)}
	m.sums = make([]uint32, 2<<m.depth)
	m.word = make([]bool, choices)
	for i := range a.Size() {
		r, _ := utf8.DecodeRuneInString(a.Symbol(int32(i)))
		m.word[i] = a.Symbol(int32(i)) != "" && (unicode.IsLetter(r) || r == utf8.RuneError)
	}
	first := [inputs]float32{networkInput: 0.4}
	for i := range contexts {
		first[i] = 0.3
	}
	if how == fromModel {
		first = [inputs]float32{networkInput: 1}
	}
	m.weights = make([][inputs]float32, (orders+1)*(m.depth+1))
	for i := range m.weights {
		m.weights[i] = first
	}
	for i := range m.rates {
		m.rates[i] = 1 / (float32(i) + 1.6)
	}
	for i := range m.logits {
		p := (float32(i) + 0.5) / float32(len(m.logits))
		m.logits[i] = f32.Log1(p) - f32.Log1(1-p)
	}
	for i := range m.repeats {
		m.repeats[i] = 1 - 0.5/float32(i+1)
	}
	var curve [refineSteps]float32
	for i := range curve {
		curve[i] = float32(i-refineSteps/2) / 2
	}
	f32.Sigmoid(curve[:], curve[:])
	for i := range m.refined {
		m.refined[i] = curve[i%refineSteps]
	}
	m.streams = make([]history, streams)
	for s := range m.streams {
		size := 1 << (bits.Len(uint(historySymbols/streams)) - 1)
		m.streams[s] = newHistory(size)
	}
	return m
}

// choose codes symbol i as coder.choose does, given the odds of the network.
func (m *mixer) choose(c coder, s int, o *odds, i int32) int32 {
	h := &m.streams[s]
	guess := h.begin()
	m.sum(o.weights)
	before := h.back(1)
	node := uint32(1)
	for d := range m.depth {
		one, zero := m.sums[2*node+1], m.sums[2*node]
		bit := int(uint32(i) >> (m.depth - 1 - d) & 1)
		switch {
		case one == 0: // no symbol has a 1 here
			bit = 0
		case zero == 0:
			bit = 1
		default:
			expected := -1 // the bit that the repetition would have
			if full := uint32(guess) | 1<<m.depth; guess >= 0 && full>>(m.depth-d) == node {
				expected = int(full >> (m.depth - 1 - d) & 1)
			}
			bit = m.flip(c, h, mixing{node, d, before, expected, f32.Log1(float32(one)) - f32.Log1(float32(zero))}, bit)
			if expected >= 0 && bit != expected {
				h.long = 0
			}
		}
		node = node<<1 | uint32(bit)
	}
	i = int32(node - 1<<m.depth)
	h.add(i, m.word[i])
	return i
}

// sum adds up the weights of the symbols below each node.
func (m *mixer) sum(weights []uint32) {
	leaves := m.sums[1<<m.depth:]
	clear(leaves[copy(leaves, weights):])
	for n := 1<<m.depth - 1; n > 0; n-- {
		m.sums[n] = m.sums[2*n] + m.sums[2*n+1]
	}
}

// A mixing is what is known before a bit.
type mixing struct {
	node     uint32
	depth    int
	before   int32   // the symbol before
	expected int     // bit, or -1
	network  float32 // ln(p/(1-p))
}

// flip codes a bit.
func (m *mixer) flip(c coder, h *history, at mixing, bit int) int {
	longest := m.lookUp(h, at.node)
	m.x[networkInput], m.x[biasInput], m.x[repeatInput] = at.network, 0.3, 0
	long := min(h.long, longestRepeat)
	if at.expected >= 0 {
		x := m.logit(m.repeats[long])
		if at.expected == 0 {
			x = -x
		}
		m.x[repeatInput] = x
	}
	w := &m.weights[longest*m.depth+at.depth]
	var sum float32
	for i, x := range m.x {
		sum += float32(w[i] * x)
	}
	p := clamp(sigmoid(sum))
	refined, slot := m.refine(sum, at)
	bit = c.flip(uint32(clamp((p+refined)/2)*flipTotal), bit)

	y := float32(bit)
	rate := mixRate + mixRateFirst/(1+float32(h.n)/mixDecay)
	for i, x := range m.x {
		w[i] += float32(float32(rate*(y-p)) * x)
	}
	m.refined[slot] += float32(refineRate * (y - m.refined[slot]))
	if at.expected >= 0 {
		right := float32(0)
		if bit == at.expected {
			right = 1
		}
		m.repeats[long] += float32(0.01 * (right - m.repeats[long]))
	}
	m.learn(bit)
	return bit
}

// lookUp sets the inputs of the contexts, and returns the number of the longest that is known.
func (m *mixer) lookUp(h *history, node uint32) (longest int) {
	for i, hash := range h.hash {
		k := scatter(hash + node*0x9E3779B1)
		at, own := int(k>>(32-tableBits)), k&0xFF
		switch e := m.table[at]; {
		case e&0xFF == own:
		case m.table[at^1]&0xFF == own:
			at ^= 1
		default: // in place of the one seen less often
			if m.table[at^1]>>8&0xFF < e>>8&0xFF {
				at ^= 1
			}
			m.table[at] = 1<<31 | own
		}
		m.used[i] = at
		e := m.table[at]
		if m.x[i] = 0; e>>8&0xFF > 0 {
			m.x[i] = m.logits[e>>20]
			if i < orders {
				longest = i
			}
		}
	}
	return longest
}

// learn moves the estimates at hand towards the bit.
func (m *mixer) learn(bit int) {
	for _, at := range m.used {
		e := m.table[at]
		seen, p := e>>8&0xFF, float32(e>>16)
		y := float32(bit * 0xFFFF)
		p += float32(m.rates[seen] * (y - p))
		m.table[at] = uint32(p)<<16 | min(seen+1, mostSeen)<<8 | e&0xFF
	}
}

// refine returns what came of such a sum after the symbol before, and the slot that holds it.
func (m *mixer) refine(sum float32, at mixing) (p float32, slot int) {
	x := min(max(2*sum+refineSteps/2, 0), refineSteps-1.001)
	k := int(x)
	share := x - float32(k)
	base := int(scatter(uint32(at.before)<<16^at.node)&(refineSlots-1)) * refineSteps
	slot = base + k
	p = float32(m.refined[slot]*(1-share)) + float32(m.refined[slot+1]*share)
	if share > 0.5 {
		slot++
	}
	return p, slot
}

func (m *mixer) logit(p float32) float32 {
	return m.logits[min(int(p*float32(len(m.logits))), len(m.logits)-1)]
}

func clamp(p float32) float32 { return min(max(p, leastProbability), 1-leastProbability) }

func sigmoid(x float32) float32 {
	one := [1]float32{x}
	f32.Sigmoid(one[:], one[:])
	return one[0]
}
