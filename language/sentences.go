package language

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/random"
)

// The words and templates of Elman 1990 ("Finding structure in time", Cognitive Science 14, simulation 4, tables 3 and 4).
// Table 3 prints two words of each class; figure 7 has the others. Of the two readings of the classes this one yields figure
// 7's tree of nouns: ANIM includes humans and aggressors, INANIM includes fragile things and food.
const (
	humans     = "man woman boy girl"
	aggressors = "dragon monster lion"
	fragile    = "glass plate"
	food       = "cookie bread sandwich"
)

var sentenceClasses = map[string][]string{
	"HUM":     strings.Fields(humans),
	"ANIM":    strings.Fields("cat mouse dog " + humans + " " + aggressors),
	"INANIM":  strings.Fields("book rock car " + fragile + " " + food),
	"AGRESS":  strings.Fields(aggressors),
	"FRAG":    strings.Fields(fragile),
	"FOOD":    strings.Fields(food),
	"intran":  strings.Fields("think sleep exist"),
	"tran":    strings.Fields("see chase like"),
	"agpat":   strings.Fields("move break"),
	"percept": strings.Fields("smell see"),
	"destroy": strings.Fields("break smash"),
	"eat":     strings.Fields("eat"),
}

var sentenceTemplates = []string{
	"HUM eat FOOD",
	"HUM percept INANIM",
	"HUM destroy FRAG",
	"HUM intran",
	"HUM tran HUM",
	"HUM agpat INANIM",
	"HUM agpat",
	"ANIM eat FOOD",
	"ANIM tran ANIM",
	"ANIM agpat INANIM",
	"ANIM agpat",
	"INANIM agpat",
	"AGRESS destroy FRAG",
	"AGRESS eat HUM",
	"AGRESS eat ANIM",
	"AGRESS eat FOOD",
}

// sentences writes one sentence per line, so the text shows where each ends; Elman's text had no such mark.
var sentences = Language{
	Name:      "sentences",
	Doc:       "Elman's sentences of two or three words from 29, one per line",
	entropy:   sentencesEntropy,
	sentences: templateSentences,
	chapter: func(out *bytes.Buffer, seed, i uint64) {
		rng := random.New(seed, "sentences", i)
		for range 1000 {
			writeSentence(out, rng)
		}
	},
}

func writeSentence(out *bytes.Buffer, rng *rand.Rand) {
	for i, class := range strings.Fields(sentenceTemplates[rng.IntN(len(sentenceTemplates))]) {
		if i > 0 {
			out.WriteByte(' ')
		}
		words := sentenceClasses[class]
		out.WriteString(words[rng.IntN(len(words))])
	}
	out.WriteByte('\n')
}

// templateSentences lists every sentence, sorted, with its probability summed over all templates: "man break glass" comes from
// three.
func templateSentences() []Sentence {
	var all []Sentence
	for _, template := range sentenceTemplates {
		some := []Sentence{{"", 1 / float64(len(sentenceTemplates))}}
		for _, class := range strings.Fields(template) {
			var longer []Sentence
			words := sentenceClasses[class]
			for _, s := range some {
				for _, w := range words {
					longer = append(longer, Sentence{strings.TrimSpace(s.Text + " " + w), s.P / float64(len(words))})
				}
			}
			some = longer
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b Sentence) int { return strings.Compare(a.Text, b.Text) })
	distinct := all[:0]
	for _, s := range all {
		if n := len(distinct); n > 0 && distinct[n-1].Text == s.Text {
			distinct[n-1].P += s.P
		} else {
			distinct = append(distinct, s)
		}
	}
	return distinct
}

func sentencesEntropy() EntropyRate {
	all := templateSentences()
	var weights []float64
	words, characters := 0.0, 0.0
	for _, s := range all {
		weights = append(weights, s.P)
		words += s.P * float64(len(strings.Fields(s.Text)))
		characters += s.P * float64(len(s.Text)+1)
	}
	nats := entropyOf(weights...)
	derivation := fmt.Sprintf(`A sentence is one of %d templates, such as "%s", with a word drawn for each class.
Different templates can give the same sentence, whose probability is then their sum; %d
different sentences remain, listed one by one. The sum of -p ln p over them is %.6f nats,
in %.2f words and %.6f characters with the line break, both means.
%.6f / %.6f = %.6f nats per character (%.6f per word).`,
		len(sentenceTemplates), sentenceTemplates[1], len(all), nats, words, characters,
		nats, characters, nats/characters, nats/words)
	return EntropyRate{nats / characters, true, derivation}
}
