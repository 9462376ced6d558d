package experiment

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// reberArms are the networks, with the results of similar ones in table 1 of Hochreiter and Schmidhuber 1997 ("Long short-term
// memory"): the runs that learned the grammar, and after how many strings.
var reberArms = []struct {
	name, doc     string
	network       rnn.Config
	batch, window int
	rate          float64
	runs, strings string
}{
	{"SRN", "Elman's network with sigmoid units: the gradient does not go back in time", rnn.Config{Cell: "elman", Activation: "sigmoid"}, 16, 1, 0.003, "0 %", "over 200,000"},
	{"BPTT", "the same with tanh units and backpropagation through windows of 32 time steps", rnn.Config{Cell: "elman", Activation: "tanh"}, 8, 32, 0.003, "", ""},
	{"LSTM", "long short-term memory, in the same windows", rnn.Config{Cell: "lstm"}, 8, 32, 0.01, "97 to 100 %", "8,440 to 39,740"},
}

const (
	reberHidden = 16
	reberSolved = 99 // % of strings
	reberChance = 75 // % of strings: up to this a network is called near chance, which is 50 %
	reberSource = "Hochreiter and Schmidhuber 1997, table 1"
)

// A reberTest holds the number of training and test strings, the epochs, and the epoch after which distances are measured.
type reberTest struct{ learn, held, passes, look int }

// reber trains three networks on strings of the embedded Reber grammar and tests them on the last symbol but one of other
// strings: it repeats the second symbol, however much is in between (Cleeremans, Servan-Schreiber and McClelland 1989).
func reber(ctx context.Context, s *session) error {
	return s.reber(ctx, reberTest{learn: 4000, held: 2000, passes: cmp.Or(s.Epochs, 50), look: min(10, cmp.Or(s.Epochs, 10))})
}

func (s *session) reber(ctx context.Context, test reberTest) error {
	s.result.Source = "reber"
	s.say("Networks learn from %d strings of the embedded Reber grammar, read %d times, and are tested on %d others; each has %d units:", test.learn, test.passes, test.held, reberHidden)
	for _, a := range reberArms {
		s.item(a.name, a.doc)
	}
	s.say("A string counts as right if the network gives the correct one of T and P the higher probability as the last symbol but one. By chance half of the strings are right.")
	seeds, err := perSeed(ctx, s, func(ctx context.Context, t seedRun) ([]reberRun, error) { return t.reber(ctx, test) })
	if err != nil {
		return err
	}
	s.reberShares(test, seeds)
	s.reberSpeed(test, seeds)
	s.reberFigures(test, seeds)
	lstm, srn := len(reberArms)-1, 0
	s.target(fmt.Sprintf("LSTM, after %d strings", test.look*test.learn), fmt.Sprintf("at least %d %% right", reberSolved), reberSource,
		each(seeds, func(runs []reberRun) bool { return runs[lstm].after(test.look) >= reberSolved }))
	s.target(fmt.Sprintf("SRN, after %d strings", test.passes*test.learn), fmt.Sprintf("at most %d %% right", reberChance), reberSource+"; Cleeremans and others 1989",
		each(seeds, func(runs []reberRun) bool { return runs[srn].after(test.passes) <= reberChance }))
	return nil
}

// reberShares shows the share of strings that are right, in the course of training.
func (s *session) reberShares(test reberTest, seeds [][]reberRun) {
	columns := []string{"% right after"}
	var looks []int
	for _, n := range []int{1, 2, 5, 10, 20, 50} {
		if n <= test.passes {
			looks, columns = append(looks, n), append(columns, fmt.Sprintf("%d strings", n*test.learn))
		}
	}
	var rows [][]any
	for a, arm := range reberArms {
		row := []any{arm.name}
		for _, n := range looks {
			row = append(row, spread(over(seeds, func(runs []reberRun) float64 { return runs[a].after(n) })))
		}
		rows = append(rows, row)
	}
	s.whole(columns, rows)
}

// reberSpeed compares how soon the networks learn the dependency with the published results.
func (s *session) reberSpeed(test reberTest, seeds [][]reberRun) {
	s.say("Strings read until %d %% are right, over the seeds that reached it; the source counts runs that predict every symbol of every string correctly.", reberSolved)
	var rows [][]any
	for a, arm := range reberArms {
		var strings []float64
		for _, runs := range seeds {
			if n := slices.IndexFunc(runs[a].right, func(share float64) bool { return share >= reberSolved }); n >= 0 {
				strings = append(strings, float64((n+1)*test.learn))
			}
		}
		ours := any(fmt.Sprintf("over %d", test.passes*test.learn))
		if len(strings) > 0 {
			ours = fmt.Sprintf("%.0f to %.0f", slices.Min(strings), slices.Max(strings))
		}
		rows = append(rows, []any{arm.name, fmt.Sprintf("%d of %d", len(strings), len(seeds)), ours, given(arm.runs), given(arm.strings)})
	}
	s.whole([]string{"network", "seeds", "strings", "source: runs", "source: strings"}, rows)
}

// given returns a cell for a value that may be unknown.
func given(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// leastStrings is the fewest strings of one distance for which a seed's share is shown.
const leastStrings = 20

func (s *session) reberFigures(test reberTest, seeds [][]reberRun) {
	learning := chart.Chart{Title: "Learning the embedded Reber grammar", X: "strings read", Y: "strings right, %", LogX: true, LegendBelow: true}
	distances := chart.Chart{Title: fmt.Sprintf("After %d strings", test.look*test.learn), X: "time steps between the two symbols", Y: "strings right, %", LegendBelow: true}
	for a, arm := range reberArms {
		way, far := chart.Line{Name: arm.name}, chart.Line{Name: arm.name, Dots: true}
		for n := 1; n <= test.passes; n++ {
			addSpread(&way, float64(n*test.learn), spread(over(seeds, func(runs []reberRun) float64 { return runs[a].after(n) })))
		}
		for _, d := range slices.Sorted(maps.Keys(seeds[0][a].byDistance)) {
			if !slices.ContainsFunc(seeds, func(runs []reberRun) bool { return runs[a].byDistance[d].strings < leastStrings }) {
				addSpread(&far, float64(d), spread(over(seeds, func(runs []reberRun) float64 { return runs[a].byDistance[d].share() })))
			}
		}
		learning.Lines, distances.Lines = append(learning.Lines, way), append(distances.Lines, far)
	}
	s.figure("learning", "The share of strings that are right, during training: mean and range of the seeds.", learning)
	s.figure("distance", fmt.Sprintf("The same by the distance between the two symbols, after %d strings, for distances with at least %d strings in every seed.", test.look*test.learn, leastStrings), distances)
}

// addSpread adds a point with its range to a line.
func addSpread(l *chart.Line, x float64, s report.Spread) {
	l.X, l.Y, l.Low, l.High = append(l.X, x), append(l.Y, s.Mean), append(l.Low, s.Low), append(l.High, s.High)
}

// A reberRun is the result of one network.
type reberRun struct {
	right      []float64      // % of strings, after each epoch
	byDistance map[int]lagged // after the epoch at which distances are measured
}

// after returns the share that was right after this many epochs.
func (r reberRun) after(passes int) float64 { return r.right[passes-1] }

// A lagged is the result on strings with one distance between the two symbols.
type lagged struct{ right, strings int }

func (x lagged) share() float64 { return 100 * float64(x.right) / float64(x.strings) }

// reber trains each network on one text and tests it on others after each epoch.
func (t seedRun) reber(ctx context.Context, test reberTest) (runs []reberRun, err error) {
	reber, err := language.Find("reber")
	if err != nil {
		return nil, err
	}
	text := strings.Join(linesOf(reber, t.Seed, test.learn), "\n") + "\n"
	c, err := corpus.New(corpus.FromBytes(reber.Name, []byte(text)), corpus.Options{Closed: true, Documents: corpus.Lines})
	if err != nil {
		return nil, err
	}
	held := linesOf(reber, t.Seed+heldOutSeed, test.held)
	for _, a := range reberArms {
		change := func(s *train.Settings) {
			s.Network.Cell, s.Network.Activation, s.Network.Hidden = a.network.Cell, a.network.Activation, reberHidden
			s.Optimizer.Optimizer, s.Optimizer.LearningRate, s.ClipNorm = "adam", a.rate, 1
			s.Batch, s.Window, s.Budget.Epochs = a.batch, a.window, test.passes
			s.ReportEvery, s.ReportEpochs = int64(len(text)), true
		}
		var run reberRun
		if _, err := t.train(ctx, a.name, c, change, train.Options{Sample: func(m *model.Model) (string, error) {
			all, byDistance, err := predictReber(ctx, m, held)
			if run.right = append(run.right, all.share()); len(run.right) == test.look {
				run.byDistance = byDistance
			}
			return "", err
		}}); err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// predictReber counts the strings that are right, all and by the distance between the two symbols.
func predictReber(ctx context.Context, m *model.Model, lines []string) (all lagged, byDistance map[int]lagged, err error) {
	texts, read := make([][]byte, len(lines)), make([]int, len(lines))
	for i, line := range lines {
		texts[i] = []byte(line + "\n")
	}
	byDistance = map[int]lagged{}
	err = score.New(m, score.Extras{Top: m.Alphabet.Size()}).Lines(ctx, texts, func(i int, x score.Symbol) error {
		line := lines[i]
		if read[i]++; read[i] != len(line)-1 {
			return nil
		}
		bits := map[string]score.Bits{}
		for _, other := range x.Top {
			bits[m.Alphabet.Symbol(other.ID)] = other.Bits
		}
		distance := len(line) - 3 // from the second symbol to the last but one
		d := byDistance[distance]
		d.strings, all.strings = d.strings+1, all.strings+1
		if right := line[1:2]; bits[right] < bits[map[string]string{"T": "P", "P": "T"}[right]] {
			d.right, all.right = d.right+1, all.right+1
		}
		byDistance[distance] = d
		return nil
	})
	return all, byDistance, err
}
