package corpus

import "unsafe"

// Memory returns the bytes that c takes: the alphabet, the indices, the text if it is in memory, and the buffers of this many
// streams; and those of the texts to validate and test on, of as many streams.
func (c *Corpus) Memory(streams int) int64 {
	n := c.Alphabet.memory() + c.memory(streams)
	for _, other := range []*Corpus{c.valid, c.test} {
		if other != nil {
			n += other.memory(streams)
		}
	}
	return n
}

// memory returns what the text alone takes.
func (c *Corpus) memory(streams int) int64 {
	n := 8 * int64(cap(c.index))
	if c.documents != nil {
		n += 8 * int64(cap(c.documents.index))
	}
	buffers := int64(0)
	for i := range c.text.parts {
		p := &c.text.parts[i]
		if n += int64(cap(p.bytes)) + 8*int64(cap(p.sums)); p.file != nil {
			buffers = int64(streams) * mostBlocks * blockSize
		}
	}
	return n + buffers
}

// memory returns the bytes that the alphabet takes.
func (a *Alphabet) memory() int64 {
	n := len(a.symbols.text) + 4*(cap(a.symbols.ends)+cap(a.codes)+cap(a.words.slots)) + 2*cap(a.ranks.pages)
	if s := a.sub; s != nil {
		n += 8*cap(s.merges) + 4*cap(s.slots) + len(s.cache)*(8+longestOfCached+int(unsafe.Sizeof(segmented{})))
	}
	return int64(n) + int64(unsafe.Sizeof(block{}))*int64(cap(a.ranks.block))
}
