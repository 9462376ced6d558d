package score

import (
	"fmt"
	"slices"
)

// Advice is what a verdict advises for a model. Each kind was put to the test on texts and settings that had no part in
// making its rule: docs/verdict.md says how often it was right. What did not pass is not advised.
type Advice string

// The kinds of advice, with their rules. They need enough text to measure on (advisable), and a training whose reports are known.
const (
	// Longer: the model was kept at the last report of its training, when its loss on text held out was still falling.
	Longer Advice = "longer"
	// Shorter: it was kept in the first half.
	Shorter Advice = "shorter"
	// LowerRate: its loss is more than twice that of a uniform guess.
	LowerRate Advice = "lower_rate"
)

// advisable is the least text, in symbols, on which advice was put to the test.
const advisable = 3000

// advise follows the rules.
func (v *Verdict) advise(m Result) []Advice {
	switch {
	case m.OtherText || v.Measured < advisable:
		return nil
	case v.exploded(m):
		return []Advice{LowerRate}
	case m.Kept == 0 || v.atFloor(m):
		return nil
	case m.Kept == 1:
		return []Advice{Longer}
	case m.Kept <= 0.5:
		return []Advice{Shorter}
	}
	return nil
}

// advice returns the sentence for a kind of advice.
func (m Result) advice(a Advice) string {
	switch a {
	case Longer:
		return "Its loss on text held out was lowest at the end of its training: a longer one will help."
	case Shorter:
		return fmt.Sprintf("Its loss on text held out was lowest after %.1f passes, at %.0f %% of its training, and rose from there: a training of that length will help.",
			m.Passes, 100*m.Kept)
	case LowerRate:
		return "That is far worse than knowing nothing: its training exploded. A much lower learning rate will help."
	}
	return ""
}

// exploded says whether a model is so much worse than a uniform guess that it cannot be for lack of training: the weights of
// an untrained network are small, and its guess is nearly uniform.
func (v *Verdict) exploded(m Result) bool {
	i := slices.IndexFunc(v.Baselines, func(b Baseline) bool { return b.Name == "uniform" })
	return i >= 0 && m.Loss-v.Spelling > 2*(v.Baselines[i].Loss-v.Spelling)
}

// nearFloor, in nats, counts as having reached the floor: it is the standard error on ten thousand symbols.
const nearFloor = 0.01

// atFloor says whether a model has next to nothing left to gain.
func (v *Verdict) atFloor(m Result) bool { return v.Floor != nil && m.Loss-v.Floor.Nats < nearFloor }
