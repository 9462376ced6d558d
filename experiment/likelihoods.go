package experiment

import (
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/language"
)

// Likelihoods are of the next word in a text of sentences that follow each other, for who knows every sentence, its
// probability, and the words of the one that the text is in.
type likelihoods struct {
	words []string
	after map[string][]float64 // by the words so far: what comes next in the sentence, or in the one that follows it
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
