package corpus

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Kind is the kind of an alphabet's symbols.
type Kind string

// The kinds. A word is a run of letters, digits and marks, with apostrophes and hyphens inside it; see words.go.
const (
	Bytes    Kind = "bytes"
	Chars    Kind = "chars"    // Unicode code points
	Words    Kind = "words"    // words, and single characters between them
	Subwords Kind = "subwords" // bytes, and pieces of words that byte-pair encoding found; see subwords.go
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Bytes, Chars, Words, Subwords} }

// OfBytes reports whether symbols are sequences of bytes, which need not be valid UTF-8.
func (k Kind) OfBytes() bool { return k == Bytes || k == Subwords }

// Symbol is the word for one symbol: byte, character, word or subword.
func (k Kind) Symbol() string {
	if k == Chars {
		return "character"
	}
	return strings.TrimSuffix(string(k), "s")
}

// Has reports whether s is exactly one symbol of the kind. Of subwords it knows nothing.
func (k Kind) Has(s string) bool {
	_, ok := (&Alphabet{kind: k}).code(s)
	return ok
}

// An Alphabet is the ordered set of symbols that a model predicts, numbered from 0 in the order of their bytes; subwords, in
// that in which they were learned. It is immutable.
//
// An open alphabet has one more symbol, the last: the escape, which stands for every symbol outside the alphabet, so that any
// text can be read. A closed alphabet has none, nor has one of subwords, which reads any text without.
type Alphabet struct {
	kind    Kind
	open    bool
	lower   bool      // texts are read in lower case
	symbols names     // all except the escape
	codes   []int32   // symbol numbers of bytes, and of characters below fewCodes, by code; -1 for none
	ranks   ranks     // symbol numbers of the other characters
	words   wordTable // symbol numbers of words and subwords
	sub     *subwords // nil for other kinds
}

// A Form is what an alphabet has beside its symbols, in the model's file.
type Form struct {
	Kind      Kind `json:"kind"`
	Open      bool `json:"open,omitempty"`      // has an escape
	Lowercase bool `json:"lowercase,omitempty"` // reads texts in lower case
}

// Form returns the form of the alphabet.
func (a *Alphabet) Form() Form { return Form{a.kind, a.open, a.lower} }

// An UnknownSymbolError reports a symbol of a text that a closed alphabet lacks.
type UnknownSymbolError struct {
	Symbol string
	Offset int // bytes into the text
}

func (e *UnknownSymbolError) Error() string {
	if e.Symbol == joiner {
		return fmt.Sprintf("two words with no space between them (at byte %d) are not in the alphabet", e.Offset)
	}
	return fmt.Sprintf("%q (at byte %d) is not in the alphabet", e.Symbol, e.Offset)
}

// newAlphabet makes an alphabet of symbols, which must be ascending and of the kind. Of subwords, which come as they were
// learned, it needs the merges.
func newAlphabet(f Form, symbols []string, merges []symbolPair) (*Alphabet, error) {
	size := 0
	for _, s := range symbols {
		size += len(s)
	}
	if uint64(size) > math.MaxUint32 {
		return nil, setting.Errorf("an alphabet of %d bytes, more than 4 GiB; choose a larger %v", size, setting.Name("min_count"))
	}
	lengths := make([]int32, len(symbols))
	for i, s := range symbols {
		lengths[i] = int32(len(s))
	}
	return restoreAlphabet(f, strings.Join(symbols, ""), lengths, (&subwords{merges: merges}).pairs())
}

// alphabet makes an alphabet of names.
func (n names) alphabet(f Form) (*Alphabet, error) {
	if n.len() == 0 {
		return nil, errors.New("an alphabet of no symbols")
	}
	a := &Alphabet{kind: f.Kind, open: f.Open, lower: f.Lowercase, symbols: n}
	for i := range n.len() {
		s := n.at(i)
		if i > 0 && s <= n.at(i-1) {
			return nil, fmt.Errorf("symbols %.20q and %.20q are out of order", n.at(i-1), s)
		}
		if _, ok := a.code(s); !ok {
			return nil, fmt.Errorf("%.20q is not one of the %s", s, f.Kind)
		}
		if a.Lower(s) != s {
			return nil, fmt.Errorf("%.20q is not in lower case", s)
		}
	}
	if f.Kind == Words {
		a.words = newWordTable(n)
		return a, nil
	}
	last, _ := a.code(n.at(n.len() - 1))
	a.codes = slices.Repeat([]int32{-1}, min(last+1, fewCodes))
	first := n.len() // of those above
	for i := range n.len() {
		code, _ := a.code(n.at(i))
		if code >= fewCodes {
			first = i
			break
		}
		a.codes[code] = int32(i)
	}
	a.ranks = newRanks(n, first)
	if a.lower {
		a.foldCodes()
	}
	return a, nil
}

// foldCodes gives each upper-case character of the table the number of its lower case.
func (a *Alphabet) foldCodes() {
	known := a.codes
	a.codes = slices.Repeat([]int32{-1}, fewCodes)
	for code := range a.codes {
		switch low := a.kind.lowerCode(code); {
		case low < len(known):
			a.codes[code] = known[low]
		case low >= fewCodes:
			if id, ok := a.ranks.find(low); ok {
				a.codes[code] = id
			}
		}
	}
}

// code returns the code of a byte or character, and whether s is exactly one symbol of the alphabet's kind.
func (a *Alphabet) code(s string) (code int, ok bool) {
	switch a.kind {
	case Bytes:
		if len(s) != 1 {
			return 0, false
		}
		return int(s[0]), true
	case Chars:
		r, size := utf8.DecodeRuneInString(s)
		return int(r), size == len(s) && (r != utf8.RuneError || size > 1)
	}
	return 0, isWordSymbol(s)
}

// Kind returns the kind of the symbols.
func (a *Alphabet) Kind() Kind { return a.kind }

// String describes the alphabet: "61 chars and the escape".
func (a *Alphabet) String() string {
	kind := string(a.kind)
	if a.lower {
		kind = "lower-case " + kind
	}
	text := fmt.Sprintf("%d %s", a.symbols.len(), kind)
	if a.open {
		text += " and the escape"
	}
	return text
}

// Equal reports whether b has the same symbols with the same numbers, so that it reads every text as a does.
func (a *Alphabet) Equal(b *Alphabet) bool {
	return a.Form() == b.Form() && a.symbols.text == b.symbols.text && slices.Equal(a.symbols.ends, b.symbols.ends) &&
		slices.Equal(a.sub.pairs(), b.sub.pairs())
}

// Size returns the number of symbols, the escape included.
func (a *Alphabet) Size() int {
	if a.open {
		return a.symbols.len() + 1
	}
	return a.symbols.len()
}

// Escape returns the number of the escape, or -1 if the alphabet is closed.
func (a *Alphabet) Escape() int32 {
	if a.open {
		return int32(a.symbols.len())
	}
	return -1
}

// Unwritten returns the symbols that stand for no text to write: the escape, and upper-case bytes among subwords of lower case,
// which have all bytes.
func (a *Alphabet) Unwritten() (ids []int32) {
	if a.open {
		ids = append(ids, a.Escape())
	}
	if a.kind == Subwords && a.lower {
		for id := int32('A'); id <= 'Z'; id++ {
			ids = append(ids, id)
		}
	}
	return ids
}

// Start returns the symbol that a model reads before the first symbol of a text: a line break, or symbol 0 of an alphabet
// without one.
func (a *Alphabet) Start() int32 {
	if ids, err := a.Encode("\n"); err == nil && len(ids) == 1 && ids[0] != a.Escape() {
		return ids[0]
	}
	return 0
}

// SpellingBits returns the bits that spell a symbol outside the alphabet, after the escape: 8 for each byte of its UTF-8,
// and 8 more to end a word, whose implied space is not spelled.
func (a *Alphabet) SpellingBits(symbol string) float64 {
	if a.kind != Words {
		return 8 * float64(len(symbol))
	}
	return 8 * float64(len(withoutSpace(symbol))+1)
}

// Symbol returns the text of symbol id: one byte, one character, a word or a subword. In a word alphabet "" is the missing space between
// two words. The escape is U+FFFD. Symbol panics if id is out of range.
func (a *Alphabet) Symbol(id int32) string {
	if id == a.Escape() {
		return "\uFFFD"
	}
	return a.symbols.at(int(id))
}

// Piece returns the text that symbol id adds after symbol previous (-1 at the start of a text): the symbol itself, and
// before a word its implied space.
func (a *Alphabet) Piece(previous, id int32) string {
	s := a.Symbol(id)
	if a.ImpliesSpace(previous) && beginsWord(s) {
		return " " + s
	}
	return s
}

// Decode returns the text of a sequence of symbols.
func (a *Alphabet) Decode(ids []int32) string {
	var b strings.Builder
	previous := int32(-1)
	for _, id := range ids {
		b.WriteString(a.Piece(previous, id))
		previous = id
	}
	return b.String()
}

// Encode returns the symbols of a text. Decode gives the text back, in lower case if the alphabet reads it so, except for
// symbols read as the escape. With a closed
// alphabet Encode fails with an *UnknownSymbolError instead.
func (a *Alphabet) Encode(text string) ([]int32, error) {
	c := cursor{a: a, reader: reader{rest: []byte(text)}}
	ids := make([]int32, 0, len(text))
	for len(c.rest) > 0 {
		before := c.rest
		id, ok := c.read()
		if !ok {
			return nil, unknownSymbol(before[:len(before)-len(c.rest)], len(text)-len(c.rest))
		}
		ids = append(ids, id)
	}
	return ids, nil
}
