package corpus

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Corpus is a text as symbols, in two sections: the training section, and the end of the text held out for validation.
type Corpus struct {
	Alphabet   *Alphabet  // all symbols of the text
	LineBreaks LineBreaks // how its lines end; line breaks are learned as they are

	text  *Text
	index []mark
	n     int64 // symbols
	train int64 // symbols of the training section

	documents *documents // nil if all is one text
}

// Options say how a text becomes a corpus. Defaults returns those of elman train.
type Options struct {
	Kind     Kind    // of the symbols; "" means Chars
	Closed   bool    // the alphabet has no escape: no other text can ever be read
	MinCount int     // symbols that occur less often are read as the escape; 0 and 1 keep every symbol
	Valid    float64 // share of the text, at its end, held out for validation: at least 0 and below 1

	// Documents says where the state restarts; "" means Whole. If there are documents, the section held out begins with one,
	// where that is possible.
	Documents Documents

	Progress func(bytes int64) // called every few thousand symbols with the bytes read so far; may be nil
}

// Defaults returns options for characters, an open alphabet of all that occur, one text, and its last tenth held out.
func Defaults() Options { return Options{Kind: Chars, MinCount: 1, Valid: 0.1, Documents: Whole} }

// New reads the whole text once to find its alphabet. It fails on options out of range, with ErrEmpty, and with an
// *EncodingError if the symbols are characters or words and the text is not UTF-8.
func New(t *Text, o Options) (*Corpus, error) {
	o, err := o.check(t)
	if err != nil {
		return nil, err
	}
	s := newScan(t, &Alphabet{kind: o.Kind}, o)
	symbols, err := s.learn()
	if err != nil {
		return nil, err
	}
	if len(symbols) == 0 {
		return nil, setting.Errorf("no symbol occurs %d times; choose a smaller %v", o.MinCount, setting.Name("min_count"))
	}
	a, err := newAlphabet(o.Kind, symbols, !o.Closed)
	if err != nil {
		return nil, err
	}
	return assemble(t, a, s, o)
}

// check returns the options with defaults filled in.
func (o Options) check(t *Text) (Options, error) {
	if o.Kind == "" {
		o.Kind = Chars
	}
	if o.Documents == "" {
		o.Documents = Whole
	}
	switch {
	case !slices.Contains(DocumentKinds(), o.Documents):
		return o, setting.Errorf("%v is %.40q, must be whole, line or paragraph", setting.Name("documents"), o.Documents)
	case !slices.Contains(Kinds(), o.Kind):
		return o, setting.Errorf("%v is %.40q, must be bytes, chars or words", setting.Name("symbols"), o.Kind)
	case !(o.Valid >= 0 && o.Valid < 1):
		return o, setting.Errorf("%v is %v, must be at least 0 and below 1", setting.Name("valid"), o.Valid)
	case o.MinCount < 0 || o.MinCount > 1 && o.Closed:
		return o, setting.Errorf("%v is %d, must be at least 1, and 1 in a closed alphabet", setting.Name("min_count"), o.MinCount)
	case t.size == 0:
		return o, ErrEmpty
	}
	return o, nil
}

// assemble makes a corpus of a scanned text.
func assemble(t *Text, a *Alphabet, s *scan, o Options) (*Corpus, error) {
	if err := s.survey.end(); err != nil {
		return nil, err
	}
	c := &Corpus{Alphabet: a, LineBreaks: s.survey.lines, text: t, index: s.index, n: s.n, documents: s.survey.documents}
	c.train = s.n - int64(float64(s.n)*o.Valid)
	if c.documents != nil && c.train < c.n {
		d, _, err := c.begun(c.train)
		if err != nil {
			return nil, err
		}
		if d.n < c.train {
			c.train -= d.n
		}
	}
	return c, nil
}

// Documents returns the kind of the corpus's documents.
func (c *Corpus) Documents() Documents {
	if c.documents == nil {
		return Whole
	}
	return c.documents.kind
}

// Text returns the text of the corpus.
func (c *Corpus) Text() *Text { return c.text }

// Hash returns the SHA-256 of the text in hexadecimal.
func (c *Corpus) Hash() string { return c.text.sum() }

// Train returns the training section.
func (c *Corpus) Train() Section { return Section{c, 0, c.train} }

// Valid returns the section held out for validation, which may be empty.
func (c *Corpus) Valid() Section { return Section{c, c.train, c.n} }
