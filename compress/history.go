package compress

// A history is what a stream has read.
type history struct {
	ring  []int32 // the last symbols; its length is a power of 2
	n     int64   // symbols read
	word  uint32  // hash of the word so far
	hash  [contexts]uint32
	table []int64 // where in the text leastRepeat symbols were last seen, by their hash
	from  int64   // the text repeats what it was there; 0 if it repeats nothing
	long  int64   // for so many symbols
}

// scatter is a hash of 32 bits: the finalizer of MurmurHash3 (Appleby 2011).
func scatter(x uint32) uint32 {
	x = (x ^ x>>16) * 0x85EBCA6B
	x = (x ^ x>>13) * 0xC2B2AE35
	return x ^ x>>16
}

func newHistory(size int) history {
	return history{ring: make([]int32, size), table: make([]int64, size/4)}
}

// back returns the symbol k before the next, 0 before the beginning.
func (h *history) back(k int64) int32 {
	if k > h.n {
		return 0
	}
	return h.at(h.n - k)
}

func (h *history) at(i int64) int32 { return h.ring[i&int64(len(h.ring)-1)] }

// begin makes the contexts of the next symbol, and returns the symbol that would go on with a repetition, or -1.
func (h *history) begin() int32 {
	var hash uint32
	for i := range orders {
		if i > 0 {
			hash = scatter(hash + uint32(h.back(int64(i))) + 1)
		}
		h.hash[i] = hash + uint32(i)*0x3C6EF372
	}
	h.hash[orders] = h.word + 0x5851F42D
	return h.repeat()
}

// repeat finds where the last symbols were seen before.
func (h *history) repeat() int32 {
	if h.n < leastRepeat {
		return -1
	}
	var hash uint32
	for k := int64(1); k <= leastRepeat; k++ {
		hash = scatter(hash + uint32(h.back(k)) + 1)
	}
	place := &h.table[hash&uint32(len(h.table)-1)]
	if h.long == 0 {
		h.from = *place
		for h.long < longestRepeat && h.long < h.from && h.n-h.from+h.long < int64(len(h.ring)) && h.at(h.from-1-h.long) == h.back(h.long+1) {
			h.long++
		}
		if h.long < leastRepeat {
			h.long = 0
		}
	}
	*place = h.n
	if h.long == 0 || h.n-h.from >= int64(len(h.ring)) {
		h.long = 0
		return -1
	}
	return h.at(h.from)
}

// add takes in the next symbol.
func (h *history) add(i int32, word bool) {
	if h.long > 0 && h.at(h.from) == i {
		h.from++
		h.long = min(h.long+1, longestRepeat)
	} else {
		h.long = 0
	}
	h.ring[h.n&int64(len(h.ring)-1)] = i
	h.n++
	if word {
		h.word = scatter(h.word + uint32(i) + 1)
	} else {
		h.word = 0
	}
}
