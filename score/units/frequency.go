package units

import (
	"math"
	"strings"
	"unicode"
)

// A Frequency tells how frequent words are. Upper and lower case are one word, and punctuation around a word is no part of it:
// "The," is "the".
type Frequency struct {
	count map[string]float64
	total float64
}

// NewFrequency returns a Frequency of no words.
func NewFrequency() *Frequency { return &Frequency{count: map[string]float64{}} }

// Add counts a word n times.
func (f *Frequency) Add(word string, n float64) {
	if word = plain(word); word != "" {
		f.count[word] += n
		f.total += n
	}
}

// Total returns how many words were counted.
func (f *Frequency) Total() float64 { return f.total }

// PerMillion returns how many of a million words are this one, 0 if none is. It is NaN for punctuation, and for several words.
func (f *Frequency) PerMillion(word string) float64 {
	if word = plain(word); word == "" || f.total == 0 || strings.ContainsFunc(word, unicode.IsSpace) {
		return math.NaN()
	}
	return 1e6 * f.count[word] / f.total
}

// plain returns a word in lower case without the punctuation around it.
func plain(word string) string {
	return strings.ToLower(strings.TrimFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}))
}
