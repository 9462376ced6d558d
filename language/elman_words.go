package language

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// A phrase is a sequence of words with a weight.
type phrase struct {
	weight int
	words  string
}

// wordSlots are the parts of a sentence; each contributes one phrase. The paper (Elman 1990, "Finding structure in time",
// Cognitive Science 14, simulation 3) prints neither its 15 words nor its sentences, except for the beginning in figure 6:
// many years ago a boy and girl lived by the sea they played happily. This lexicon and grammar are built around that.
func wordSlots() [][]phrase {
	return slots.get(func() [][]phrase {
		return [][]phrase{
			{{7, "many years ago"}, {13, ""}},
			wordSubjects(),
			{{1, "lived"}, {1, "played"}},
			{{2, "happily"}, {3, ""}},
			{{1, "by the sea"}, {1, ""}},
		}
	})
}

var slots lazy[[][]phrase]

// wordSubjects are "they" with probability 0.3, one noun with 0.35 and two nouns with 0.35.
func wordSubjects() []phrase {
	phrases := []phrase{{6 * 36, "they"}}
	var nouns []string
	for _, article := range []string{"a", "the"} {
		for _, noun := range []string{"boy", "girl", "king"} {
			nouns = append(nouns, article+" "+noun)
		}
	}
	for _, one := range nouns {
		phrases = append(phrases, phrase{7 * 6, one})
		for _, other := range nouns {
			phrases = append(phrases, phrase{7, one + " and " + other})
		}
	}
	return phrases
}

// The length of the shortest and of the longest sentence, in words.
const (
	fewestWords = 4
	mostWords   = 9
)

// elmanWords repeats the paper's text: each chapter has 200 sentences, with no mark between words or sentences.
var elmanWords = Language{
	Name:      "elman-words",
	Doc:       "Elman's sentences of 4 to 9 words from 15, without boundaries: manyyearsagoaboylivedbythesea",
	entropy:   elmanWordsEntropy,
	sentences: elmanSentences,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		for _, w := range ElmanWords(seed, i) {
			out.WriteString(w)
		}
	},
}

// ElmanWords returns the words of part number i (200 sentences) of the language "elman-words" with this seed.
func ElmanWords(seed, i uint64) []string {
	rng := random.New(seed, "elman-words", i)
	var words []string
	for range 200 {
		words = append(words, drawWords(rng)...)
	}
	return words
}

// drawWords draws sentences until one has the right length.
func drawWords(rng *rand.Rand) []string {
	for {
		var words []string
		for _, slot := range wordSlots() {
			at := rng.IntN(totalWeight(slot))
			for _, p := range slot {
				if at -= p.weight; at < 0 {
					words = append(words, strings.Fields(p.words)...)
					break
				}
			}
		}
		if n := len(words); n >= fewestWords && n <= mostWords {
			return words
		}
	}
}

func totalWeight(slot []phrase) int {
	n := 0
	for _, p := range slot {
		n += p.weight
	}
	return n
}

// elmanSentences lists every sentence that can be drawn. All differ, and a text shows where each begins.
func elmanSentences() []Sentence {
	all := []phrase{{1, ""}}
	for _, slot := range wordSlots() {
		var longer []phrase
		for _, s := range all {
			for _, p := range slot {
				longer = append(longer, phrase{s.weight * p.weight, s.words + " " + p.words})
			}
		}
		all = longer
	}
	var sentences []Sentence
	total := 0.0
	for _, s := range all {
		if words := strings.Fields(s.words); len(words) >= fewestWords && len(words) <= mostWords {
			sentences, total = append(sentences, Sentence{strings.Join(words, " "), float64(s.weight)}), total+float64(s.weight)
		}
	}
	for i := range sentences {
		sentences[i].P /= total
	}
	return sentences
}

func elmanWordsEntropy() EntropyRate {
	var weights []float64
	letters, words := 0.0, 0.0
	for _, s := range elmanSentences() {
		weights = append(weights, s.P)
		n := len(strings.Fields(s.Text))
		words += float64(s.P * float64(n))
		letters += float64(s.P * float64(len(s.Text)-n+1))
	}
	nats := entropyOf(weights...)
	derivation := fmt.Sprintf(`A sentence is drawn part by part until it has %d to %d words: an opening or none, a subject, a verb,
"happily" or not, "by the sea" or not. That leaves %d sentences, listed one by one with their
probabilities, and a text tells where each of them begins. The sum of -ln p is %.6f nats, in
%.2f words and %.6f letters, all means.
%.6f / %.6f = %.6f nats per character (%.6f per word).`,
		fewestWords, mostWords, len(weights), nats, words, letters, nats, letters, nats/letters, nats/words)
	return EntropyRate{nats / letters, true, derivation}
}
