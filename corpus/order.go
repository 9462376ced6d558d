package corpus

import (
	"math"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// A documentOrder holds the documents of one stream, those of symbols lo to hi-1 of a corpus, in the order of the epoch. A
// document across an edge is cut in two.
type documentOrder struct {
	documents  *documents
	first      int64 // number of the first document
	n          int64 // number of documents
	tail       *Feed // of the rest of the first document, if another stream has its beginning
	tailBegins int64 // where that document begins
	cut        int64 // symbols of the last document before hi, if another stream has the rest of it; else 0

	order *random.Permutation // nil: in the order of the text
	next  int64               // documents taken so far
	left  int64               // symbols left of the current document if it is cut, else no limit

	from, begins int64 // of the current document: where reading it began, and where it begins
}

func (c *Corpus) newDocumentOrder(lo, hi int64) (o documentOrder, err error) {
	o.documents = c.documents
	tail, first, err := c.begun(lo)
	if err != nil {
		return o, err
	}
	if o.first = first; tail.n > 0 {
		o.tail, o.tailBegins = &tail.Feed, tail.begins
	}
	last, number, err := c.begun(hi - 1)
	if err != nil {
		return o, err
	}
	o.n = number - first + 1
	if _, err := last.Next(); err != nil {
		return o, err
	}
	if hi < c.n && !last.between() {
		o.cut = last.n + 1
	}
	return o, nil
}

// A begunDocument is a document of which some symbols have been read.
type begunDocument struct {
	Feed
	begins int64 // offset of its first byte
	n      int64 // symbols read
}

// begun reads the document of symbol i up to that symbol, and returns its number.
func (c *Corpus) begun(i int64) (d begunDocument, number int64, err error) {
	at := c.cursor()
	c.seek(&at, i)
	at.inSight()
	edge := at.mark()
	d.Feed = *c.Alphabet.Feed(c.text, c.documents.kind)
	number = c.documents.at(&d.cursor, edge.offset())
	d.begins = d.offset()
	d.restart()
	for d.mark() != edge && err == nil {
		_, err = d.Next()
		d.n++
	}
	return d, number, err
}

// prepare is called before each step of a feed: where a document ends it makes the feed read the next one.
func (o *documentOrder) prepare(f *Feed) {
	if f.between() || o.left == 0 {
		o.take(f)
	}
	o.left--
}

// take makes a feed read the next document.
func (o *documentOrder) take(f *Feed) {
	i := o.next
	o.next++
	if o.order != nil {
		i = int64(o.order.At(uint64(i)))
	}
	if o.left = math.MaxInt64; i == o.n-1 && o.cut > 0 {
		o.left = o.cut
	}
	if i == 0 && o.tail != nil {
		f.moveTo(o.tail.mark())
		f.last, f.splitter = o.tail.last, o.tail.splitter
		f.fresh, o.from, o.begins = true, f.offset(), o.tailBegins
		return
	}
	o.documents.begin(&f.cursor, o.first+i)
	f.restart()
	o.from = f.offset()
	o.begins = o.from
}
