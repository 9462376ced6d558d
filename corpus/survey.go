package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/maphash"
	"slices"
)

// A survey collects, in one reading of a whole text, block by block: the hashes that later readings must reproduce, where
// documents begin, and how lines end.
type survey struct {
	text  *Text
	hash  hash.Hash
	sums  [][]uint64 // by part
	lines LineBreaks
	last  byte // of the bytes seen

	documents *documents // nil if the corpus has none
	splitter  DocumentSplitter
	begins    bool // a document begins with the next byte
}

// LineBreaks counts how the lines of a text end.
type LineBreaks struct {
	LF, CRLF, CR int64 // line feeds alone, after a carriage return; carriage returns alone
	BOM          bool  // the text begins with a byte order mark
}

func newSurvey(t *Text, d *documents) *survey {
	s := &survey{text: t, hash: sha256.New(), sums: make([][]uint64, len(t.parts)), documents: d}
	if d != nil {
		s.splitter.Kind = d.kind
	}
	return s
}

// add reads the bytes at an offset of a part. They come in order.
func (s *survey) add(part int, offset int64, b []byte) {
	s.hash.Write(b)
	if s.text.parts[part].file != nil {
		for rest := b; len(rest) > 0; {
			n := min(blockSize, len(rest))
			s.sums[part] = append(s.sums[part], maphash.Bytes(blockSeed, rest[:n]))
			rest = rest[n:]
		}
	}
	s.countLines(part, offset, b)
	if d := s.documents; d != nil {
		if offset == 0 { // the end of a part ends a document
			s.splitter, s.begins = DocumentSplitter{Kind: d.kind}, true
		}
		s.find(s.text.parts[part].start+offset, b)
	}
}

func (s *survey) countLines(part int, offset int64, b []byte) {
	if part == 0 && offset == 0 {
		s.lines.BOM = bytes.HasPrefix(b, []byte("\xef\xbb\xbf"))
	}
	lf, cr, crlf := int64(bytes.Count(b, []byte{'\n'})), int64(0), int64(0)
	if cr = int64(bytes.Count(b, []byte{'\r'})); cr > 0 {
		crlf = int64(bytes.Count(b, []byte("\r\n")))
	}
	if s.last == '\r' && len(b) > 0 && b[0] == '\n' {
		crlf++
	}
	s.lines.LF, s.lines.CRLF, s.lines.CR = s.lines.LF+lf-crlf, s.lines.CRLF+crlf, s.lines.CR+cr-crlf
	if len(b) > 0 {
		s.last = b[len(b)-1]
	}
}

// find records the documents that begin among bytes.
func (s *survey) find(offset int64, b []byte) {
	for len(b) > 0 {
		if s.begins {
			s.documents.add(offset)
		}
		n := s.splitter.find(b)
		if s.begins = n >= 0; !s.begins {
			return
		}
		offset, b = offset+int64(n), b[n:]
	}
}

// end pins the text: from now on every reading must give the same bytes.
func (s *survey) end() error {
	t, hash := s.text, hex.EncodeToString(s.hash.Sum(nil))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hash == "" {
		t.hash = hash
		for i, sums := range s.sums {
			t.parts[i].sums = sums
		}
	}
	if t.hash != hash { // another survey was here before
		return fmt.Errorf("the text %w", ErrChanged)
	}
	return nil
}

// pin reads the whole text, unless that was done before or the text cannot change.
func (t *Text) pin() error {
	onDisk := func(p part) bool { return p.file != nil }
	if !slices.ContainsFunc(t.parts, onDisk) || t.sum() != "" {
		return nil
	}
	return t.survey()
}

// survey reads the text from end to end.
func (t *Text) survey() error {
	s := newSurvey(t, nil)
	r := reader{text: t, survey: s}
	for r.more() || r.nextPart() {
		r.rest = nil
	}
	if r.err != nil {
		return r.err
	}
	return s.end()
}
