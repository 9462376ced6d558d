package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Kind says what the symbols of an alphabet are.
type Kind string

// The kinds. A word is a run of letters, digits and marks, with apostrophes and hyphens inside it; see words.go.
const (
	Bytes Kind = "bytes"
	Chars Kind = "chars" // Unicode code points
	Words Kind = "words" // words, and single characters between them
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Bytes, Chars, Words} }

// An Alphabet is the ordered set of symbols that a model predicts, numbered from 0 by ascending bytes. It does not change.
//
// An open alphabet has one more symbol, the last, called the escape. It stands for whatever the others lack, so that any
// text can be read. A closed one has none.
type Alphabet struct {
	kind    Kind
	open    bool
	symbols []string         // all but the escape
	codes   []int32          // of bytes and characters: number by code, -1 where there is none
	words   map[string]int32 // of words: number by symbol
}

// An UnknownSymbolError says that a text holds what the alphabet lacks.
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

// newAlphabet makes an alphabet of symbols, which must be ascending and each a symbol of the kind.
func newAlphabet(kind Kind, symbols []string, open bool) (*Alphabet, error) {
	if len(symbols) == 0 {
		return nil, errors.New("an alphabet of no symbols")
	}
	a := &Alphabet{kind: kind, open: open, symbols: symbols}
	for i, s := range symbols {
		if i > 0 && s <= symbols[i-1] {
			return nil, fmt.Errorf("symbols %q and %q are out of order", symbols[i-1], s)
		}
		if _, ok := a.code(s); !ok {
			return nil, fmt.Errorf("%q is not one of the %s", s, kind)
		}
	}
	if kind == Words {
		a.words = make(map[string]int32, len(symbols))
		for i, s := range symbols {
			a.words[s] = int32(i)
		}
		return a, nil
	}
	last, _ := a.code(symbols[len(symbols)-1])
	a.codes = slices.Repeat([]int32{-1}, last+1)
	for i, s := range symbols {
		code, _ := a.code(s)
		a.codes[code] = int32(i)
	}
	return a, nil
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

// Kind says what the symbols are.
func (a *Alphabet) Kind() Kind { return a.kind }

// String describes the alphabet: "61 chars and the escape".
func (a *Alphabet) String() string {
	text := fmt.Sprintf("%d %s", len(a.symbols), a.kind)
	if a.open {
		text += " and the escape"
	}
	return text
}

// Size returns the number of symbols, the escape included.
func (a *Alphabet) Size() int {
	if a.open {
		return len(a.symbols) + 1
	}
	return len(a.symbols)
}

// Escape returns the number of the escape, or -1 if the alphabet is closed.
func (a *Alphabet) Escape() int32 {
	if a.open {
		return int32(len(a.symbols))
	}
	return -1
}

// Start returns the symbol that the first one of a text follows, as far as a model knows: a line break, or symbol 0 where
// the alphabet has none.
func (a *Alphabet) Start() int32 {
	if ids, err := a.Encode("\n"); err == nil && len(ids) == 1 && ids[0] != a.Escape() {
		return ids[0]
	}
	return 0
}

// SpellingBits returns the bits that it takes to spell a symbol which the alphabet lacks, after the escape: 8 for each byte
// of its UTF-8, and 8 more that end a word, whose length is not known.
func (a *Alphabet) SpellingBits(symbol string) float64 {
	bits := 8 * float64(len(symbol))
	if a.kind == Words {
		bits += 8
	}
	return bits
}

// Symbol returns symbol number id: one byte, one character, or a word. One symbol of a word alphabet may be "", which
// stands between two words that no space divides. The escape is shown as U+FFFD. It panics if there is no such symbol.
func (a *Alphabet) Symbol(id int32) string {
	if id == a.Escape() {
		return "\uFFFD"
	}
	return a.symbols[id]
}

// Piece returns what symbol id adds to a text that ends with symbol previous, -1 at the start of a text: the symbol
// itself, for words with the space in front of it that goes without saying.
func (a *Alphabet) Piece(previous, id int32) string {
	s := a.Symbol(id)
	if a.kind == Words && previous >= 0 && beginsWord(s) && (previous == a.Escape() || wantsSpace(a.symbols[previous])) {
		return " " + s
	}
	return s
}

// Decode returns the text of symbols.
func (a *Alphabet) Decode(ids []int32) string {
	var b strings.Builder
	previous := int32(-1)
	for _, id := range ids {
		b.WriteString(a.Piece(previous, id))
		previous = id
	}
	return b.String()
}

// Encode returns the symbols of a text, so that Decode gives the text again, but for what an open alphabet lacks. A closed
// one fails then, with an *UnknownSymbolError.
func (a *Alphabet) Encode(text string) ([]int32, error) {
	c := cursor{a: a, rest: []byte(text)}
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

// An alphabetFile is the JSON form. Bytes are numbers, since JSON has no strings of bytes.
type alphabetFile struct {
	Kind    Kind     `json:"kind"`
	Open    bool     `json:"open,omitempty"`
	Symbols []string `json:"symbols,omitempty"`
	Bytes   []int    `json:"bytes,omitempty"`
}

// MarshalJSON writes {"kind": "chars", "open": true, "symbols": ["a", "b"]}, or for bytes {"kind": "bytes", "bytes": [97, 98]}.
func (a *Alphabet) MarshalJSON() ([]byte, error) {
	file := alphabetFile{Kind: a.kind, Open: a.open, Symbols: a.symbols}
	if a.kind == Bytes {
		file.Symbols = nil
		for _, s := range a.symbols {
			file.Bytes = append(file.Bytes, int(s[0]))
		}
	}
	return json.Marshal(file)
}

// UnmarshalJSON reads what MarshalJSON wrote. It fails on symbols that are out of order, double, or not of the kind.
func (a *Alphabet) UnmarshalJSON(text []byte) error {
	var file alphabetFile
	if err := json.Unmarshal(text, &file); err != nil {
		return err
	}
	switch file.Kind {
	case Bytes:
		file.Symbols = nil
		for _, b := range file.Bytes {
			if b < 0 || b > 255 {
				return fmt.Errorf("alphabet: %d is not a byte", b)
			}
			file.Symbols = append(file.Symbols, string([]byte{byte(b)}))
		}
	case Chars, Words:
	default:
		return fmt.Errorf("alphabet: kind %q: there are bytes, chars, words", file.Kind)
	}
	made, err := newAlphabet(file.Kind, file.Symbols, file.Open)
	if err != nil {
		return fmt.Errorf("alphabet: %w", err)
	}
	*a = *made
	return nil
}
