package corpus

import (
	"fmt"
	"strings"
)

// WithAlphabet makes a corpus with a given alphabet, such as a model's. It ignores Kind, Closed and MinCount of the options.
// It fails on other options out of range, with ErrEmpty, and on a symbol that a closed alphabet lacks, with an
// *UnknownSymbolError whose offset counts from the start of the file that the error names.
func WithAlphabet(t *Text, a *Alphabet, o Options) (*Corpus, error) {
	o.Kind, o.Closed, o.MinCount = a.kind, false, 0
	o, err := o.check(t)
	if err != nil {
		return nil, err
	}
	s := newScan(t, a, o)
	if err := s.known(); err != nil {
		return nil, err
	}
	return assemble(t, a, s, o)
}

// unknownSymbol describes a symbol that a closed alphabet lacks, as the text has it and where it ends there.
func unknownSymbol(text []byte, end int) *UnknownSymbolError {
	symbol := string(text)
	if len(symbol) > 1 {
		symbol = strings.TrimPrefix(symbol, " ") // the implied space before a word
	}
	return &UnknownSymbolError{symbol, end - len(symbol)}
}

// SplitAt makes the first train symbols the training section, in place of Options.Valid. It fails if there are fewer.
func (c *Corpus) SplitAt(train int64) error {
	if train < 0 || train > c.n {
		return fmt.Errorf("%d symbols to learn from, of a text of %d", train, c.n)
	}
	c.train = train
	return nil
}
