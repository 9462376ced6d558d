package experiment

import (
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// How well a network predicts the words of Elman's sentences, and what its states encode.

// Predicted compares a network's outputs with the likelihoods of the next word, and with the actual word.
type predicted struct {
	squares float64 // summed squared error of a word's code, mean
	rms     float64 // error of an output, against the likelihoods
	cosine  float64 // of the outputs and the likelihoods, mean
	ideal   float64 // squares of a predictor that answers with the likelihoods
	entropy float64 // of the next word, nats
}

// measureClasses measures a model on consecutive sentences.
func measureClasses(m *model.Model, lines []string) (r classesRun, err error) {
	words := make([]string, m.Alphabet.Size())
	for id := range words {
		words[id] = m.Alphabet.Symbol(int32(id))
	}
	if r.predicted, err = predictWords(m, words, lines); err != nil {
		return r, err
	}
	text := strings.Split(strings.Join(lines, " "), " ")
	points, known, err := meanStates(m, words, text)
	if err != nil {
		return r, err
	}
	r.cluster(points, known)
	for i, w := range text {
		if w == replaced {
			text[i] = newWord
		}
	}
	if points, known, err = meanStates(m, words, text); err != nil {
		return r, err
	}
	_, animates := nounsAnimates(known)
	beside := nearest(points, slices.Index(known, newWord))
	r.beside, r.lives, r.withNew = known[beside], animates[beside], treeOf(points, known, inspect.Ward)
	return r, nil
}

// predictWords compares outputs with likelihoods. Outputs without a word should be 0.
func predictWords(m *model.Model, words, lines []string) (predicted, error) {
	ids, err := m.Alphabet.Encode(strings.Join(lines, " "))
	if err != nil {
		return predicted{}, err
	}
	var begun []string // for each word of the text, its sentence up to there
	for _, line := range lines {
		for at := range line {
			if line[at] == ' ' {
				begun = append(begun, line[:at])
			}
		}
		begun = append(begun, line)
	}
	known := newLikelihoods(sentencesOf("sentences"), words)
	var squares, off, cosine, ideal, entropy accumulator
	follow(m, ids, func(i int, w *rnn.Window) {
		p, y := known.after[begun[i-1]], w.CodeOutputs()
		var pp, py, yy, difference float64
		for j, answer := range y {
			a, q := float64(answer), 0.0
			if j < len(p) {
				q = p[j]
			}
			pp, py, yy = pp+float64(q*q), py+float64(q*a), yy+float64(a*a)
			difference += float64((a - q) * (a - q))
		}
		squares.add(2 * float64(w.Losses()[0]))
		off.add(difference / float64(len(y)))
		cosine.add(py / math.Sqrt(float64(pp*yy)))
		ideal.add(1 - pp)
		entropy.add(entropyNats(p))
	})
	return predicted{squares.mean(), off.root(), cosine.mean(), ideal.mean(), entropy.mean()}, nil
}

func entropyNats(p []float64) (nats float64) {
	for _, x := range p {
		if x > 0 {
			nats -= float64(x * math.Log(x))
		}
	}
	return nats
}

// meanStates returns, for each word of a text, the mean of the hidden units after it. The last word of the text does not
// count.
func meanStates(m *model.Model, words, text []string) (points [][]float64, known []string, err error) {
	ids, err := m.Alphabet.Encode(strings.Join(text, " "))
	if err != nil {
		return nil, nil, err
	}
	state := make([]float32, m.Network.Config().Hidden)
	sums, counts := make([][]float64, len(words)), make([]float64, len(words))
	for i := range sums {
		sums[i] = make([]float64, len(state))
	}
	follow(m, ids, func(i int, w *rnn.Window) {
		w.State(state)
		word := ids[i-1]
		for j, h := range state {
			sums[word][j] += float64(h)
		}
		counts[word]++
	})
	for i, sum := range sums {
		if counts[i] == 0 {
			continue
		}
		for j := range sum {
			sum[j] /= counts[i]
		}
		points, known = append(points, sum), append(known, words[i])
	}
	return points, known, nil
}

// nounsAnimates returns which words are nouns, and which of these are animate. Nouns are the words that begin sentences;
// animate nouns eat. The new word, which replaces one, is animate.
func nounsAnimates(words []string) (nouns, animates []bool) {
	begins, eats := map[string]bool{newWord: true}, map[string]bool{newWord: true}
	for _, s := range sentencesOf("sentences") {
		w := strings.Fields(s.Text)
		if begins[w[0]] = true; w[1] == "eat" {
			eats[w[0]] = true
		}
	}
	for _, w := range words {
		nouns, animates = append(nouns, begins[w]), append(animates, eats[w])
	}
	return nouns, animates
}

// cluster measures how well points separate the classes of words.
func (r *classesRun) cluster(points [][]float64, words []string) {
	nouns, animates := nounsAnimates(words)
	var nounPoints [][]float64
	var live []bool
	for i := range words {
		if nouns[i] {
			nounPoints, live = append(nounPoints, points[i]), append(live, animates[i])
		}
	}
	halves := func(linkage inspect.Linkage) purities {
		return purities{purity(inspect.Cluster(points, linkage).Cut(2), nouns), purity(inspect.Cluster(nounPoints, linkage).Cut(2), live)}
	}
	r.nearest = purities{nearestAgree(points, nouns), nearestAgree(nounPoints, live)}
	r.ward, r.average = halves(inspect.Ward), halves(inspect.Average)
	r.byWard, r.byAverage = treeOf(points, words, inspect.Ward), treeOf(points, words, inspect.Average)
}

// treeOf clusters points for a chart.
func treeOf(points [][]float64, labels []string, linkage inspect.Linkage) *chart.Tree {
	tree := &chart.Tree{Labels: labels}
	for _, m := range inspect.Cluster(points, linkage) {
		tree.Merges = append(tree.Merges, chart.Merge{A: m.A, B: m.B, Height: m.Height, Size: m.Size})
	}
	return tree
}
