package corpus

import (
	"fmt"
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

// A scan reads a text symbol by symbol, to count symbols and index their positions.
type scan struct {
	cursor
	n     int64  // symbols so far
	index []mark // of symbols 0, indexStep, 2*indexStep...
	tell  func(offset int64)

	unknown Unknown // of an alphabet that is given
}

// newScan returns a scan of a whole text, for an alphabet.
func newScan(t *Text, a *Alphabet, o Options) *scan {
	s := &scan{tell: o.Progress}
	var d *documents
	if o.Documents != Whole {
		d = &documents{kind: o.Documents}
	}
	s.cursor = cursor{a: a, reader: reader{text: t, survey: newSurvey(t, d)}, apart: d != nil}
	return s
}

// note adds symbol n, the next, to the index if it is due there.
func (s *scan) note() {
	if s.n%indexStep == 0 {
		s.addMark()
	}
}

func (s *scan) addMark() {
	s.index = append(s.index, s.mark())
	if s.tell != nil {
		s.tell(s.offset())
	}
}

// known scans for symbols that an alphabet lacks: it counts those of an open one.
func (s *scan) known() error {
	escape := s.a.Escape()
	for ; s.inSight(); s.n++ {
		s.complete()
		s.note()
		before := s.rest
		id, ok := s.read()
		if ok && id != escape {
			continue
		}
		text := before[:len(before)-len(s.rest)]
		p := &s.text.parts[s.part]
		unknown := unknownSymbol(text, int(s.offset()-p.start))
		if !ok {
			return fmt.Errorf("%s: %w", p.name, unknown)
		}
		if s.unknown.Symbols++; s.unknown.First == "" {
			s.unknown.First = unknown.Symbol
		}
		s.unknown.Bits += s.a.SpellingBits(unknown.Symbol)
	}
	return s.err
}
