// Package language generates texts whose entropy is known: the notebook's words, the grammars of Elman and Reber, a play, a
// log. A model trained on one of them has a lowest possible loss, computed from the rules of the language and not
// estimated from text.
package language

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// A Language is a generated text without end. The same seed gives the same text, of which every shorter one is the
// beginning.
type Language struct {
	Name string
	Doc  string // one line

	entropy   func() EntropyRate
	sentences func() []Sentence // nil where they have no end
	// chapter writes part number i of a text. Parts follow each other directly and know nothing of each other.
	chapter func(out *bytes.Buffer, seed, i uint64)
}

// All returns every language. A new one is a file of its own and its name here.
func All() []Language {
	return []Language{play, letters, elmanLetters, elmanWords, xor, reber, sentences, logs}
}

// Find returns the language with a name.
func Find(name string) (Language, error) {
	var names []string
	for _, l := range All() {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return Language{}, fmt.Errorf("unknown language %q; choose %s", name, strings.Join(names, ", "))
}

// Entropy returns the entropy rate of the language, computed from its rules.
func (l Language) Entropy() EntropyRate { return l.entropy() }

// A Sentence is one of a language's, its words divided by spaces, and its probability.
type Sentence struct {
	Text string
	P    float64
}

// Sentences returns every sentence of the languages "elman-words" and "sentences" with its probability, no two of one text;
// nil for any other language.
func (l Language) Sentences() []Sentence {
	if l.sentences == nil {
		return nil
	}
	return l.sentences()
}

// Write writes size bytes of the text with a seed. It fails if w does.
func (l Language) Write(w io.Writer, seed uint64, size int64) error {
	var b bytes.Buffer
	for i := uint64(0); size > 0; i++ {
		b.Reset()
		l.chapter(&b, seed, i)
		n := min(int64(b.Len()), size)
		if _, err := w.Write(b.Bytes()[:n]); err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// Generate returns size bytes of the text with a seed.
func (l Language) Generate(seed uint64, size int) []byte {
	b := bytes.NewBuffer(make([]byte, 0, max(size, 0)))
	l.Write(b, seed, int64(size)) // a buffer does not fail
	return b.Bytes()
}
