package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

const (
	wordsUnits  = 20
	wordsPasses = 10
	wordsBits   = 5
	// wordsFragment is two sentences of this grammar, with the words of figure 6.
	wordsFragment = "a girl played happily many years ago a boy lived by the sea"
)

// wordsArms are the networks. Those with codes read the binary number of a letter in the English alphabet, as in table 2. The
// last is the modern way: a unit for each letter, and a probability.
var wordsArms = []struct {
	name     string
	rate     float64
	codes    bool
	onset, f float64 // targets, unless 0: ratio of errors, F; with f there is one for the area under the ROC curve too
}{
	{"codes, rate 0.3", 0.3, true, 3, 0.68},
	{"codes, rate 1", 1, true, 3, 0},
	{"probabilities, rate 0.1", 0.1, false, 0, 0.76},
}

// A wordsRun is the result of one network, on new text.
type wordsRun struct {
	letters      [4]float64 // mean error at the first, second, third, and all further letters of words
	onset        float64    // error at the first letter of words, over that at all others
	auc          float64    // area under the ROC curve of the error as a detector of beginnings
	segmentation            // by a threshold from the training text
	rising       float64    // F if every rise of the error counts as a beginning
	everywhere   float64    // F if every letter does

	fragment []float64 // errors on wordsFragment, from its second letter on
}

func elman1990Words(ctx context.Context, s *session) error {
	words := language.ElmanWords(s.Seed, 0)
	text := strings.Join(words, "")
	s.result.Source = "the language elman-words"
	s.say("The text: 200 sentences of 4 to 9 words from a lexicon of 15, without boundaries: %s... (seed %d: %d words, %d letters; the paper's text has 1270 and 4963, and its lexicon is not printed).",
		text[:50], s.Seed, len(words), len(text))
	s.say("A network of %d units reads a letter and predicts the next, for %d passes. A prediction error above a threshold marks the beginning of a word. The threshold is chosen on the training text; the numbers are from new text of the same length.",
		wordsUnits, cmp.Or(s.Epochs, wordsPasses))
	s.say("Errors of codes are root mean squares over %d bits; errors of probabilities are surprisals in nats.", wordsBits)
	seeds, err := perSeed(ctx, s, wordsOnce)
	if err != nil {
		return err
	}
	s.wordsTables(seeds)
	s.wordsFigures(seeds)
	for i, a := range wordsArms {
		if a.onset > 0 {
			s.target(a.name+": error at first letters, over that at all others", fmt.Sprint(">= ", a.onset), "figure 6: the error falls within words",
				each(seeds, func(r []wordsRun) bool { return r[i].onset >= a.onset }))
		}
		if a.f == 0 {
			continue
		}
		const source = "another program on texts of this kind: areas of 0.86 to 0.93, F of 0.74 to 0.82, means of seeds"
		s.target(a.name+": area under the ROC curve", "> 0.85", source, each(seeds, func(r []wordsRun) bool { return r[i].auc > 0.85 }))
		s.target(a.name+": F of beginnings", fmt.Sprint("> ", a.f), source, each(seeds, func(r []wordsRun) bool { return r[i].f > a.f }))
	}
	return nil
}

func (s *session) wordsTables(seeds [][]wordsRun) {
	var letters, finds [][]any
	for i := range seeds[0] {
		name := "by the grammar" // the optimal predictor
		if i < len(wordsArms) {
			name = wordsArms[i].name
		}
		cell := func(of func(wordsRun) float64) any {
			return spread(over(seeds, func(r []wordsRun) float64 { return of(r[i]) }))
		}
		row := []any{name}
		for n := range 4 {
			row = append(row, cell(func(r wordsRun) float64 { return r.letters[n] }))
		}
		letters = append(letters, append(row, cell(func(r wordsRun) float64 { return r.onset })))
		finds = append(finds, []any{name,
			cell(func(r wordsRun) float64 { return r.auc }), cell(func(r wordsRun) float64 { return r.precision }), cell(func(r wordsRun) float64 { return r.recall }),
			cell(func(r wordsRun) float64 { return r.f }), cell(func(r wordsRun) float64 { return r.words }), cell(func(r wordsRun) float64 { return r.rising })})
	}
	s.whole([]string{"error at letter", "1", "2", "3", "4 and on", "1 : all others"}, letters)
	s.whole([]string{"a word begins", "area under ROC", "precision", "recall", "F", "F of words", "F where it rises"}, finds)
	s.finding("F of beginnings if they were everywhere", spread(over(seeds, func(r []wordsRun) float64 { return r[0].everywhere })).Mean, "")
	s.say("The last row knows the grammar and predicts as well as possible. Even so, not every first letter is surprising (years ago, the sea), and some letters within words are (after a and the): prediction finds units that belong together, which are mostly words. The paper says so too. A network that has learned less is surprised more often at word beginnings, so its area can be larger.")
}

func (s *session) wordsFigures(seeds [][]wordsRun) {
	var names []string
	for _, w := range strings.Fields(wordsFragment) {
		names = append(names, strings.Split(strings.ToUpper(w[:1])+w[1:], "")...)
	}
	var charts []chart.Chart
	for i, a := range wordsArms[1:] {
		line := overSeeds(a.name, 0, seeds, func(r []wordsRun) []float64 { return r[i+1].fragment })
		line.Dots = true
		c := chart.Chart{X: "predicted letter; words begin with capitals", Y: "RMS error of the code", FromZero: true, LegendBelow: true, XNames: names[1:], Lines: []chart.Line{line}}
		if !a.codes {
			c.Y = "surprisal, nats"
			c.Lines = append(c.Lines, chart.Line{Name: "by the grammar", X: line.X, Y: seeds[0][len(wordsArms)].fragment})
		}
		charts = append(charts, c)
	}
	s.figure("fragment", "Error letter by letter (as in the paper's figure 6): "+wordsFragment+".", charts...)
}

// wordsOnce trains each network with one seed. The last run is that of the optimal predictor, which knows the grammar.
func wordsOnce(ctx context.Context, t seedRun) (runs []wordsRun, err error) {
	learned, tested := language.ElmanWords(t.Seed, 0), language.ElmanWords(t.Seed, 1)
	for _, a := range wordsArms {
		m, _, err := t.learn1990(ctx, a.name, strings.Join(learned, ""), t.wordsSettings(learned, a.rate, a.codes))
		if err != nil {
			return nil, err
		}
		r, err := measureWords(func(words []string) ([]float64, error) { return letterErrors(m, words) }, learned, tested)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	grammar := newOptimalPredictor(sentencesOf("elman-words"))
	best, err := measureWords(func(words []string) ([]float64, error) { return grammar.surprisals(strings.Join(words, "")), nil }, learned, tested)
	return append(runs, best), err
}

// wordsSettings returns the settings of a network for the letters of words.
func (o Options) wordsSettings(words []string, rate float64, codes bool) func(*train.Settings) {
	bits := ""
	if codes {
		var all []string
		for letter := 'a'; letter <= 'z'; letter++ {
			if slices.ContainsFunc(words, func(w string) bool { return strings.ContainsRune(w, letter) }) {
				all = append(all, fmt.Sprintf("%0*b", wordsBits, letter-'a'+1))
			}
		}
		bits = strings.Join(all, " ")
	}
	return o.network1990(wordsUnits, wordsPasses, rate, 0.5, bits)
}

// measureWords finds the threshold on the training words, and measures on others how well errors show where words begin.
func measureWords(errorsOf func(words []string) ([]float64, error), learned, tested []string) (r wordsRun, err error) {
	known, err := errorsOf(learned)
	if err != nil {
		return r, err
	}
	errors, err := errorsOf(tested)
	if err != nil {
		return r, err
	}
	if r.fragment, err = errorsOf(strings.Fields(wordsFragment)); err != nil {
		return r, err
	}
	places := wordPlaces(tested)
	var letters [4]accumulator
	var within accumulator
	var high, low []float64
	for i, e := range errors {
		if letters[min(places[i], 3)].add(e); places[i] == 0 {
			high = append(high, e)
		} else {
			low = append(low, e)
			within.add(e)
		}
	}
	for i, a := range letters {
		r.letters[i] = a.mean()
	}
	begins := beginnings(places)
	r.onset, r.auc = r.letters[0]/within.mean(), inspect.AUC(high, low)
	r.segmentation = segment(above(errors, bestThreshold(known, beginnings(wordPlaces(learned)))), begins)
	r.rising = segment(rising(errors), begins).f
	r.everywhere = segment(above(errors, -1), begins).f
	return r, nil
}

// letterErrors returns the error at each letter of a text from the second on: with codes the root mean square over the bits,
// else the surprisal in nats.
func letterErrors(m *model.Model, words []string) (errors []float64, err error) {
	ids, err := m.Alphabet.Encode(strings.Join(words, ""))
	if err != nil {
		return nil, err
	}
	bits := m.Network.Config().Codes
	follow(m, ids, func(_ int, w *rnn.Window) {
		e := float64(w.Losses()[0])
		if bits > 0 {
			e = math.Sqrt(2 * e / float64(bits))
		}
		errors = append(errors, e)
	})
	return errors, nil
}

// wordPlaces returns, for each letter of a text from the second on, its index in its word.
func wordPlaces(words []string) (places []int) {
	for _, w := range words {
		for i := range w {
			places = append(places, i)
		}
	}
	return places[1:]
}

// beginnings reports which letters begin a word.
func beginnings(places []int) []bool { return each(places, func(place int) bool { return place == 0 }) }
