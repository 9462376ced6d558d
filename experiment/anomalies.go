package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/ngram"
	"github.com/seed-f4dd853e/elman/internal/random"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// An anomalyTest holds the sizes of the experiment.
type anomalyTest struct {
	learn     int // lines to learn from
	held      int // lines to judge
	corrupted int // of each kind, among held
}

// anomalies trains with the defaults on lines of a generated log, and looks for planted mistakes in other lines, with the
// network and with a 5-gram.
func anomalies(ctx context.Context, s *session) error {
	return s.anomalies(ctx, anomalyTest{learn: 20000, held: 2000, corrupted: 40})
}

// aMinute is the number of passes over 20,000 lines that two cores train in less than a minute.
const aMinute = 5

// heldOutSeed is added to a seed for the lines to judge.
const heldOutSeed = 1_000_000

// rankings are the ways to rank lines: by score.Sum.Excess and by bits.
var rankings = []string{"network", "5-gram", "network, bits", "5-gram, bits"}

// A judged line has a number for each ranking, higher for more unusual, and the kind of the planted mistake, "" for none.
type judged struct {
	planted string
	ranks   []float64
}

func (s *session) anomalies(ctx context.Context, test anomalyTest) error {
	s.result.Source = "logs"
	s.say("Models learn from %d lines of generated logs and rank %d others, of which %d have one mistake:", test.learn, test.held, test.corrupted*len(corruptions))
	for _, kind := range corruptions {
		s.item(kind.name, kind.doc)
	}
	s.say("The tables give the area under the ROC curve. A line's score is the largest (surprisal − expected surprisal) of its symbols; in the columns \"bits\" it is the total surprisal of the line.")
	runs, err := perSeed(ctx, s, func(ctx context.Context, t seedRun) ([]judged, error) { return t.judgeLines(ctx, test) })
	if err != nil {
		return err
	}
	s.table(append([]string{"seed"}, rankings...)...)
	for i, lines := range runs {
		row := []any{int(s.result.Seeds[i])}
		for j := range rankings {
			row = append(row, areaOf(lines, "", j))
		}
		s.row(row...)
	}
	s.table("planted", "network", "lowest", "5-gram", "lowest of 5-gram")
	for _, kind := range corruptions {
		network, lowest := overRuns(runs, kind.name, 0)
		gram, lowestGram := overRuns(runs, kind.name, 1)
		s.row(kind.name, network, lowest, gram, lowestGram)
	}
	for j, name := range rankings {
		mean, _ := overRuns(runs, "", j)
		s.finding(name+": area for all kinds, mean of the seeds", mean, "")
	}
	return nil
}

// areaOf returns the area under the ROC curve for one kind of mistake, or for all if kind is "", by one ranking.
func areaOf(lines []judged, planted string, ranking int) float64 {
	var high, low []float64
	for _, x := range lines {
		switch x.planted {
		case "":
			low = append(low, x.ranks[ranking])
		case planted:
			high = append(high, x.ranks[ranking])
		default:
			if planted == "" {
				high = append(high, x.ranks[ranking])
			}
		}
	}
	return inspect.AUC(high, low)
}

// overRuns returns the mean and the lowest area over the seeds.
func overRuns(runs [][]judged, planted string, ranking int) (mean, lowest float64) {
	lowest = 1
	for _, lines := range runs {
		a := areaOf(lines, planted, ranking)
		mean += a / float64(len(runs))
		lowest = min(lowest, a)
	}
	return mean, lowest
}

// judgeLines trains on one text and judges the lines of another.
func (t seedRun) judgeLines(ctx context.Context, test anomalyTest) ([]judged, error) {
	logs, err := language.Find("logs")
	if err != nil {
		return nil, err
	}
	learned := linesOf(logs, t.Seed, test.learn)
	text := []byte(strings.Join(learned, "\n") + "\n")
	c, err := corpus.New(corpus.FromBytes(logs.Name, text), corpus.Options{Valid: 0.1, Documents: corpus.Lines})
	if err != nil {
		return nil, err
	}
	trained, err := t.train(ctx, "on logs", c, func(s *train.Settings) { s.Budget.Epochs = cmp.Or(t.Epochs, aMinute) }, train.Options{})
	if err != nil {
		return nil, err
	}
	lines, planted := plant(random.New(t.Seed, "anomalies", 0), linesOf(logs, t.Seed+heldOutSeed, test.held), test.corrupted, language.IsLogLine)
	network, err := judgeByNetwork(ctx, trained.Model, lines)
	if err != nil {
		return nil, err
	}
	gram, err := judgeBy5Gram(ctx, c.Alphabet, learned, lines)
	if err != nil {
		return nil, err
	}
	all := make([]judged, len(lines))
	for i := range all {
		a, b := network[i], gram[i]
		all[i] = judged{planted[i], []float64{a.Excess.Float(), b.excess, a.Bits.Float(), b.bits}}
	}
	return all, nil
}

// linesOf returns the first lines of a language.
func linesOf(l language.Language, seed uint64, n int) []string {
	for size := n * 64; ; size *= 2 {
		if lines := strings.Split(string(l.Generate(seed, size)), "\n"); len(lines) > n { // the last line may be cut
			return lines[:n]
		}
	}
}

func judgeByNetwork(ctx context.Context, m *model.Model, lines []string) ([]score.Sum, error) {
	var texts [][]byte
	for _, line := range lines {
		texts = append(texts, []byte(line+"\n"))
	}
	scorer := score.New(m, score.Extras{Entropy: true})
	sums := make([]score.Sum, len(lines))
	err := scorer.Lines(ctx, texts, func(i int, x score.Symbol) error {
		sums[i].Add(x)
		return nil
	})
	return sums, err
}

// order is the order of the n-gram.
const order = 5

// A gramSum is the 5-gram's score.Sum.
type gramSum struct{ bits, excess float64 }

// judgeBy5Gram trains a 5-gram on all lines, including those on which the network was validated.
func judgeBy5Gram(ctx context.Context, a *corpus.Alphabet, learned, lines []string) ([]gramSum, error) {
	l := ngram.NewLearner(a.Size(), order)
	for _, line := range learned {
		ids, err := a.Encode(line + "\n")
		if err != nil {
			return nil, err
		}
		l.Begin(a.Start())
		for _, id := range ids {
			l.Learn(id)
		}
	}
	m := l.Model()
	var sums []gramSum
	for _, line := range lines {
		var sum gramSum
		g, feed := m.Reader(), a.Feed(nil, corpus.Lines)
		feed.Append([]byte(line + "\n"))
		err := feed.Each(ctx, g.Begin, func(step corpus.Step) error {
			bits, expected := surprisal(g, step.Y, a.Size())
			if step.Y == a.Escape() {
				bits += a.SpellingBits(string(step.Text))
			}
			sum.bits += bits
			sum.excess = max(sum.excess, bits-expected)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

// surprisal reads the next symbol and returns its bits, and the expected bits: the entropy of the prediction.
func surprisal(g *ngram.Reader, id int32, symbols int) (bits, expected float64) {
	p := make([]float64, order+1)
	for w := range int32(symbols) {
		ahead := *g
		ahead.Read(w, p)
		expected -= float64(p[order] * math.Log2(p[order]))
	}
	g.Read(id, p)
	return -math.Log2(p[order]), expected
}

// plant corrupts random lines, the same number in each way, and returns all lines with the kind planted in each.
func plant(rng *rand.Rand, lines []string, each int, right func(string) bool) (corrupted, planted []string) {
	s := newCorrupter(rng, lines, right)
	corrupted, planted = slices.Clone(lines), make([]string, len(lines))
	places := rng.Perm(len(lines))
	for _, how := range corruptions {
		for n := 0; n < each; places = places[1:] {
			if line, ok := s.corrupt(lines[places[0]], how.name); ok {
				corrupted[places[0]], planted[places[0]] = line, how.name
				n++
			}
		}
	}
	return corrupted, planted
}
