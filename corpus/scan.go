package corpus

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// An EncodingError reports a file that is not UTF-8, though its symbols should be characters or words.
type EncodingError struct {
	Name   string // of the file
	Offset int64  // bytes into it
}

func (e *EncodingError) Error() string {
	return fmt.Sprintf("%s is not UTF-8 text: byte %d begins no character", e.Name, e.Offset)
}

// indexStep is the number of symbols from one mark of an index to the next.
const indexStep = 4096

// A scan reads a whole text once, to find its symbols and index their positions.
type scan struct {
	cursor
	least int64  // the minimum count of a symbol in the alphabet
	n     int64  // symbols so far
	index []mark // of symbols 0, indexStep, 2*indexStep...
	tell  func(offset int64)
}

// newScan returns a scan for an alphabet; to learn the symbols, only its kind matters.
func newScan(t *Text, a *Alphabet, o Options) *scan {
	s := &scan{least: int64(max(1, o.MinCount)), tell: o.Progress}
	var d *documents
	if o.Documents != Whole {
		d = &documents{kind: o.Documents}
	}
	s.cursor = cursor{a: a, reader: reader{text: t, survey: newSurvey(t, d)}, apart: d != nil}
	return s
}

// note adds symbol n to the index if it is due there. The symbol begins this many bytes after the cursor.
func (s *scan) note(before int) {
	if s.n%indexStep == 0 {
		s.addMark(int64(before))
	}
}

func (s *scan) addMark(before int64) {
	offset := s.offset() + before
	s.index = append(s.index, newMark(offset, s.spaced))
	if s.tell != nil {
		s.tell(offset)
	}
}

// learn scans for the symbols that occur.
func (s *scan) learn() (symbols []string, err error) {
	switch s.a.kind {
	case Bytes:
		symbols = s.bytes()
	case Chars:
		symbols, err = s.chars()
	case Words:
		symbols, err = s.words()
	}
	if s.err != nil {
		return nil, s.err
	}
	return symbols, err
}

// untilMark returns how many of so many symbols come before the next mark of the index, the first of them in any case.
func (s *scan) untilMark(n int) int { return min(n, indexStep-int(s.n%indexStep)) }

// bytes scans for the bytes that occur.
func (s *scan) bytes() []string {
	var seen [256]int64
	for s.inSight() {
		s.note(0)
		run := s.rest[:s.untilMark(len(s.rest))]
		for _, b := range run {
			seen[b]++
		}
		s.n += int64(len(run))
		s.rest = s.rest[len(run):]
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
func (s *scan) chars() ([]string, error) {
	var seen [utf8.MaxRune/256 + 1]*[256]int64 // by code
	var ascii [utf8.RuneSelf]int64
	for s.inSight() {
		s.complete()
		s.note(0)
		i, n, end := 0, 0, len(s.rest)
		for most := s.untilMark(end); n < most && i < end; n++ {
			if b := s.rest[i]; b < utf8.RuneSelf {
				ascii[b]++
				i++
				continue
			}
			if i > 0 && i+utf8.UTFMax > end {
				break // the character may continue out of sight
			}
			r, size := utf8.DecodeRune(s.rest[i:])
			if size == 1 {
				return nil, s.encodingError(i)
			}
			page := seen[uint(r)/256]
			if page == nil {
				page = new([256]int64)
				seen[uint(r)/256] = page
			}
			page[uint(r)%256]++
			i += size
		}
		s.n += int64(n)
		s.rest = s.rest[i:]
	}
	if seen[0] == nil {
		seen[0] = new([256]int64)
	}
	copy(seen[0][:], ascii[:])
	var symbols []string
	for i, page := range seen {
		for j := 0; page != nil && j < len(page); j++ {
			if page[j] >= s.least {
				symbols = append(symbols, string(rune(256*i+j)))
			}
		}
	}
	return symbols, nil
}

// encodingError reports that no character begins this many bytes ahead.
func (s *scan) encodingError(ahead int) error {
	p := &s.text.parts[s.part]
	return &EncodingError{p.name, s.offset() + int64(ahead) - p.start}
}

// words scans for the words, and the characters between them, that occur.
func (s *scan) words() ([]string, error) {
	seen := map[string]*int64{}
	for ; len(s.rest) > 0 || s.inSight(); s.n++ {
		s.note(0)
		symbol, size := s.word()
		n, ok := seen[string(symbol)]
		if !ok {
			// Words are valid UTF-8, so only a symbol of one byte can be invalid; checking it when it is new is enough.
			if !utf8.Valid(symbol) {
				return nil, s.encodingError(0)
			}
			n = new(int64)
			seen[string(symbol)] = n
		}
		*n++
		s.spaced = wantsSpace(string(symbol))
		s.rest = s.rest[size:]
	}
	maps.DeleteFunc(seen, func(_ string, n *int64) bool { return *n < s.least })
	return slices.Sorted(maps.Keys(seen)), nil
}

// known scans for symbols that an alphabet lacks.
func (s *scan) known() error {
	for ; s.inSight(); s.n++ {
		s.complete()
		s.note(0)
		before := s.rest
		if _, ok := s.read(); !ok {
			p := &s.text.parts[s.part]
			return fmt.Errorf("%s: %w", p.name, unknownSymbol(before[:len(before)-len(s.rest)], int(s.offset()-p.start)))
		}
	}
	return s.err
}
