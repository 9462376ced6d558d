package experiment

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/language"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

const (
	xorBits   = 3000 // of the training text: 1000 triples
	xorCycle  = 12   // bits of a cycle in figure 3
	xorCycles = 1200 // of the test
	xorPasses = 600
)

// xorArms are the networks.
var xorArms = []struct {
	name   string
	hidden int
	rate   float64
}{
	{"2 units", 2, 0.1}, // the paper's
	{"4 units", 4, 0.3},
}

// An xorRun is the result of one network.
type xorRun struct {
	rms    [3]float64 // on new bits: at x, at y, and at x xor y
	cycle  []float64  // the same over a cycle
	course []float64  // in training, by epoch
}

// elman1990Xor is simulation 1. The stream does not show where a triple begins, and the paper's network does not find out: it
// learns to apply the rule at every time step, as Elman saw.
func elman1990Xor(ctx context.Context, s *session) error {
	s.result.Source = "the language xor"
	s.say("The text: %d random bits in pairs x, y, each pair followed by x xor y, without separators: %s... A network reads a bit and predicts the next, for %d passes.",
		xorBits, xorText(s.Seed)[:24], cmp.Or(s.Epochs, xorPasses))
	s.say("Errors are root mean squares over %d cycles of %d new bits, by the position of the predicted bit.", xorCycles, xorCycle)
	seeds, err := perSeed(ctx, s, xorOnce)
	if err != nil {
		return err
	}
	const chance = 0.5 // from either bit
	blind := phaseBlind()
	rows := [][]any{
		{"best without any rule", chance, chance, chance, nil},
		{"best with the rule at every step", blind[0], blind[1], blind[2], nil},
		{"best with the rule in its place", chance, chance, 0.0, nil},
	}
	for arm, a := range xorArms {
		row := []any{fmt.Sprintf("%s, rate %v", a.name, a.rate)}
		for place := range blind {
			row = append(row, spread(over(seeds, func(r []xorRun) float64 { return r[arm].rms[place] })))
		}
		found := 0
		for _, r := range seeds {
			if r[arm].rms[2] < 0.42 {
				found++
			}
		}
		rows = append(rows, append(row, fmt.Sprintf("%d of %d", found, len(seeds))))
	}
	s.whole([]string{"predictor", "x", "y", "x xor y", "found the rule"}, rows)
	s.say("The paper shows its errors only as a graph (figure 3), and finds that the network applies the rule at every step. Here a network counts as having found the rule if its error at x xor y is below 0.42.")
	s.xorFigures(seeds, blind)
	s.target("4 units: error at x xor y", "< 0.35", "at best 0.333 with the rule at every step",
		each(seeds, func(r []xorRun) bool { return r[1].rms[2] < 0.35 }))
	s.target("4 units: error at x and at y", "0.50 to 0.56", "0.500 without a rule, 0.527 with it at every step", each(seeds, func(r []xorRun) bool {
		return min(r[1].rms[0], r[1].rms[1]) >= 0.5 && max(r[1].rms[0], r[1].rms[1]) <= 0.56
	}))
	return nil
}

// phaseBlind returns the lowest errors of a predictor that applies the rule at every time step. The rule is right at every
// third bit, and at half of the others: 2 times out of 3. So the best output is 1/3 away from the rule's answer; at x and y
// it is 1/3 or 2/3 away from the bit, at random.
func phaseBlind() [3]float64 {
	random := math.Sqrt((1./9 + 4./9) / 2)
	return [3]float64{random, random, 1. / 3}
}

// xorText returns the training text followed by the test text.
func xorText(seed uint64) string {
	l, err := language.Find("xor")
	if err != nil {
		panic(err)
	}
	return string(l.Generate(seed, xorBits+xorCycle*xorCycles))
}

// xorOnce trains each network with one seed.
func xorOnce(ctx context.Context, t seedRun) (runs []xorRun, err error) {
	text := xorText(t.Seed)
	for _, a := range xorArms {
		m, losses, err := t.learn1990(ctx, a.name, text[:xorBits], t.network1990(a.hidden, xorPasses, a.rate, 1, "0 1"))
		if err != nil {
			return nil, err
		}
		r, err := measureXor(m, text[xorBits:])
		if err != nil {
			return nil, err
		}
		for _, loss := range losses {
			r.course = append(r.course, math.Sqrt(2*loss))
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// measureXor measures a model on bits that begin with a triple.
func measureXor(m *model.Model, bits string) (r xorRun, err error) {
	ids, err := m.Alphabet.Encode(bits)
	if err != nil {
		return r, err
	}
	var places [3]accumulator
	var cycle [xorCycle]accumulator
	follow(m, ids, func(i int, w *rnn.Window) {
		square := 2 * float64(w.Losses()[0])
		places[i%3].add(square)
		cycle[i%xorCycle].add(square)
	})
	for i, a := range places {
		r.rms[i] = a.root()
	}
	for _, a := range cycle {
		r.cycle = append(r.cycle, a.root())
	}
	return r, nil
}

func (s *session) xorFigures(seeds [][]xorRun, blind [3]float64) {
	cycle := chart.Chart{X: "predicted bit", Y: "RMS error of the prediction", FromZero: true, LegendBelow: true}
	course := chart.Chart{X: "pass over the text", Y: "RMS error in training", LogX: true, LegendBelow: true}
	best := make([]float64, xorCycle)
	for i := range best {
		best[i] = blind[i%3]
		cycle.XNames = append(cycle.XNames, []string{"x", "y", "x xor y"}[i%3])
	}
	passes := len(seeds[0][0].course)
	overall := math.Sqrt((float64(2*blind[0]*blind[0]) + float64(blind[2]*blind[2])) / 3)
	cycle.Lines = []chart.Line{{Name: "best with the rule at every step", X: upFrom(0, xorCycle), Y: best, Thin: true}}
	course.Lines = []chart.Line{{Name: "best with the rule at every step", X: []float64{1, float64(passes)}, Y: []float64{overall, overall}, Thin: true}}
	for arm, a := range xorArms {
		cycle.Lines = append(cycle.Lines, overSeeds(a.name, 0, seeds, func(r []xorRun) []float64 { return r[arm].cycle }))
		course.Lines = append(course.Lines, overSeeds(a.name, 1, seeds, func(r []xorRun) []float64 { return r[arm].course }))
	}
	s.figure("cycle", "Error by the position of the predicted bit, over four triples (the paper's figure 3).", cycle)
	s.figure("course", "The error during training.", course)
}
