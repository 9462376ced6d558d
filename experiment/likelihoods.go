package experiment

import (
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/language"
)

// Likelihoods are the probabilities of the next word in a text of consecutive sentences, given every sentence with its
// probability, and the words of the current sentence so far.
type likelihoods struct {
	words []string
	after map[string][]float64 // by the words so far: the next word, in this sentence or the one after it
}

func newLikelihoods(sentences []language.Sentence, words []string) likelihoods {
	l := likelihoods{words, map[string][]float64{}}
	begun := map[string]float64{} // probability that a sentence begins so
	for _, s := range sentences {
		so := ""
		for _, w := range strings.Fields(s.Text) {
			l.add(so, slices.Index(words, w), s.P)
			begun[so] += s.P
			so = strings.TrimSpace(so + " " + w)
		}
		begun[so] += s.P
	}
	first := slices.Clone(l.after[""])
	for _, s := range sentences {
		for w, p := range first {
			l.add(s.Text, w, float64(s.P*p))
		}
	}
	for so, p := range l.after {
		for w := range p {
			p[w] /= begun[so]
		}
	}
	return l
}

// add adds to the probability of a word.
func (l likelihoods) add(so string, word int, p float64) {
	if l.after[so] == nil {
		l.after[so] = make([]float64, len(l.words))
	}
	l.after[so][word] += p
}
