package corpus

import (
	"bytes"
	"sort"
)

// Documents is the kind of a corpus's documents: independent texts, at each of which the state restarts at zero and the model
// reads Alphabet.Start.
type Documents string

// The kinds. If there are documents, the end of a file ends one too. The separator belongs to the document before it, so
// that a model learns where documents end.
const (
	Whole      Documents = "whole"     // all files are one text
	Lines      Documents = "line"      // each line is a document
	Paragraphs Documents = "paragraph" // each run of lines, with the blank line after it, is a document; further ones begin the next
)

// DocumentKinds returns all kinds.
func DocumentKinds() []Documents { return []Documents{Whole, Lines, Paragraphs} }

// blanks are the characters of a blank line.
const blanks = " \t\v\f\r\n"

// A DocumentSplitter finds the ends of documents in a text that is read piece by piece. Set Kind before use.
type DocumentSplitter struct {
	Kind Documents
	text bool // some line of the document was not blank
	line bool // the current line is not blank
}

// Add reads the next symbol, and reports whether it ends the document.
func (s *DocumentSplitter) Add(symbol string) bool { return s.find([]byte(symbol)) >= 0 }

// find reads the next bytes. If the document ends among them it stops there and returns how many bytes it read, else -1.
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

// documentStep is the number of documents from one mark of their index to the next. Each document of a shuffled epoch is
// reached over those before it, half as many as that, which for short lines costs more than reading the document.
const documentStep = 16

// documents is a sparse index of where each document of a text begins.
type documents struct {
	kind  Documents
	n     int64
	index []int64 // offsets in bytes of documents 0, documentStep, 2*documentStep...
}

// add adds the next document.
func (d *documents) add(offset int64) {
	if d.n%documentStep == 0 {
		d.index = append(d.index, offset)
	}
	d.n++
}

// begin moves a cursor to the beginning of document i.
func (d *documents) begin(c *cursor, i int64) {
	c.moveTo(markAt(d.index[i/documentStep]))
	for range i % documentStep {
		if d.kind == Lines {
			if n := bytes.IndexByte(c.rest, '\n') + 1; n > 0 {
				c.rest = c.rest[n:]
				continue
			}
		}
		c.inSight()
		c.skip(d.kind)
	}
	c.inSight() // from the end of a file to the beginning of the next
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
