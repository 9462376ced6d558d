package corpus

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Language is a generated text without end. The same seed gives the same text, of which every shorter one is the
// beginning.
type Language struct {
	Name string
	Doc  string // one line

	entropy func() Rate
	// chapter writes part number i of a text. Parts follow each other directly and know nothing of each other.
	chapter func(out *bytes.Buffer, seed, i uint64)
}

// Languages lists every language.
func Languages() []Language {
	return []Language{play, letters, elmanLetters, elmanWords, xor, reber, sentences, logs}
}

// FindLanguage returns the language with a name.
func FindLanguage(name string) (Language, error) {
	all := Languages()
	i := slices.IndexFunc(all, func(l Language) bool { return l.Name == name })
	if i < 0 {
		var names []string
		for _, l := range all {
			names = append(names, l.Name)
		}
		return Language{}, fmt.Errorf("language %q: there are %s", name, strings.Join(names, ", "))
	}
	return all[i], nil
}

// Entropy returns the entropy rate of the language, computed from its rules.
func (l Language) Entropy() Rate { return l.entropy() }

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
