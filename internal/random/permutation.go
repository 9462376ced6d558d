package random

import (
	"math/bits"
	"math/rand/v2"
)

// A Permutation is a random order of the numbers below n, without a list in memory: a Feistel network (Luby and Rackoff
// 1988) over an even number of bits, at least 8, in which n fits, applied repeatedly until the result is below n (cycle
// walking; Black and Rogaway 2002).
type Permutation struct {
	n    uint64
	half uint // bits
	keys [6]uint64
}

// NewPermutation draws a permutation of n numbers, n at least 1.
func NewPermutation(r *rand.Rand, n uint64) *Permutation {
	p := &Permutation{n: n, half: uint(max(4, (bits.Len64(n-1)+1)/2))} // with fewer bits some orders are rare
	for i := range p.keys {
		p.keys[i] = r.Uint64()
	}
	return p
}

// At returns the number at position i, below n, of the order.
func (p *Permutation) At(i uint64) uint64 {
	for {
		left, right := i>>p.half, i&(1<<p.half-1)
		for _, key := range p.keys {
			left, right = right, left^mix(right+key)&(1<<p.half-1)
		}
		if i = left<<p.half | right; i < p.n {
			return i
		}
	}
}

// mix scatters the bits of x: the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
