package corpus

import (
	"bytes"
	"math"
	"sort"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// Documents say where a text ends and another begins. A model starts anew with each, from a state of zero and as if it had
// just read Alphabet.Start.
type Documents string

// The kinds. Whatever they are, the end of a file ends a document too, and what separates documents belongs to the one in
// front, so that a model learns where they end.
const (
	Whole      Documents = "whole"     // all files are one text
	Lines      Documents = "line"      // each line is
	Paragraphs Documents = "paragraph" // each run of lines is, with the blank line behind it
)

// DocumentKinds lists all kinds.
func DocumentKinds() []Documents { return []Documents{Whole, Lines, Paragraphs} }

// Length returns the length of the document that b, which is not empty, begins with.
func (d Documents) Length(b []byte) int {
	switch d {
	case Lines:
		return lineLength(b)
	case Paragraphs:
		text := false
		for n := 0; n < len(b); {
			line := b[n : n+lineLength(b[n:])]
			n += len(line)
			blank := len(bytes.Trim(line, blanks)) == 0
			if blank && text {
				return n
			}
			text = text || !blank
		}
	}
	return len(b)
}

// lineLength returns the length of the first line of b, with its line break.
func lineLength(b []byte) int {
	if n := bytes.IndexByte(b, '\n') + 1; n > 0 {
		return n
	}
	return len(b)
}

// blanks are what a blank line may hold.
const blanks = " \t\v\f\r\n"

// A DocumentSplitter tells, symbol by symbol, where the documents of a text end. With its Kind set it is ready for use.
type DocumentSplitter struct {
	Kind Documents
	text bool // a line of the document was not blank
	line bool // this line is not
}

// Add takes in the next symbol, and says whether the document ends with it.
func (e *DocumentSplitter) Add(symbol string) bool {
	switch {
	case e.Kind != Lines && e.Kind != Paragraphs:
		return false
	case !strings.HasSuffix(symbol, "\n"):
		e.line = e.line || strings.Trim(symbol, blanks) != ""
		return false
	case e.Kind == Lines || e.text && !e.line:
		*e = DocumentSplitter{Kind: e.Kind}
		return true
	}
	e.text, e.line = e.text || e.line, false
	return false
}

// documentStep is the number of documents from one mark of their index to the next.
const documentStep = 64

// documents know where each document of a text begins.
type documents struct {
	kind  Documents
	text  *Text
	n     int64
	index []int64 // offsets in bytes of documents 0, documentStep, 2*documentStep...
}

// newDocuments reads a text once.
func newDocuments(kind Documents, text *Text) *documents {
	d := &documents{kind: kind, text: text}
	for _, p := range text.parts {
		for i := 0; i < len(p.bytes); d.n++ {
			if d.n%documentStep == 0 {
				d.index = append(d.index, p.start+int64(i))
			}
			i += kind.Length(p.bytes[i:])
		}
	}
	return d
}

// rest returns what follows an offset within its file.
func (d *documents) rest(offset int64) []byte {
	parts := d.text.parts
	p := parts[sort.Search(len(parts), func(i int) bool { return parts[i].start > offset })-1]
	return p.bytes[offset-p.start:]
}

// start returns the offset of document i.
func (d *documents) start(i int64) int64 {
	offset := d.index[i/documentStep]
	for range i % documentStep {
		offset += int64(d.kind.Length(d.rest(offset)))
	}
	return offset
}

// at returns the number and the start of the document that holds the byte at an offset.
func (d *documents) at(offset int64) (i, start int64) {
	mark := sort.Search(len(d.index), func(i int) bool { return d.index[i] > offset }) - 1
	i, start = int64(mark)*documentStep, d.index[mark]
	for {
		next := start + int64(d.kind.Length(d.rest(start)))
		if next > offset {
			return i, start
		}
		i, start = i+1, next
	}
}

// A documentOrder is the documents that one stream reads, those of symbols lo to hi-1 of a corpus, in the order of the pass.
// A document that lies across an edge is cut in two.
type documentOrder struct {
	documents *documents
	first     int64 // number of the first document
	n         int64 // documents
	// Of the first document, if it is what another stream began: the symbol in front of the edge, and the cursor behind it.
	tail   bool
	before int32
	edge   cursor
	cut    int64 // symbols of the last document in front of hi, if another stream has the rest of it; else 0

	order *random.Permutation // nil: as they lie
	next  int64               // documents taken
	left  int64               // symbols of the one at hand, if it is the last and cut; else as many as it has

	from, to int64 // the bytes of the document at hand
}

func (c *Corpus) newDocumentOrder(lo, hi int64) documentOrder {
	s := documentOrder{documents: c.documents, before: c.Alphabet.Start()}
	if lo > 0 {
		s.edge = c.at(lo - 1)
		s.before = s.edge.next()
	}
	s.first = c.document(lo)
	s.n = c.document(hi-1) - s.first + 1
	s.tail = c.begun(lo) > 0
	s.cut = c.begun(hi)
	return s
}

// at returns a cursor at symbol i, where files are texts of their own.
func (c *Corpus) at(i int64) cursor {
	at := cursor{a: c.Alphabet, parts: c.text.parts, apart: true}
	c.seek(&at, i)
	for len(at.rest) == 0 && at.part+1 < len(at.parts) { // the end of a file is the beginning of the next
		at.goTo(newMark(at.offset(), false))
	}
	return at
}

// document returns the number of the document that symbol i belongs to.
func (c *Corpus) document(i int64) int64 {
	at := c.at(i)
	at.next()
	number, _ := c.documents.at(at.offset() - 1)
	return number
}

// begun returns how many symbols of the document that symbol i belongs to lie in front of it.
func (c *Corpus) begun(i int64) (n int64) {
	if i == c.n {
		return 0
	}
	at := c.at(i)
	end, spaced := at.offset(), at.spaced
	_, start := c.documents.at(end)
	for at.goTo(newMark(start, false)); at.offset() < end || at.spaced != spaced; n++ {
		at.next()
	}
	return n
}

// take makes a cursor read the next document and returns the symbol in front of it.
func (s *documentOrder) take(c *cursor, start int32) (before int32) {
	i := s.next
	s.next++
	if s.order != nil {
		i = int64(s.order.At(uint64(i)))
	}
	if s.left = math.MaxInt64; i == s.n-1 && s.cut > 0 {
		s.left = s.cut
	}
	offset := s.documents.start(s.first + i)
	end := offset + int64(s.documents.kind.Length(s.documents.rest(offset)))
	s.from, s.to = offset, end
	if i == 0 && s.tail {
		s.from = s.edge.offset()
		c.spaced, c.rest = s.edge.spaced, s.edge.rest[:end-s.from]
		return s.before
	}
	c.spaced, c.rest = false, s.documents.rest(offset)[:end-offset]
	return start
}
