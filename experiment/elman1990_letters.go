package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

const (
	lettersSyllables = 1000 // of the training text, and as many new ones for the test
	lettersPasses    = 200
	lettersShown     = 36 // letters in a figure
)

// letterFeatures are the meanings of the bits of letterCodes, the codes of a, b, d, g, i, u (table 1).
var (
	letterFeatures = []string{"consonant", "vowel", "interrupted", "high", "back", "voiced"}
	letterCodes    = "010011 101001 101101 101011 010101 010111"
)

const consonantBit, highBit = 0, 3

// letterPlaces are the kinds of letters by predictability: that a consonant follows is certain, but not which; vowels are
// certain.
var letterPlaces = []string{"b d g", "a", "1st i", "2nd i", "1st u", "2nd u", "3rd u"}

// A lettersRun is the result of one network: its errors on new letters.
type lettersRun struct {
	places []float64 // RMS over all bits, by place
	bits   []float64 // RMS on consonants, by bit

	text             string    // the first predicted letters
	all, first, high []float64 // errors there: RMS over all bits, absolute error of the first and of the fourth bit
}

func elman1990Letters(ctx context.Context, s *session) error {
	s.result.Source = "the language elman-letters"
	learned, _ := lettersTexts(s.Seed)
	s.say("The text: %d random consonants b, d, g, each followed by its vowels: %s... Each letter is six articulatory features. A network of 20 units reads a letter and predicts the next.",
		lettersSyllables, learned[:24])
	s.say("Errors are root mean squares on %d new syllables, after %d passes at a learning rate of 0.1.", lettersSyllables, cmp.Or(s.Epochs, lettersPasses))
	seeds, err := perSeed(ctx, s, lettersOnce)
	if err != nil {
		return err
	}
	bits := bestOnConsonants()
	all := 0.0
	for _, b := range bits {
		all += float64(b*b) / float64(len(bits))
	}
	var rows [][]any
	for i, place := range letterPlaces {
		best := 0.0
		if i == 0 {
			best = math.Sqrt(all)
		}
		rows = append(rows, []any{place, best, spread(over(seeds, func(r lettersRun) float64 { return r.places[i] }))})
	}
	s.whole([]string{"letter", "best possible", "error over all six features"}, rows)
	rows = nil
	for i, feature := range letterFeatures {
		rows = append(rows, []any{feature, bits[i], spread(over(seeds, func(r lettersRun) float64 { return r.bits[i] }))})
	}
	s.whole([]string{"feature of consonants", "best possible", "error"}, rows)
	s.say("The paper shows errors as graphs (figures 4 and 5): high at consonants, low at vowels. The network knows that a consonant comes, but not which.")
	s.lettersFigures(seeds[0])
	vowels := func(r lettersRun) float64 { return slices.Max(r.places[1:]) }
	const source = "at best 0.272 at consonants, where high and back are 0.471, and 0 elsewhere"
	s.target("error at consonants", "0.27 to 0.28", source, each(seeds, func(r lettersRun) bool { return r.places[0] >= 0.27 && r.places[0] <= 0.28 }))
	s.target("error at every vowel", "< 0.05", source, each(seeds, func(r lettersRun) bool { return vowels(r) < 0.05 }))
	s.target("feature high at consonants", "0.46 to 0.50", source, each(seeds, func(r lettersRun) bool { return r.bits[highBit] >= 0.46 && r.bits[highBit] <= 0.5 }))
	s.target("feature consonant at consonants", "< 0.03", source, each(seeds, func(r lettersRun) bool { return r.bits[consonantBit] < 0.03 }))
	return nil
}

// bestOnConsonants returns the lowest possible error of each feature if b, d and g are equally likely: its standard deviation.
func bestOnConsonants() []float64 {
	codes := strings.Fields(letterCodes)[1:4]
	best := make([]float64, len(letterFeatures))
	for i := range best {
		ones := 0.0
		for _, code := range codes {
			ones += float64(code[i] - '0')
		}
		p := ones / float64(len(codes))
		best[i] = math.Sqrt(float64(p * (1 - p)))
	}
	return best
}

// lettersTexts returns the training text, and new syllables.
func lettersTexts(seed uint64) (learned, tested string) {
	l, err := language.Find("elman-letters")
	if err != nil {
		panic(err)
	}
	text := string(l.Generate(seed, 4*2*lettersSyllables+1)) // a syllable has at most four letters
	var ends []int
	for i := range text {
		if strings.Contains("bdg", text[i:i+1]) {
			ends = append(ends, i)
		}
	}
	return text[:ends[lettersSyllables]], text[ends[lettersSyllables]:ends[2*lettersSyllables]]
}

// letterPlace returns the index in letterPlaces of a letter after others.
func letterPlace(before string, letter byte) int {
	same := len(before) - len(strings.TrimRight(before, string(letter)))
	switch letter {
	case 'a':
		return 1
	case 'i':
		return 2 + same
	case 'u':
		return 4 + same
	}
	return 0
}

func lettersOnce(ctx context.Context, t seedRun) (lettersRun, error) {
	learned, tested := lettersTexts(t.Seed)
	m, _, err := t.learn1990(ctx, "20 units", learned, t.network1990(20, lettersPasses, 0.1, 0.5, letterCodes))
	if err != nil {
		return lettersRun{}, err
	}
	return measureLetters(m, tested)
}

// measureLetters measures a model on syllables.
func measureLetters(m *model.Model, text string) (r lettersRun, err error) {
	ids, err := m.Alphabet.Encode(text)
	if err != nil {
		return r, err
	}
	E := len(letterFeatures)
	codes := m.Network.Params()[0].Value
	places, bits := make([]accumulator, len(letterPlaces)), make([]accumulator, E)
	follow(m, ids, func(i int, w *rnn.Window) {
		place, all := letterPlace(text[:i], text[i]), accumulator{}
		var distance []float64
		for bit, answer := range w.CodeOutputs() {
			d := float64(answer) - float64(codes[int(ids[i])*E+bit])
			distance = append(distance, math.Abs(d))
			all.add(float64(d * d))
			if place == 0 {
				bits[bit].add(float64(d * d))
			}
		}
		if places[place].add(all.mean()); i <= lettersShown {
			r.text += text[i : i+1]
			r.all, r.first, r.high = append(r.all, all.root()), append(r.first, distance[consonantBit]), append(r.high, distance[highBit])
		}
	})
	for _, a := range places {
		r.places = append(r.places, a.root())
	}
	for _, a := range bits {
		r.bits = append(r.bits, a.root())
	}
	return r, nil
}

func (s *session) lettersFigures(r lettersRun) {
	names := strings.Split(r.text, "")
	line := func(name string, y []float64) chart.Line {
		return chart.Line{Name: name, X: upFrom(0, len(y)), Y: y, Dots: true}
	}
	s.figure("letters", fmt.Sprintf("Error of the predicted letter, over all features (figure 4); the first new letters of seed %d.", s.Seed),
		chart.Chart{X: "predicted letter", Y: "RMS error of six features", XNames: names, FromZero: true, Lines: []chart.Line{line("", r.all)}})
	s.figure("features", "Error of two features of the same letters (figure 5): the network knows that a consonant comes, but not whether it is a high one.",
		chart.Chart{X: "predicted letter", Y: "error of the feature", XNames: names, FromZero: true, LegendBelow: true,
			Lines: []chart.Line{line("consonant", r.first), line("high", r.high)}})
}
