package corpus

import (
	"bytes"
	"sort"
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

// blanks are what a blank line may hold.
const blanks = " \t\v\f\r\n"

// A DocumentSplitter tells, as a text is read piece by piece, where its documents end. With its Kind set it is ready for use.
type DocumentSplitter struct {
	Kind Documents
	text bool // a line of the document was not blank
	line bool // this line is not
}

// Add takes in the next symbol, and says whether the document ends with it.
func (s *DocumentSplitter) Add(symbol string) bool { return s.find([]byte(symbol)) >= 0 }

// find takes in the next bytes and returns how many of them belong to the document at hand if it ends among them: the rest
// was not taken in. Otherwise it returns -1.
func (s *DocumentSplitter) find(b []byte) int {
	if s.Kind != Lines && s.Kind != Paragraphs {
		return -1
	}
	for from := 0; from < len(b); {
		n := bytes.IndexByte(b[from:], '\n') + 1
		if n > 0 && s.Kind == Lines {
			return from + n
		}
		if s.Kind == Paragraphs {
			line := b[from:]
			if n > 0 {
				line = line[:n]
			}
			s.line = s.line || len(bytes.Trim(line, blanks)) > 0
		}
		if n == 0 {
			return -1
		}
		if s.text && !s.line {
			*s = DocumentSplitter{Kind: s.Kind}
			return from + n
		}
		s.text, s.line = s.text || s.line, false
		from += n
	}
	return -1
}

// documentStep is the number of documents from one mark of their index to the next.
const documentStep = 64

// documents know where each document of a text begins.
type documents struct {
	kind  Documents
	n     int64
	index []int64 // offsets in bytes of documents 0, documentStep, 2*documentStep...
}

// add takes in the next document.
func (d *documents) add(offset int64) {
	if d.n%documentStep == 0 {
		d.index = append(d.index, offset)
	}
	d.n++
}

// begin moves a cursor to the beginning of document i.
func (d *documents) begin(c *cursor, i int64) {
	c.moveTo(newMark(d.index[i/documentStep], false))
	for range i % documentStep {
		c.inSight()
		c.skip(d.kind)
	}
	c.inSight() // the end of a file is the beginning of the next
}

// at moves a cursor to the beginning of the document that holds the byte at an offset, and returns its number.
func (d *documents) at(c *cursor, offset int64) (i int64) {
	i = int64(sort.Search(len(d.index), func(i int) bool { return d.index[i] > offset })-1) * documentStep
	for d.begin(c, i); ; i++ {
		start := c.mark()
		c.skip(d.kind)
		if c.err != nil || c.offset() > offset {
			c.moveTo(start)
			return i
		}
		c.inSight()
	}
}
