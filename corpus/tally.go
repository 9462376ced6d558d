package corpus

import (
	"slices"
	"unicode/utf8"
)

// A tally says how often each symbol occurs in a text, or in a part of it. Of subwords it has the pre-tokens.
type tally struct {
	codes [utf8.MaxRune/256 + 1]*[256]int64 // of bytes and characters, by code
	words map[string]*int64                 // of words and pre-tokens; in lower case, if the alphabet is
}

// page returns the counts of 256 codes.
func (t *tally) page(code uint) *[256]int64 {
	p := &t.codes[code/256]
	if *p == nil {
		*p = new([256]int64)
	}
	return *p
}

// subtract takes away the counts of a part of the text.
func (t *tally) subtract(part *tally) {
	for i, page := range part.codes {
		for j := 0; page != nil && j < len(page); j++ {
			t.codes[i][j] -= page[j]
		}
	}
	for word, n := range part.words {
		*t.words[word] -= *n
	}
}

// symbols returns what occurs at least this often, in ascending order.
func (t *tally) symbols(kind Kind, least int64) (symbols []string) {
	if kind == Words {
		for word, n := range t.words {
			if *n >= least {
				symbols = append(symbols, word)
			}
		}
		slices.Sort(symbols)
		return symbols
	}
	for i, page := range t.codes {
		for j := 0; page != nil && j < len(page); j++ {
			switch {
			case page[j] < least:
			case kind == Bytes:
				symbols = append(symbols, string([]byte{byte(j)}))
			default:
				symbols = append(symbols, string(rune(256*i+j)))
			}
		}
	}
	return symbols
}

// leastOf returns the smallest count, from least on, that at most size words reach. Equal counts stay together.
func (t *tally) leastOf(size int, least int64) int64 {
	var counts []int64
	for _, n := range t.words {
		if *n >= least {
			counts = append(counts, *n)
		}
	}
	if len(counts) <= size {
		return least
	}
	slices.Sort(counts)
	return counts[len(counts)-size-1] + 1
}

// lower counts each byte or character as its lower case.
func (t *tally) lower(kind Kind) {
	for i, page := range t.codes {
		for j := 0; page != nil && j < len(page); j++ {
			if low := kind.lowerCode(256*i + j); low != 256*i+j {
				t.page(uint(low))[low%256] += page[j]
				page[j] = 0
			}
		}
	}
}

// count counts the symbols of the text, from the cursor on.
func (s *scan) count() (t *tally, err error) {
	t = &tally{}
	switch s.a.kind {
	case Bytes:
		s.bytes(t)
	case Chars:
		err = s.chars(t)
	case Words:
		err = s.words(t)
	case Subwords:
		s.preTokens(t)
	}
	if s.err != nil {
		return nil, s.err
	}
	return t, err
}

// untilMark returns how many of so many symbols come before the next mark of the index, the first of them in any case.
func (s *scan) untilMark(n int) int { return min(n, indexStep-int(s.n%indexStep)) }

// bytes counts bytes.
func (s *scan) bytes(t *tally) {
	seen := t.page(0)
	for s.inSight() {
		s.note()
		run := s.rest[:s.untilMark(len(s.rest))]
		for _, b := range run {
			seen[b]++
		}
		s.n += int64(len(run))
		s.rest = s.rest[len(run):]
	}
}

// chars counts characters.
func (s *scan) chars(t *tally) error {
	ascii := t.page(0)
	for s.inSight() {
		s.complete()
		s.note()
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
				return s.encodingError(i)
			}
			t.page(uint(r))[uint(r)%256]++
			i += size
		}
		s.n += int64(n)
		s.rest = s.rest[i:]
	}
	return nil
}

// words counts words, and the characters between them.
func (s *scan) words(t *tally) error {
	t.words = map[string]*int64{}
	var low []byte
	for ; len(s.rest) > 0 || s.inSight(); s.n++ {
		s.note()
		symbol, size := s.word()
		spaced := wantsSpace(string(symbol))
		if s.a.lower {
			low = appendLower(low[:0], symbol)
			symbol = low
		}
		n, ok := t.words[string(symbol)]
		if !ok {
			// Words are valid UTF-8, so only a symbol of one byte can be invalid; checking it when it is new is enough.
			if !utf8.Valid(symbol) {
				return s.encodingError(0)
			}
			n = new(int64)
			t.words[string(symbol)] = n
		}
		*n++
		s.spaced = spaced
		s.rest = s.rest[size:]
	}
	return nil
}

// preTokens counts pre-tokens. As long as there are no merges, each of their bytes is a symbol.
func (s *scan) preTokens(t *tally) {
	t.words = map[string]*int64{}
	var room [longestLower]byte
	for s.inSight() {
		if len(s.rest) < preTokenReach {
			s.complete()
		}
		size := preToken(s.rest)
		text := s.rest[:size]
		if s.a.lower {
			text = appendLower(room[:0], text)
		}
		for due := (indexStep - s.n%indexStep) % indexStep; due < int64(len(text)); due += indexStep {
			s.pre.next = int(due)
			s.addMark()
		}
		s.pre.next = 0
		s.n += int64(len(text))
		n := t.words[string(text)]
		if n == nil {
			n = new(int64)
			t.words[string(text)] = n
		}
		*n++
		s.rest = s.rest[size:]
	}
}

// encodingError reports that no character begins this many bytes ahead.
func (s *scan) encodingError(ahead int) error {
	p := &s.text.parts[s.part]
	return &EncodingError{p.name, s.offset() + int64(ahead) - p.start}
}
