package corpus

import "fmt"

// WithAlphabet makes a corpus with a given alphabet, such as a model's. It ignores the options of alphabets.
// It fails on other options out of range, with ErrEmpty, and on a symbol that a closed alphabet lacks, with an
// *UnknownSymbolError whose offset counts from the start of the file that the error names.
func WithAlphabet(t *Text, a *Alphabet, o Options) (*Corpus, error) {
	o.Kind, o.Closed, o.MinCount, o.AlphabetSize, o.Keep = a.kind, false, 0, 0, nil
	o, err := o.check(t)
	if err != nil {
		return nil, err
	}
	s := newScan(t, a, o)
	if err := s.known(); err != nil {
		return nil, err
	}
	c, err := assemble(t, a, s, o)
	if err == nil {
		err = c.readOthers(o)
	}
	return c, err
}

// Unknown is the symbols of a text that its alphabet lacks. They are read as the escape.
type Unknown struct {
	Symbols int64   // how many, each time counted
	Bits    float64 // that spell them: Alphabet.SpellingBits
	First   string  // the first of them
}

// Unknown returns the symbols that the alphabet lacks: nothing, if New found the alphabet in this text.
func (c *Corpus) Unknown() Unknown { return c.unknown }

// readOthers reads the texts to validate and test on.
func (c *Corpus) readOthers(o Options) (err error) {
	own := Options{Documents: o.Documents, Progress: o.Progress}
	for _, other := range []struct {
		text *Text
		to   **Corpus
	}{{o.ValidText, &c.valid}, {o.TestText, &c.test}} {
		if other.text == nil {
			continue
		}
		if *other.to, err = WithAlphabet(other.text, c.Alphabet, own); err != nil {
			return err
		}
	}
	return nil
}

// unknownSymbol describes a symbol that a closed alphabet lacks, as the text has it and where it ends there.
func unknownSymbol(text []byte, end int) *UnknownSymbolError {
	symbol := withoutSpace(string(text))
	return &UnknownSymbolError{symbol, end - len(symbol)}
}

// SplitAt makes the first train symbols the training section, in place of Options.Valid. It fails if there are fewer. If there
// is another text to validate on, those after them are left out.
func (c *Corpus) SplitAt(train int64) error {
	if train < 0 || train > c.n {
		return fmt.Errorf("%d symbols to learn from, of a text of %d", train, c.n)
	}
	c.train = train
	return nil
}
