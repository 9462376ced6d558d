package compress

import "github.com/seed-f4dd853e/elman/internal/f32"

// Odds are the probabilities of all symbols as whole numbers, the same on every processor:
//
//	weight = 1 + floor(2^30 p)
//
// where p is the float32 of f32.Softmax, and 2^30 p is exact. Since each weight is at least 1 any symbol can be coded, and since
// what they add up to is near 2^30 this costs V 2^-30 / ln 2 bits for each symbol.
type odds struct {
	p       []float32
	weights []uint32 // of the symbols, and perhaps of the unknown symbol after them
	total   uint64
}

const certain = 1 << 30 // weight of a symbol that is certain

func newOdds(V int, lacks bool) *odds {
	o := &odds{p: make([]float32, V), weights: make([]uint32, V)}
	if lacks {
		o.weights = make([]uint32, V+1)
	}
	return o
}

// set takes the logits of one time step, and the weight of the unknown symbol. It reports whether the logits are finite.
func (o *odds) set(logits []float32, unknown uint32) bool {
	f32.Softmax(o.p, logits)
	if o.p[0] != o.p[0] {
		return false
	}
	var total uint64
	weights := o.weights[:len(o.p)]
	for i, p := range o.p {
		w := uint32(int32(p*certain)) + 1
		weights[i] = w
		total += uint64(w)
	}
	if len(o.weights) > len(o.p) {
		o.weights[len(o.p)] = unknown
		total += uint64(unknown)
	}
	o.total = total
	return true
}

// An unknown is how probable it is that a closed alphabet lacks the next symbol. The network knows of no such symbol.
type unknown struct {
	since int // symbols that the alphabet had since the last one
}

// mostSince makes the unknown symbol as rare as 2^-17, which costs known ones 0.00001 bits.
const mostSince = 16

func (u *unknown) weight() uint32 { return certain >> 1 >> u.since }

// follow takes in the next symbol.
func (u *unknown) follow(lacks bool) {
	if u.since++; lacks {
		u.since = 0
	}
	u.since = min(u.since, mostSince)
}
