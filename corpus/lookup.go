package corpus

import (
	"hash/maphash"
	"math/bits"
	"unicode/utf8"
)

// How an alphabet finds the number of a symbol, in a few bytes per symbol: an alphabet's file has little more than 20, and
// reading it takes at most three times that. Maps, or tables of all codes, would take hundreds.

// names are the symbols of an alphabet: one text, and the end of each in it.
type names struct {
	text string
	ends []uint32
}

func (n names) len() int { return len(n.ends) }

// size returns the length of a symbol in bytes.
func (n names) size(i int) int {
	if i == 0 {
		return int(n.ends[0])
	}
	return int(n.ends[i] - n.ends[i-1])
}

func (n names) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = n.ends[i-1]
	}
	return n.text[start:n.ends[i]]
}

// fewCodes bounds the table of characters: below are all that UTF-8 writes in one or two bytes, so Latin, Greek, Cyrillic,
// Hebrew and Arabic.
const fewCodes = 0x800

// ranks number ascending characters by counting those below: each page of 128 codes has a bit for each code, and the number of
// symbols before the page.
type ranks struct {
	pages []uint16 // by code / 128: the index of its block, 0 for a page without characters
	block []block
}

type block struct {
	low, high uint64 // a bit for each code
	before    int32
}

// newRanks numbers the characters from the first on; all are at or above fewCodes.
func newRanks(n names, first int) (x ranks) {
	if first == n.len() {
		return x
	}
	code := func(i int) int {
		r, _ := utf8.DecodeRuneInString(n.at(i))
		return int(r)
	}
	x.pages = make([]uint16, code(n.len()-1)/128+1)
	blocks := 1
	for i := first; i < n.len(); i++ {
		if page := &x.pages[code(i)/128]; *page == 0 {
			*page = uint16(blocks)
			blocks++
		}
	}
	x.block = make([]block, blocks)
	for i := first; i < n.len(); i++ {
		c := code(i)
		b := &x.block[x.pages[c/128]]
		if b.low|b.high == 0 {
			b.before = int32(i)
		}
		if bit := uint64(1) << (c % 64); c%128 < 64 {
			b.low |= bit
		} else {
			b.high |= bit
		}
	}
	return x
}

// find returns the number of a character, and whether there is one.
func (x *ranks) find(code int) (id int32, ok bool) {
	page := uint(code) / 128
	if page >= uint(len(x.pages)) {
		return 0, false
	}
	b := &x.block[x.pages[page]]
	bit := uint64(1) << (code % 64)
	if code%128 < 64 {
		return b.before + int32(bits.OnesCount64(b.low&(bit-1))), b.low&bit != 0
	}
	return b.before + int32(bits.OnesCount64(b.low)+bits.OnesCount64(b.high&(bit-1))), b.high&bit != 0
}

// A wordTable finds the numbers of words: slot h, and after it one by one, holds the number, plus one, of a word with hash
// h. Four slots in three words or more are free.
type wordTable struct {
	seed  maphash.Seed // random in each process; it changes only the slots
	slots []int32
}

func newWordTable(n names) wordTable {
	size := 1 << bits.Len(uint(n.len()+n.len()/2))
	t := wordTable{maphash.MakeSeed(), make([]int32, size)}
	for i := range n.len() {
		h := int(maphash.String(t.seed, n.at(i))) & (size - 1)
		for t.slots[h] != 0 {
			h = (h + 1) & (size - 1)
		}
		t.slots[h] = int32(i + 1)
	}
	return t
}

func (t *wordTable) hash(word []byte) int { return int(maphash.Bytes(t.seed, word)) }

// find returns the number of a word among these names, and whether there is one.
func (t *wordTable) find(n names, word []byte) (id int32, ok bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	mask := len(t.slots) - 1
	for h := t.hash(word) & mask; t.slots[h] != 0; h = (h + 1) & mask {
		id := t.slots[h] - 1
		if n.at(int(id)) == string(word) {
			return id, true
		}
	}
	return 0, false
}
