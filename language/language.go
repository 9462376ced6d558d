// Package language generates texts of known entropy: the notebook's words, the languages of Elman 1990, Reber's grammar, a
// play, a log, names. The entropy is the lowest loss that any model can reach; it is computed from the rules of a language, not
// estimated from text.
package language

import (
	"bytes"
	"io"
	"math"
	"sync"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Language is an endless generated text. The same seed gives the same text: a shorter text is the beginning of a longer one.
type Language struct {
	Name string
	Doc  string // one line

	entropy   func() EntropyRate
	sentences func() []Sentence // nil if there are infinitely many
	// chapter writes part number i of a text. Parts are independent and follow each other directly.
	chapter func(out *bytes.Buffer, seed, i uint64)
}

// All returns every language. To add one, write its file and name it here.
func All() []Language {
	return []Language{play, letters, elmanLetters, elmanWords, xor, reber, sentences, logs, names}
}

// Find returns the language with this name, or an error that lists all names.
func Find(name string) (Language, error) {
	return setting.Find("language", name, All(), func(l Language) string { return l.Name })
}

// Entropy returns the entropy rate, computed from the rules of the language, once.
func (l Language) Entropy() EntropyRate {
	entropies.Lock()
	defer entropies.Unlock()
	rate, known := entropies.of[l.Name]
	if !known {
		rate = l.entropy()
		rate.Nats = math.Round(rate.Nats*1e12) / 1e12 // where processors agree: their logarithms differ in the last digits
		if entropies.of == nil {
			entropies.of = map[string]EntropyRate{}
		}
		entropies.of[l.Name] = rate
	}
	return rate
}

// entropies are those computed so far, by name.
var entropies struct {
	sync.Mutex
	of map[string]EntropyRate
}

// A lazy value is made when it is first used. Unlike one of sync.OnceValue it needs no code when a program starts, so that programs without
// languages, such as a web page, are not made larger by them.
type lazy[T any] struct {
	once  sync.Once
	value T
}

func (l *lazy[T]) get(make func() T) T {
	l.once.Do(func() { l.value = make() })
	return l.value
}

// A Sentence is a sentence of a language, its words separated by spaces, and its probability.
type Sentence struct {
	Text string
	P    float64
}

// Sentences returns every sentence of "elman-words" or "sentences" once, with its probability; nil for other languages.
func (l Language) Sentences() []Sentence {
	if l.sentences == nil {
		return nil
	}
	return l.sentences()
}

// Write writes the first size bytes of the text with this seed. Its errors are those of w.
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

// Generate returns the first size bytes of the text with this seed.
func (l Language) Generate(seed uint64, size int) []byte {
	b := bytes.NewBuffer(make([]byte, 0, max(size, 0)))
	l.Write(b, seed, int64(size)) // a buffer never fails
	return b.Bytes()
}
