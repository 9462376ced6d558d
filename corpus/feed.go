package corpus

import (
	"context"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// A Feed turns a text into the time steps of a network: at each the network reads one symbol, X, and predicts the next, Y. It
// defines how a text begins: its first symbol, and the first of each document, is predicted from a state of zero after
// Alphabet.Start. If there are documents, the end of a file ends one.
type Feed struct {
	// Open lets the pieces of Append end within a symbol. A symbol that the next piece may change is held back.
	Open bool
	// Unknown lets a closed alphabet read a symbol that it lacks: Y is -1, and the next X is Alphabet.Start.
	Unknown bool

	cursor
	splitter DocumentSplitter
	start    int32 // Alphabet.Start
	last     int32 // symbol read last, or start
	fresh    bool  // the state restarts before last is read
	left     int64 // symbols left to read
	size     int   // bytes read
}

// A Step is one time step.
type Step struct {
	X, Y   int32  // the symbol read, and the symbol to predict
	Starts bool   // the state restarts at zero before X is read
	Text   []byte // Y as it stands in the text, a word with its implied space; valid until the next step
}

// Feed returns a feed of a text, or if text is nil, of the pieces that Append adds.
func (a *Alphabet) Feed(text *Text, documents Documents) *Feed {
	f := &Feed{start: a.Start(), splitter: DocumentSplitter{Kind: documents}}
	f.cursor = cursor{a: a, reader: reader{text: text}, apart: documents == Lines || documents == Paragraphs}
	f.Reset()
	return f
}

// Feed returns a feed of the section. Its first symbol is predicted from a state of zero after the symbol before it.
func (s Section) Feed() (*Feed, error) {
	f := s.c.Alphabet.Feed(s.c.text, s.c.Documents())
	if s.lo > 0 && s.lo < s.hi {
		if s.c.documents != nil {
			d, _, err := s.c.begun(s.lo)
			if err != nil {
				return nil, err
			}
			f = &d.Feed
		} else {
			s.c.seek(&f.cursor, s.lo-1)
			f.last = f.next()
		}
	}
	f.fresh, f.left = true, s.Len()
	return f, f.err
}

// Reset returns to the beginning: of its text, or of a new text that Append adds.
func (f *Feed) Reset() {
	f.rest, f.part, f.ahead, f.blocks = nil, 0, 0, mostBlocks
	f.forget()
	f.left, f.size, f.err = math.MaxInt64, 0, nil
	f.restart()
}

// Append adds the next piece to a feed without a text, after the piece before has been read. The piece must not change until
// it has been read. Unless the feed is Open, it must not end within a symbol.
func (f *Feed) Append(piece []byte) {
	if len(f.rest) > 0 { // it waits, and is not long
		piece = append(slices.Clip(f.rest), piece...)
	}
	f.rest = piece
}

// Waiting returns how many bytes of the pieces have not been read: those of a symbol that the next piece may change.
func (f *Feed) Waiting() int { return len(f.rest) }

// Clone returns an independent feed at the same position. It is for feeds without a text.
func (f *Feed) Clone() *Feed {
	if f.text != nil {
		panic("corpus: Clone of a feed that reads a text")
	}
	c := *f
	c.rest = slices.Clone(f.rest)
	return &c
}

// restart begins a document.
func (f *Feed) restart() {
	f.last, f.fresh, f.splitter = f.start, true, DocumentSplitter{Kind: f.splitter.Kind}
}

// Next returns the next time step, or io.EOF at the end of the text. It fails with an *UnknownSymbolError on a symbol that a
// closed alphabet lacks, and if the text cannot be read.
func (f *Feed) Next() (Step, error) {
	if f.left == 0 || len(f.rest) == 0 && !f.begin() {
		return Step{}, f.ended()
	}
	switch {
	case f.a.kind == Subwords:
		if f.pre.n == 0 && len(f.rest) < preTokenReach {
			f.complete()
		}
	case len(f.rest) < utf8.UTFMax || f.a.kind == Words:
		f.complete()
	}
	if f.Open && !f.certain() {
		return Step{}, io.EOF
	}
	before := f.rest
	id, ok := f.cursor.read()
	if f.err != nil {
		return Step{}, f.err
	}
	text := before[:len(before)-len(f.rest)]
	f.size += len(text)
	s := Step{f.last, id, f.fresh, text}
	switch {
	case ok:
		f.last = id
	case f.Unknown:
		s.Y, f.last = -1, f.start
	default:
		f.err = unknownSymbol(text, f.size)
		return Step{}, f.err
	}
	f.fresh = false
	if f.ends(text) {
		f.restart()
	}
	f.left--
	return s, nil
}

// Each passes the time steps up to the end of the text to next. Where the state restarts, begin receives X before. Its errors
// are those of Next, without io.EOF, those of next, which end it, and ctx.Err().
func (f *Feed) Each(ctx context.Context, begin func(x int32), next func(Step) error) error {
	for n := 0; ; n++ {
		if n%(1<<12) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		step, err := f.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if step.Starts {
			begin(step.X)
		}
		if err := next(step); err != nil {
			return err
		}
	}
}

// ends reads the text of a symbol, and reports whether it ends the document.
func (f *Feed) ends(text []byte) bool {
	switch f.splitter.Kind {
	case Lines: // no symbol goes on after a line break
		return len(text) > 0 && text[len(text)-1] == '\n'
	case Paragraphs:
		return f.splitter.find(text) >= 0
	}
	return false
}

// certain reports whether the next symbol is the same whatever follows rest.
func (f *Feed) certain() bool {
	switch {
	case f.a.kind == Chars:
		return utf8.FullRune(f.rest)
	case f.pre.n > 0:
		return true
	}
	return len(f.rest) >= f.a.reach(f.rest, f.spaced)
}

// begin brings bytes in sight, and reports whether there are any.
func (f *Feed) begin() bool {
	if f.text != nil && f.err == nil && f.ahead == 0 {
		f.err = f.text.pin()
	}
	part := f.part
	ok := f.inSight()
	if f.apart && f.part != part {
		f.restart()
	}
	return ok
}

// between reports whether the next step begins a document, or would if the text continued.
func (f *Feed) between() bool {
	return f.fresh || len(f.rest) == 0 && f.ahead == f.text.parts[f.part].size
}

// Ahead returns the X and Starts of the next time step, even if the text has ended: the last symbol, or Alphabet.Start where a
// document begins.
func (f *Feed) Ahead() (x int32, starts bool) { return f.last, f.fresh }

// Splitter returns a splitter that continues from here.
func (f *Feed) Splitter() DocumentSplitter { return f.splitter }

// Steps are consecutive time steps.
type Steps struct {
	X, Y   []int32
	Starts []bool
	Text   [][]byte // of each Y

	bytes []byte // of Text
}

// Read replaces s by the next n time steps, or by fewer at the end of the text. Its errors are those of Next, without io.EOF.
func (f *Feed) Read(s *Steps, n int) error {
	s.Clear()
	return f.ReadMore(s, n)
}

// ReadMore appends the next n time steps to s, or fewer at the end of the text. Its errors are those of Next, without io.EOF.
func (f *Feed) ReadMore(s *Steps, n int) error {
	for range n {
		step, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		s.Append(step)
	}
	return nil
}

// Clear makes s empty.
func (s *Steps) Clear() {
	s.X, s.Y, s.Starts, s.Text, s.bytes = s.X[:0], s.Y[:0], s.Starts[:0], s.Text[:0], s.bytes[:0]
}

// Append appends a step, whose text it copies.
func (s *Steps) Append(step Step) {
	s.X, s.Y, s.Starts = append(s.X, step.X), append(s.Y, step.Y), append(s.Starts, step.Starts)
	from := len(s.bytes)
	s.bytes = append(s.bytes, step.Text...) // texts before stay where they are, whether it moves or not
	s.Text = append(s.Text, s.bytes[from:len(s.bytes):len(s.bytes)])
}

// At returns step i.
func (s *Steps) At(i int) Step { return Step{s.X[i], s.Y[i], s.Starts[i], s.Text[i]} }
