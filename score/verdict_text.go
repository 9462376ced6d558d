package score

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
)

// Thresholds of a verdict's sentences.
const (
	// smallGap and bigGap limit how far the loss on text held out lies above that on text learned from, as shares of the
	// former. Parts of one text differ in difficulty by themselves: in the second half of tiny Shakespeare, for a network
	// that had seen none of it, neighbouring tenths by up to 2.7 %, any two fortieths by up to 8 %. A larger gap is
	// overfitting.
	smallGap = 0.03
	bigGap   = 0.10
	// nearFloor, in nats, counts as having reached the floor: it is the standard error on ten thousand symbols.
	nearFloor = 0.01
	// fewSymbols is the length below which a verdict says how uncertain it is.
	fewSymbols = 10_000
)

// Symbol names one of the verdict's symbols: character, byte or word.
func (v *Verdict) Symbol() string {
	switch v.Symbols {
	case corpus.Bytes:
		return "byte"
	case corpus.Words:
		return "word"
	}
	return "character"
}

// count writes a number of symbols, "111540 characters".
func (v *Verdict) count(n int64) string {
	if n == 1 {
		return "1 " + v.Symbol()
	}
	return fmt.Sprintf("%d %ss", n, v.Symbol())
}

// A Row is a predictor with its loss, for a table.
type Row struct {
	Name, Does string
	Nats       float64 // per symbol
	AtMost     bool    // Nats is an upper bound
}

// Basis says, in sentences, what was measured and what the baselines learned from.
func (v *Verdict) Basis() string {
	return fmt.Sprintf("Measured on %s. The baselines learned from %s.", v.measured(), v.learned())
}

// Short returns the verdict in a few lines, each ending with a line break.
func (v Verdict) Short() string {
	var b strings.Builder
	fmt.Fprintf(&b, "verdict on %s, in nats per %s, after learning from %s:\n", v.measured(), v.Symbol(), v.learned())
	for i, r := range v.Rows() {
		name := r.Name
		if r.AtMost {
			name += " at most"
		}
		if i > 0 {
			fmt.Fprint(&b, ", ")
		}
		fmt.Fprintf(&b, "%s %.3f", name, r.Nats)
	}
	fmt.Fprintln(&b)
	for _, m := range v.Models {
		fmt.Fprintln(&b, strings.Join(v.About(m), " "))
	}
	return b.String()
}

func (v *Verdict) measured() string {
	if v.Measured == v.MeasuredOf {
		return "the " + v.count(v.Measured) + " held out"
	}
	return fmt.Sprintf("a sample: the first %d of the %s held out", v.Measured, v.count(v.MeasuredOf))
}

func (v *Verdict) learned() string {
	where := "before them"
	if v.OwnFile {
		where = "of the text to learn from"
	}
	if v.Learned == v.LearnedOf {
		return fmt.Sprintf("the %d %s", v.Learned, where)
	}
	return fmt.Sprintf("a sample of %d of the %d %s", v.Learned, v.LearnedOf, where)
}

// Rows returns all predictors and the floor, the worst first.
func (v *Verdict) Rows() []Row {
	var rows []Row
	for _, b := range v.Baselines {
		rows = append(rows, Row{Name: b.Name, Does: v.does(b.Name), Nats: b.Loss})
	}
	for _, m := range v.Models {
		rows = append(rows, Row{Name: m.Name, Does: "the model", Nats: m.Loss})
	}
	if v.Floor != nil {
		rows = append(rows, Row{Name: "floor", Does: "the entropy of " + v.Floor.Language, Nats: v.Floor.Nats, AtMost: !v.Floor.Exact})
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.Nats, a.Nats) })
	return rows
}

// does says what a baseline predicts from.
func (v *Verdict) does(name string) string {
	switch name {
	case "uniform":
		return fmt.Sprintf("all %d symbols equally likely", v.Alphabet)
	case "unigram":
		return "how often each " + v.Symbol() + " occurs"
	case "2-gram":
		return "what followed the " + v.Symbol() + " before"
	case "gzip":
		return "the size of the compressed text"
	}
	k := name[0] - '1' // of 3-gram and more, what is before the last
	return fmt.Sprintf("what followed the %d %ss before", k, v.Symbol())
}

// About returns sentences about a model: its rank, its distance from the floor, and what would help.
func (v *Verdict) About(m Result) []string {
	all := []string{m.Name + " is " + v.rank(m) + "."}
	if v.Floor != nil {
		all = append(all, v.aboveFloor(m))
	}
	if m.OtherText {
		return append(all, fmt.Sprintf("%s learned another text; the baselines learned the first %.0f %% of this one, which favours them.",
			m.Name, 100*float64(v.LearnedOf)/float64(v.LearnedOf+v.MeasuredOf)))
	}
	if s := v.gap(m); s != "" {
		all = append(all, s)
	}
	if v.Measured < fewSymbols {
		// Two standard errors; neighbouring symbols are not independent, so the true error may be larger.
		all = append(all, fmt.Sprintf("So little text was measured that all this is uncertain, by %.2f nats or more.", math.Max(0.01, 2*m.Error)))
	}
	return all
}

// rank says which baselines a model lies between.
func (v *Verdict) rank(m Result) string {
	var worse, better *Baseline // the nearest
	for i := range v.Baselines {
		b := &v.Baselines[i]
		switch {
		case b.Loss > m.Loss && (worse == nil || b.Loss < worse.Loss):
			worse = b
		case b.Loss <= m.Loss && (better == nil || b.Loss > better.Loss):
			better = b
		}
	}
	switch {
	case better == nil && worse == nil:
		return "alone"
	case better == nil:
		return fmt.Sprintf("better than all baselines, %.2f nats below the best, %s", worse.Loss-m.Loss, the(worse.Name))
	case worse == nil:
		return fmt.Sprintf("worse than all baselines, %.2f nats above the worst, %s", m.Loss-better.Loss, the(better.Name))
	}
	return fmt.Sprintf("between %s, which is %.2f nats worse, and %s, which is %.2f better",
		the(worse.Name), worse.Loss-m.Loss, the(better.Name), m.Loss-better.Loss)
}

func the(baseline string) string {
	switch baseline {
	case "gzip":
		return baseline
	case "uniform":
		baseline += " guess"
	}
	return "the " + baseline
}

// aboveFloor says how far a model is from the best possible.
func (v *Verdict) aboveFloor(m Result) string {
	above := m.Loss - v.Floor.Nats
	floor := "the floor"
	if !v.Floor.Exact {
		floor = "the bound on the floor, which may itself be lower"
	}
	switch {
	case above < 0 && v.Floor.Exact:
		return fmt.Sprintf("It is %.3f nats below %s, by chance: on a longer text nothing is.", -above, floor)
	case above < 0:
		return fmt.Sprintf("It is %.3f nats below %s.", -above, floor)
	}
	return fmt.Sprintf("It is %.3f nats above %s.", above, floor)
}

// gap interprets the difference between the losses on text held out and on text learned from.
func (v *Verdict) gap(m Result) string {
	gap := m.Loss - m.Train
	said := fmt.Sprintf("Its loss is %.2f on text held out and %.2f on text it learned from: ", m.Loss, m.Train)
	switch {
	case v.exploded(m):
		return "It is far worse than knowing nothing, as a training leaves it that has exploded. A lower learning rate will help."
	case v.Floor != nil && m.Loss-v.Floor.Nats < nearFloor:
		return said + "there is nothing left to gain."
	case gap < smallGap*m.Loss:
		return said + "hardly a difference. More training, or a larger network, will help."
	case gap < bigGap*m.Loss:
		return said + "a usual difference. More training may help, or a larger network; more text will."
	}
	return said + "it has begun to learn its text by heart. More text, fewer epochs or a smaller network will help."
}

// exploded says whether a model is so much worse than a uniform guess that it cannot be for lack of training: the weights of
// an untrained network are small, and its guess is nearly uniform.
func (v *Verdict) exploded(m Result) bool {
	i := slices.IndexFunc(v.Baselines, func(b Baseline) bool { return b.Name == "uniform" })
	return i >= 0 && m.Loss > 2*v.Baselines[i].Loss
}

// Glossary returns the terms of a verdict, each with its meaning.
func (v *Verdict) Glossary() [][2]string {
	s := v.Symbol()
	words := [][2]string{
		{"nats, bits", fmt.Sprintf("how surprising a %s is on average, given the text before it; lower is better, 1 nat is 1.4427 bits", s)},
		{"n-gram", fmt.Sprintf("predicts a %s by counting what followed the n-1 before it, and shorter contexts (Kneser-Ney)", s)},
		{"gzip", "the size of the compressed text, given the 32 KiB before it"},
	}
	if v.Floor != nil {
		words = append(words, [2]string{"floor", "what the rules of the language leave to chance: no model does better on a long text"})
	}
	return words
}
