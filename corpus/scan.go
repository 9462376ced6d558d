package corpus

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// An EncodingError says that a text which should be characters is not UTF-8.
type EncodingError struct {
	Name   string // of the file
	Offset int64  // bytes into it
}

func (e *EncodingError) Error() string {
	return fmt.Sprintf("%s is not UTF-8 text: byte %d begins no character", e.Name, e.Offset)
}

// indexStep is the number of symbols from one mark of an index to the next.
const indexStep = 4096

// A scan reads a whole text once, to learn its symbols and where they lie.
type scan struct {
	least int64  // how often a symbol occurs at least to be in the alphabet
	apart bool   // parts are texts of their own
	n     int64  // symbols so far
	index []mark // of symbols 0, indexStep, 2*indexStep...
	tell  func(offset int64)
}

// place notes where symbol n begins, if the index wants to know.
func (s *scan) place(offset int64, spaced bool) {
	if s.n%indexStep == 0 {
		s.mark(offset, spaced)
	}
}

func (s *scan) mark(offset int64, spaced bool) {
	s.index = append(s.index, newMark(offset, spaced))
	if s.tell != nil {
		s.tell(offset)
	}
}

// bytes scans for the bytes that occur.
func (s *scan) bytes(parts []part) []string {
	var seen [256]int64
	for _, p := range parts {
		for i, b := range p.bytes {
			s.place(p.start+int64(i), false)
			s.n++
			seen[b]++
		}
	}
	var symbols []string
	for b, n := range seen {
		if n >= s.least {
			symbols = append(symbols, string([]byte{byte(b)}))
		}
	}
	return symbols
}

// chars scans for the characters that occur.
func (s *scan) chars(parts []part) ([]string, error) {
	seen := make([]int64, utf8.MaxRune+1)
	for _, p := range parts {
		for i := 0; i < len(p.bytes); s.n++ {
			s.place(p.start+int64(i), false)
			r, size := rune(p.bytes[i]), 1
			if r >= utf8.RuneSelf {
				if r, size = utf8.DecodeRune(p.bytes[i:]); size == 1 {
					return nil, &EncodingError{p.name, int64(i)}
				}
			}
			seen[r]++
			i += size
		}
	}
	var symbols []string
	for r, n := range seen {
		if n >= s.least {
			symbols = append(symbols, string(rune(r)))
		}
	}
	return symbols, nil
}

// words scans for the words, and the characters between them, that occur.
func (s *scan) words(parts []part) ([]string, error) {
	seen := map[string]*int64{}
	spaced := false
	for _, p := range parts {
		spaced = spaced && !s.apart
		for i := 0; i < len(p.bytes); s.n++ {
			s.place(p.start+int64(i), spaced)
			symbol, size := nextWord(p.bytes[i:], spaced)
			n, ok := seen[string(symbol)]
			if !ok {
				// A word holds no stray byte, so only a symbol of one byte can be one; and each is seen a first time.
				if !utf8.Valid(symbol) {
					return nil, &EncodingError{p.name, int64(i)}
				}
				n = new(int64)
				seen[string(symbol)] = n
			}
			*n++
			spaced = wantsSpace(string(symbol))
			i += size
		}
	}
	maps.DeleteFunc(seen, func(_ string, n *int64) bool { return *n < s.least })
	return slices.Sorted(maps.Keys(seen)), nil
}
