package corpus

import (
	"errors"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Corpus is a text as symbols, in two sections: the training section, and the end of the text held out for validation. Other
// texts may be the sections to validate and test on; each is a corpus of its own, with the same alphabet and documents.
type Corpus struct {
	Alphabet   *Alphabet  // the symbols of the training section, or those that WithAlphabet was given
	AllSymbols bool       // the alphabet has the symbols of the section held out too: Options.AllSymbols
	LineBreaks LineBreaks // how the text's lines end; line breaks are learned as they are

	text        *Text
	index       []mark
	n           int64   // symbols
	train       int64   // symbols of the training section
	unknown     Unknown // if the alphabet was given
	valid, test *Corpus // texts of their own; nil if there are none

	documents *documents // nil if all is one text
}

// Options say how a text becomes a corpus. Defaults returns those of elman train.
type Options struct {
	Kind     Kind // of the symbols; "" means Chars
	Closed   bool // the alphabet has no escape: no other text can ever be read
	MinCount int  // symbols that occur less often in the training section are read as the escape; 0 and 1 keep every symbol

	// Lowercase reads every text in lower case, character by character: Unicode's simple mapping.
	Lowercase bool
	// AlphabetSize is the most symbols of an alphabet of subwords, at least 256; 0 means DefaultSubwords. There are fewer if no
	// other pair of symbols occurs twice, or MinCount times. In an open alphabet of words it is the most words: MinCount rises
	// until no more are left; 0 means no limit. Other kinds have none.
	AlphabetSize int

	Valid float64 // share of the text, at its end, held out for validation: at least 0 and below 1

	// Documents says where the state restarts; "" means Whole. If there are documents, the section held out begins with one,
	// where that is possible.
	Documents Documents

	// AllSymbols learns the alphabet from the whole text: for an alphabet without an escape, or to continue a run of a version
	// that did so. Validation is then a little too good: it knows words that only the section held out has.
	AllSymbols bool

	// Keep is an alphabet whose symbols New keeps, whether they occur or not, and whose Kind and Closed hold: a model's, which
	// shall learn the symbols of another text too. nil means none.
	Keep *Alphabet

	// ValidText is another text to validate on, in place of the end of this one: all of this one is the training section, and
	// Valid does not count. TestText is one to measure the model on in the end. Both are read with the alphabet and the
	// documents of this one. nil means none.
	ValidText, TestText *Text

	Progress func(bytes int64) // called every few thousand symbols with the bytes of a text read so far; may be nil
}

// Defaults returns options for characters, an open alphabet of all that are learned from, one text, and its last tenth held out.
func Defaults() Options { return Options{Kind: Chars, MinCount: 1, Valid: 0.1, Documents: Whole} }

// New reads the whole text once, and what is held out once more: the alphabet is that of the training section alone. It fails
// on options out of range, with ErrEmpty, with an *EncodingError if the symbols are characters or words and the text is not
// UTF-8, and if a closed alphabet lacks a symbol that is held out or in another text.
func New(t *Text, o Options) (*Corpus, error) {
	o, err := o.check(t)
	if err != nil {
		return nil, err
	}
	s := newScan(t, o.before(), o)
	counts, err := s.count()
	if err != nil {
		return nil, err
	}
	c, err := assemble(t, s.a, s, o)
	if err == nil {
		err = c.learn(counts, o)
	}
	if err == nil {
		err = c.readOthers(o)
	}
	return c, err
}

// before returns the alphabet by which a text is read before its symbols are known: each is the escape, or of subwords a byte.
func (o Options) before() *Alphabet {
	if o.Kind == Subwords {
		return bytesAlone(o.Lowercase)
	}
	return &Alphabet{kind: o.Kind, open: true, lower: o.Lowercase}
}

// learn gives a corpus the alphabet of its training section. It needs the counts of the whole text.
func (c *Corpus) learn(counts *tally, o Options) error {
	if c.train < c.n && !o.AllSymbols {
		held, err := c.rest(c.Alphabet, c.train).count()
		if err != nil {
			return err
		}
		counts.subtract(held)
	}
	if c.AllSymbols = o.AllSymbols; o.Kind == Subwords {
		return c.learnSubwords(counts, o)
	}
	if o.Lowercase {
		counts.lower(o.Kind)
	}
	least := int64(max(1, o.MinCount))
	if o.Kind == Words && o.AlphabetSize > 0 {
		least = counts.leastOf(o.AlphabetSize, least)
	}
	symbols := o.Keep.with(counts.symbols(o.Kind, least))
	if len(symbols) == 0 && least > int64(o.MinCount) {
		return setting.Errorf("more than %d words are equally frequent; choose a larger %v", o.AlphabetSize, setting.Name("alphabet_size"))
	}
	if len(symbols) == 0 {
		return setting.Errorf("no symbol occurs %d times in the text to learn from; choose a smaller %v", o.MinCount, setting.Name("min_count"))
	}
	var err error
	if c.Alphabet, err = newAlphabet(Form{o.Kind, !o.Closed, o.Lowercase}, symbols, nil); err != nil {
		return err
	}
	if !o.Closed || o.AllSymbols || c.train == c.n {
		return nil
	}
	switch err := c.rest(c.Alphabet, c.train).known(); {
	case errors.As(err, new(*UnknownSymbolError)):
		return setting.Errorf("%s: only the text held out has it; leave out %v, or hold out less (%v)", err.Error(),
			setting.Name("closed"), setting.Name("valid"))
	default:
		return err
	}
}

// rest returns a scan of the symbols from number i on.
func (c *Corpus) rest(a *Alphabet, i int64) *scan {
	s := &scan{cursor: c.cursor()}
	s.a = a
	c.seek(&s.cursor, i)
	return s
}

// check returns the options with defaults filled in.
func (o Options) check(t *Text) (Options, error) {
	if o.Keep != nil {
		o.Kind, o.Closed, o.Lowercase = o.Keep.kind, !o.Keep.open, o.Keep.lower
		if o.Closed {
			o.AlphabetSize = 0
		}
		o.AllSymbols = o.AllSymbols || o.Closed // nothing could stand for those that are held out
	}
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
		return o, setting.Errorf("%v is %.40q, must be bytes, chars, words or subwords", setting.Name("symbols"), o.Kind)
	case !(o.Valid >= 0 && o.Valid < 1):
		return o, setting.Errorf("%v is %v, must be at least 0 and below 1", setting.Name("valid"), o.Valid)
	case o.Kind == Subwords && o.AlphabetSize != 0 && (o.AlphabetSize < fewestSubwords || o.AlphabetSize > MostSubwords):
		return o, setting.Errorf("%v is %d, must be %d to %d", setting.Name("alphabet_size"), o.AlphabetSize, fewestSubwords, MostSubwords)
	case o.AlphabetSize < 0 || o.AlphabetSize > 0 && o.Kind == Words && o.Closed:
		return o, setting.Errorf("%v is %d, must be at least 0, and 0 in a closed alphabet", setting.Name("alphabet_size"), o.AlphabetSize)
	case o.MinCount < 0 || o.MinCount > 1 && o.Closed && o.Kind != Subwords:
		return o, setting.Errorf("%v is %d, must be at least 1, and 1 in a closed alphabet", setting.Name("min_count"), o.MinCount)
	case t.size == 0, o.ValidText != nil && o.ValidText.size == 0, o.TestText != nil && o.TestText.size == 0:
		return o, ErrEmpty
	}
	return o, nil
}

// assemble makes a corpus of a scanned text.
func assemble(t *Text, a *Alphabet, s *scan, o Options) (*Corpus, error) {
	if err := s.survey.end(); err != nil {
		return nil, err
	}
	c := &Corpus{Alphabet: a, LineBreaks: s.survey.lines, text: t, index: s.index, n: s.n, unknown: s.unknown, documents: s.survey.documents}
	if c.train = s.n; o.ValidText == nil && o.Valid > 0 {
		if c.train -= int64(float64(s.n) * o.Valid); o.Kind == Subwords {
			var err error
			if c.train, err = c.preTokenAt(t.size - int64(float64(t.size)*o.Valid)); err != nil {
				return nil, err
			}
		}
	}
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

// Valid returns the section to validate on: the end of the text, or all of Options.ValidText. It may be empty.
func (c *Corpus) Valid() Section {
	if c.valid != nil {
		return Section{c.valid, 0, c.valid.n}
	}
	return Section{c, c.train, c.n}
}

// Test returns all of Options.TestText, an empty section if there is none.
func (c *Corpus) Test() Section {
	if c.test != nil {
		return Section{c.test, 0, c.test.n}
	}
	return Section{c, c.n, c.n}
}
