package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train"
)

const (
	classesSentences = 10000
	classesUnits     = 150
	classesBits      = 31 // more than there are words: one is left for the new word
	classesPasses    = 6

	newWord, replaced = "zog", "man"
)

// A classesRun is the result of one network, on its training text.
type classesRun struct {
	predicted
	nearest, ward, average purities // of mean hidden vectors: by nearest neighbour, and in two trees

	beside string // the word nearest to the new word
	lives  bool   // that word is animate

	byWard, byAverage, withNew *chart.Tree
}

// Purities are shares of words on the right side: of nouns against verbs, and of animate against inanimate nouns.
type purities struct{ nouns, animates float64 }

func elman1990Classes(ctx context.Context, s *session) error {
	s.result.Source = "the language sentences"
	s.say("The text: %d sentences of two or three words, without boundaries, from 29 words, 12 classes and 16 templates: %s... Each word is a one-hot code of %d bits. A network of %d units reads a word and predicts the next, for %d passes.",
		classesSentences, strings.Join(classesText(s.Seed)[:5], " "), classesBits, classesUnits, cmp.Or(s.Epochs, classesPasses))
	s.say("A likelihood is the probability of the next word, given all sentences of the grammar and the words so far. Words are clustered by the mean hidden state after each.")
	seeds, err := perSeed(ctx, s, classesOnce)
	if err != nil {
		return err
	}
	s.classesTables(seeds)
	s.classesFigures(seeds[0])
	const source = "the paper's cosine is 0.916, its error 0.053"
	s.target("cosine with the likelihoods", ">= 0.90", source, each(seeds, func(r classesRun) bool { return r.cosine >= 0.9 }))
	s.target("error of an output against the likelihoods", "<= 0.033", source, each(seeds, func(r classesRun) bool { return r.rms <= 0.033 }))
	const tree = "figure 7: nouns and verbs separate first, then animates and things"
	s.target("nearest neighbours: nouns and verbs apart", "all", tree, each(seeds, func(r classesRun) bool { return r.nearest.nouns == 1 }))
	s.target("Ward's tree: nouns and verbs apart", "all", tree, each(seeds, func(r classesRun) bool { return r.ward.nouns == 1 }))
	s.target("Ward's tree of nouns: animates and things apart", ">= 0.94", tree, each(seeds, func(r classesRun) bool { return r.ward.animates >= 0.94 }))
	s.target(fmt.Sprintf("nearest neighbour of %s in place of %s", newWord, replaced), "an animate", "the paper's word "+newWord, each(seeds, func(r classesRun) bool { return r.lives }))
	return nil
}

func (s *session) classesTables(seeds []classesRun) {
	cell := func(of func(classesRun) float64) any { return spread(over(seeds, of)) }
	s.whole([]string{"prediction", "paper", "ideal predictor", "here"}, [][]any{
		{"squared error of a word", nil, cell(func(r classesRun) float64 { return r.ideal }), cell(func(r classesRun) float64 { return r.squares })},
		{"its root", 0.88, cell(func(r classesRun) float64 { return math.Sqrt(r.ideal) }), cell(func(r classesRun) float64 { return math.Sqrt(r.squares) })},
		{"error of an output against the likelihoods", 0.053, 0.0, cell(func(r classesRun) float64 { return r.rms })},
		{"cosine with the likelihoods", 0.916, 1.0, cell(func(r classesRun) float64 { return r.cosine })},
	})
	s.say("Outputs of zero would give an error of 1. How the paper normalises its 0.053 is not known.")
	row := func(name string, of func(classesRun) purities) []any {
		return []any{name, cell(func(r classesRun) float64 { return of(r).nouns }), cell(func(r classesRun) float64 { return of(r).animates })}
	}
	s.whole([]string{"share of words separated correctly", "nouns, verbs", "nouns: animates, things"}, [][]any{
		row("nearest neighbour", func(r classesRun) purities { return r.nearest }),
		row("Ward's tree, cut in two", func(r classesRun) purities { return r.ward }),
		row("tree of average distances, cut in two", func(r classesRun) purities { return r.average }),
	})
	s.say("18 of 29 words are nouns, so a cut that separates nothing scores 0.62; among nouns, 10 of 18, it scores 0.56. With average linkage single verbs split off as training goes on, which makes it a poor measure; Ward's linkage is a good one.")
	s.say("A word that was never learned, %s, replaces %s everywhere; only its context says what it is. Its nearest neighbour, seed by seed: %s.", newWord, replaced,
		strings.Join(besides(seeds), ", "))
	s.finding("entropy of the next word by its likelihoods", spread(over(seeds, func(r classesRun) float64 { return r.entropy })).Mean, "nats/word")
}

func besides(seeds []classesRun) (words []string) {
	for _, r := range seeds {
		words = append(words, r.beside)
	}
	return words
}

func (s *session) classesFigures(r classesRun) {
	const distance = "Ward's distance of mean hidden vectors"
	s.figure("ward", fmt.Sprintf("Words by the mean of their hidden units, seed %d; Ward's linkage.", s.Seed), chart.Chart{X: distance, Tree: r.byWard})
	s.figure("average", fmt.Sprintf("The same by average linkage, seed %d (the paper's figure 7).", s.Seed),
		chart.Chart{X: "mean Euclidean distance of mean hidden vectors", Tree: r.byAverage})
	s.figure("zog", fmt.Sprintf("The tree with %s in place of %s, seed %d.", newWord, replaced, s.Seed), chart.Chart{X: distance, Tree: r.withNew})
}

// classesText returns the sentences.
func classesText(seed uint64) []string {
	l, err := language.Find("sentences")
	if err != nil {
		panic(err)
	}
	const longest = len("dragon smash sandwich ")
	return strings.Split(string(l.Generate(seed, longest*classesSentences)), "\n")[:classesSentences]
}

func classesOnce(ctx context.Context, t seedRun) (classesRun, error) {
	lines := classesText(t.Seed)
	m, err := t.learnClasses(ctx, lines)
	if err != nil {
		return classesRun{}, err
	}
	return measureClasses(m, lines)
}

// learnClasses trains on sentences. The new word is in the alphabet, with its own bit, but not in the training text.
func (t seedRun) learnClasses(ctx context.Context, lines []string) (*model.Model, error) {
	text := strings.Join(lines, " ") + " " + newWord
	c, err := corpus.New(corpus.FromBytes("sentences", []byte(text)), corpus.Options{Kind: corpus.Words, Closed: true})
	if err != nil {
		return nil, err
	}
	if err := c.SplitAt(c.Train().Len() - 1); err != nil {
		return nil, err
	}
	var codes []string
	for i := range c.Alphabet.Size() {
		code := []byte(strings.Repeat("0", classesBits))
		code[i] = '1'
		codes = append(codes, string(code))
	}
	change := t.network1990(classesUnits, classesPasses, 0.1, 0.5, strings.Join(codes, " "))
	r, err := t.train(ctx, fmt.Sprint(classesUnits, " units"), c, change, train.Options{})
	if err != nil {
		return nil, err
	}
	return r.Model, nil
}
