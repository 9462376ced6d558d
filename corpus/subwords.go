package corpus

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"sync/atomic"
	"unicode/utf8"
)

// Subwords are byte-level BPE (Sennrich, Haddow, Birch 2016; on bytes as in Radford et al. 2019). Symbols 0 to 255 are the bytes;
// each later one is two earlier symbols put together, in the order in which they were learned. A text is cut into pre-tokens,
// each at most one word long, and in each the symbols are merged: of all neighbours that make a symbol always those that make the
// earliest one, the leftmost first. So a text has one segmentation, and no symbol reaches beyond a pre-token.
//
// A pre-token is
//
//   - a line break (\n), alone;
//   - a word, as words.go has it, with one space before it if there is one;
//   - a run of characters that are neither blank nor letters, digits or marks, with one space before it if there is one; bytes that
//     are no UTF-8 are such characters;
//   - a run of blanks (space, \t, \v, \f, \r) without the space that belongs to what follows.
//
// One of more than 64 bytes is cut after 64, or up to 3 bytes before, where a character ends; what follows is cut as if it began
// there. docs/words.md tells users the same. Models depend on these rules, so they cannot change.

// The size of an alphabet of subwords.
const (
	DefaultSubwords = 4000
	MostSubwords    = 1 << 20
)

const (
	longestPreToken = 64
	// longestLower is the longest pre-token in lower case, where two bytes may become three.
	longestLower = longestPreToken / 2 * 3
	// preTokenReach is how many bytes decide where a pre-token ends.
	preTokenReach = longestPreToken + wordReach

	fewestSubwords   = 256     // the bytes
	leastPairs       = 2       // a pair that occurs once is not merged
	cachedPreTokens  = 1 << 13 // a power of two
	longestOfCached  = 32      // bytes
	mostCachedPieces = 8
)

// preToken returns the length of the first pre-token of b, which is not empty. It is certain if there are wordReach bytes after
// it, or preTokenReach in all, or the text ends.
func preToken(b []byte) int {
	b = b[:min(len(b), preTokenReach)]
	if b[0] == '\n' {
		return 1
	}
	i := 0
	if b[0] == ' ' && len(b) > 1 && !isBlank(b[1]) {
		i = 1
	}
	if isBlank(b[i]) {
		for i < len(b) && isBlank(b[i]) && b[i] != '\n' {
			i++
		}
		if i > 1 && i < len(b) && b[i] != '\n' && b[i-1] == ' ' {
			i--
		}
		return min(i, longestPreToken)
	}
	if n := wordLength(b[i:]); n > 0 {
		i += n
	} else {
		i = skipMarks(b, i)
	}
	if i <= longestPreToken {
		return i
	}
	for n := longestPreToken; n > longestPreToken-utf8.UTFMax; n-- {
		if utf8.RuneStart(b[n]) {
			return n
		}
	}
	return longestPreToken
}

// skipMarks returns where the run of characters that are neither blank nor part of words ends.
func skipMarks(b []byte, i int) int {
	for i < len(b) && !isBlank(b[i]) {
		r, size := utf8.DecodeRune(b[i:])
		if isWordRune(r) {
			break
		}
		i += size
	}
	return i
}

func isBlank(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }

// A symbolPair is two symbols that are merged.
type symbolPair struct{ left, right int32 }

// subwords are what an alphabet of subwords has beside its symbols.
type subwords struct {
	merges []symbolPair // of symbols 256, 257...
	slots  []int32
	factor uint64 // odd, random in each process: it changes only the slots
	shift  uint8
	// cache has segmentations of pre-tokens that are no symbols. Each slot takes the first that comes, for ever: common words
	// come early, and memory stays bounded.
	cache []atomic.Pointer[segmented]
}

type segmented struct {
	text string
	n    int
	ids  [mostCachedPieces]int32
}

// newSubwords makes the tables of merges, which make symbols 256, 257...
func newSubwords(merges []symbolPair) *subwords {
	bits := 1
	for 1<<bits < len(merges)+len(merges)/2 {
		bits++
	}
	s := &subwords{merges, make([]int32, 1<<bits), rand.Uint64() | 1, uint8(64 - bits), make([]atomic.Pointer[segmented], cachedPreTokens)}
	for i, p := range merges {
		h := s.hash(p)
		for s.slots[h] != 0 {
			h = (h + 1) & (len(s.slots) - 1)
		}
		s.slots[h] = int32(i + 1)
	}
	return s
}

func (s *subwords) hash(p symbolPair) int {
	return int((uint64(uint32(p.left))<<32 | uint64(uint32(p.right))) * s.factor >> s.shift)
}

const unmerged = math.MaxInt32

// merge returns the symbol that two make, unmerged if none.
func (s *subwords) merge(left, right int32) int32 {
	p := symbolPair{left, right}
	for h := s.hash(p); s.slots[h] != 0; h = (h + 1) & (len(s.slots) - 1) {
		if i := s.slots[h] - 1; s.merges[i] == p {
			return fewestSubwords + i
		}
	}
	return unmerged
}

// segment writes the symbols of a pre-token, of at most longestLower bytes, to ids, and returns their number.
func (s *subwords) segment(text []byte, ids *[longestLower]int32) int {
	var made [longestLower]int32 // made[i] is what symbols i and i+1 make
	n := len(text)
	for i, b := range text {
		ids[i] = int32(b)
		if i > 0 {
			made[i-1] = s.merge(ids[i-1], ids[i])
		}
	}
	for n > 1 {
		at := 0
		for i := 1; i < n-1; i++ {
			if made[i] < made[at] {
				at = i
			}
		}
		if made[at] == unmerged {
			break
		}
		ids[at] = made[at]
		n--
		copy(ids[at+1:n], ids[at+2:])
		copy(made[at:n-1], made[at+1:])
		if at > 0 {
			made[at-1] = s.merge(ids[at-1], ids[at])
		}
		if at < n-1 {
			made[at] = s.merge(ids[at], ids[at+1])
		}
	}
	return n
}

// preSymbols are the symbols of a pre-token that a cursor reads.
type preSymbols struct {
	next, n int // those read, and all; both are 0 between pre-tokens
	read    int // bytes read
	ids     [longestLower]int32
	sizes   [longestLower]uint8 // in the text that is read
}

// subword takes one symbol off rest, which is not empty.
func (c *cursor) subword() int32 {
	p := &c.pre
	if p.n == 0 {
		c.segment()
	}
	id, size := p.ids[p.next], int(p.sizes[p.next])
	c.rest = c.rest[size:]
	if p.next, p.read = p.next+1, p.read+size; p.next == p.n {
		p.next, p.n, p.read = 0, 0, 0
	}
	return id
}

// segment finds the symbols of the next pre-token.
func (c *cursor) segment() {
	if len(c.rest) < preTokenReach {
		c.complete()
	}
	text := c.rest[:preToken(c.rest)]
	var room [longestLower]byte
	read := text
	if c.a.lower {
		read = appendLower(room[:0], text)
	}
	p := &c.pre
	if id, ok := c.a.words.find(c.a.symbols, read); ok { // each symbol is the segmentation of its own text
		p.ids[0], p.n = id, 1
	} else {
		p.n = c.a.pieces(read, &p.ids)
	}
	for i, id := range p.ids[:p.n] {
		p.sizes[i] = uint8(c.a.symbols.size(int(id)))
	}
	if len(read) != len(text) {
		c.pre.measure(text)
	}
}

// pieces is subwords.segment, from the cache if it is there.
func (a *Alphabet) pieces(text []byte, ids *[longestLower]int32) int {
	if len(text) > longestOfCached {
		return a.sub.segment(text, ids)
	}
	slot := &a.sub.cache[a.words.hash(text)&(cachedPreTokens-1)]
	if known := slot.Load(); known != nil && known.text == string(text) {
		copy(ids[:], known.ids[:known.n])
		return known.n
	} else if n := a.sub.segment(text, ids); known != nil || n > mostCachedPieces {
		return n
	} else {
		s := &segmented{text: string(text), n: n}
		copy(s.ids[:], ids[:n])
		slot.CompareAndSwap(nil, s)
		return n
	}
}

// measure corrects sizes, which are those in lower case, to those in the text. A symbol that ends within a character gets its
// bytes in the text up to there, but never the last, so that the last symbol of a pre-token is not empty.
func (p *preSymbols) measure(text []byte) {
	var ends [longestLower + 1]uint8 // of the first n bytes in lower case
	var room [utf8.UTFMax]byte
	n := 0
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRune(text[i:])
		low := len(appendLower(room[:0], text[i:i+size]))
		for k := 1; k < low; k++ {
			ends[n+k] = uint8(i + min(k, size-1))
		}
		n, i = n+low, i+size
		ends[n] = uint8(i)
	}
	end, before := 0, uint8(0)
	for i := range p.n {
		end += int(p.sizes[i])
		p.sizes[i], before = ends[end]-before, ends[end]
	}
}

// pairs returns the merges in numbers: left and right symbol of each.
func (s *subwords) pairs() []int32 {
	if s == nil {
		return nil
	}
	numbers := make([]int32, 0, 2*len(s.merges))
	for _, p := range s.merges {
		numbers = append(numbers, p.left, p.right)
	}
	return numbers
}

// subwords makes an alphabet of subwords: n must be the bytes, and what merges make of them.
func (n names) subwords(lower bool, merges []int32) (*Alphabet, error) {
	if n.len() < fewestSubwords || n.len() > MostSubwords || len(merges) != 2*(n.len()-fewestSubwords) {
		return nil, fmt.Errorf("%d subwords with %d numbers of merges: there must be the 256 bytes first, two numbers for each other, and at most %d",
			n.len(), len(merges), MostSubwords)
	}
	for b := range fewestSubwords {
		if n.at(b) != string([]byte{byte(b)}) {
			return nil, fmt.Errorf("subword %d is %.20q, must be the byte %d", b, n.at(b), b)
		}
	}
	pairs := make([]symbolPair, 0, len(merges)/2)
	for i := fewestSubwords; i < n.len(); i++ {
		p := symbolPair{merges[0], merges[1]}
		merges = merges[2:]
		if uint32(p.left) >= uint32(i) || uint32(p.right) >= uint32(i) {
			return nil, fmt.Errorf("subword %d is merged from %d and %d, which are not before it", i, p.left, p.right)
		}
		if s := n.at(i); len(s) > longestLower || s != n.at(int(p.left))+n.at(int(p.right)) {
			return nil, fmt.Errorf("subword %d is %.20q, and is merged from %.20q and %.20q; it has at most %d bytes",
				i, s, n.at(int(p.left)), n.at(int(p.right)), longestLower)
		}
		pairs = append(pairs, p)
	}
	a := &Alphabet{kind: Subwords, lower: lower, symbols: n, words: newWordTable(n), sub: newSubwords(pairs)}
	var ids [longestLower]int32
	for i := fewestSubwords; i < n.len(); i++ {
		if a.sub.segment([]byte(n.at(i)), &ids) != 1 || ids[0] != int32(i) {
			return nil, fmt.Errorf("subword %d, %.20q, is not what the merges make of its bytes", i, n.at(i))
		}
	}
	return a, nil
}

// bytesAlone returns the alphabet of subwords without merges.
func bytesAlone(lower bool) *Alphabet {
	var all [fewestSubwords]byte
	n := names{ends: make([]uint32, len(all))}
	for b := range all {
		all[b], n.ends[b] = byte(b), uint32(b+1)
	}
	n.text = string(all[:])
	a, err := n.subwords(lower, nil)
	if err != nil {
		panic(err)
	}
	return a
}

// learnSubwords gives a corpus the subwords of its training section, given the counts of its pre-tokens, and finds its symbols
// anew.
func (c *Corpus) learnSubwords(counts *tally, o Options) error {
	a := o.Keep
	if a == nil {
		size, least := o.AlphabetSize, int64(max(leastPairs, o.MinCount))
		if size == 0 {
			size = DefaultSubwords
		}
		merges := learnMerges(counts.words, size-fewestSubwords, least)
		symbols := make([]string, fewestSubwords, fewestSubwords+len(merges))
		for b := range symbols {
			symbols[b] = string([]byte{byte(b)})
		}
		for _, p := range merges {
			symbols = append(symbols, symbols[p.left]+symbols[p.right])
		}
		var err error
		if a, err = newAlphabet(Form{Kind: Subwords, Lowercase: o.Lowercase}, symbols, merges); err != nil {
			return err
		}
	}
	split, _, err := c.Valid().Bytes()
	if err != nil {
		return err
	}
	s := &scan{cursor: c.cursor(), tell: o.Progress}
	if s.a = a; s.known() != nil {
		return s.err
	}
	held := c.train < c.n
	if c.Alphabet, c.n, c.index, c.train = a, s.n, s.index, s.n; held {
		c.train, err = c.preTokenAt(split)
	}
	return err
}

// preTokenAt returns the number of the first symbol of the pre-token that has the byte at an offset; at the end of the text, the
// number of all symbols.
func (c *Corpus) preTokenAt(offset int64) (int64, error) {
	if offset >= c.text.size {
		return c.n, nil
	}
	k := sort.Search(len(c.index), func(k int) bool { return c.index[k].offset() > offset }) - 1
	i, at := int64(k)*indexStep-int64(c.index[k]&0xff), c.cursor()
	at.moveTo(markAt(c.index[k].offset()))
	for at.err == nil {
		first := i
		for at.next(); at.pre.n > 0; at.next() {
			i++
		}
		if i++; at.offset() > offset {
			return first, nil
		}
	}
	return 0, at.err
}
