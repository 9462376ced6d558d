package score

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
)

// count writes a number of symbols, "111540 characters".
func (v *Verdict) count(n int64) string {
	if n == 1 {
		return "1 " + v.Symbols.Symbol()
	}
	return fmt.Sprintf("%d %ss", n, v.Symbols.Symbol())
}

// A Row is a predictor with its loss, for a table.
type Row struct {
	Name, Does string
	Nats       float64 // per symbol
	AtMost     bool    // Nats is an upper bound
}

// Basis says, in sentences, what was measured and what the baselines learned from.
func (v *Verdict) Basis() string {
	text := fmt.Sprintf("Measured on %s. The baselines learned from %s", v.measured(), v.learned())
	if v.sampled() {
		text += ", which favours the model"
	}
	if text += "."; v.Unknown > 0 {
		text += " " + v.spelled()
	}
	return text
}

// spelled says what the symbols cost that the alphabet lacks.
func (v *Verdict) spelled() string {
	them, are := "them", "are"
	if v.Unknown == 1 {
		them, are = "it", "is"
	}
	return fmt.Sprintf("%d of the %s measured %s not in the alphabet: spelling %s takes %.3f of the nats of every predictor (gzip spells in its own way).",
		v.Unknown, v.count(v.Measured), are, them, v.Spelling)
}

// sampled reports whether the baselines learned from less than the training section.
func (v *Verdict) sampled() bool { return v.Learned < v.LearnedOf }

// Short returns the verdict in a few lines, each ending with a line break.
func (v Verdict) Short() string {
	var b strings.Builder
	fmt.Fprintf(&b, "verdict on %s, in nats per %s, after learning from %s:\n", v.measured(), v.Symbols.Symbol(), v.learned())
	for i, r := range v.Rows() {
		name := r.Name
		switch {
		case r.AtMost:
			name += " at most"
		case r.Name == gzipName && v.ofDocuments():
			name += " (across documents)"
		}
		if i > 0 {
			fmt.Fprint(&b, ", ")
		}
		fmt.Fprintf(&b, "%s %.3f", name, r.Nats)
	}
	fmt.Fprintln(&b)
	if v.Unknown > 0 {
		fmt.Fprintln(&b, v.spelled())
	}
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
	if !v.sampled() {
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
		return "how often each " + v.Symbols.Symbol() + " occurs"
	case "2-gram":
		return "what followed the " + v.Symbols.Symbol() + " before"
	case gzipName:
		if v.ofDocuments() {
			return "the size of the compressed text; it alone sees the documents before"
		}
		return "the size of the compressed text"
	}
	k := name[0] - '1' // of 3-gram and more, what is before the last
	return fmt.Sprintf("what followed the %d %ss before", k, v.Symbols.Symbol())
}

// ofDocuments reports whether contexts begin anew at documents: for models and n-grams, but not for gzip.
func (v *Verdict) ofDocuments() bool { return v.Documents != "" && v.Documents != corpus.Whole }

// About returns sentences about a model: its rank, its distance from the floor, what its training shows, and what would help.
func (v *Verdict) About(m Result) []string {
	all := []string{m.Name + " is " + v.rank(m) + "."}
	if v.Floor != nil {
		all = append(all, v.aboveFloor(m))
	}
	if m.OtherText && v.OwnFile {
		return append(all, m.Name+" learned another text; the baselines learned this one, which favours them.")
	}
	if m.OtherText {
		return append(all, fmt.Sprintf("%s learned another text; the baselines learned the first %.0f %% of this one, which favours them.",
			m.Name, 100*float64(v.LearnedOf)/float64(v.LearnedOf+v.MeasuredOf)))
	}
	if s := v.online(m); s != "" {
		all = append(all, s)
	}
	for _, a := range m.Advice {
		all = append(all, m.advice(a))
	}
	if 2*m.Error > uncertain*m.Loss {
		all = append(all, fmt.Sprintf("So little text was measured that its loss is uncertain by %s.", nats(2*m.Error)))
	}
	return all
}

// uncertain is twice the standard error of a loss, as a share of it, that a verdict mentions.
const uncertain = 0.05

// rank says which baselines a model lies between. gzip does not count where it alone sees the documents before.
func (v *Verdict) rank(m Result) string {
	if 2*m.Ahead.Error > math.Abs(m.Ahead.Nats) {
		return fmt.Sprintf("as good as the best n-gram, %s: this text shows no difference (%+.3f ± %.3f nats)", the(v.Best), -m.Ahead.Nats, 2*m.Ahead.Error)
	}
	var worse, better *Baseline // the nearest
	for i := range v.Baselines {
		b := &v.Baselines[i]
		switch {
		case b.Name == gzipName && v.ofDocuments():
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
		return fmt.Sprintf("better than all baselines, %s below the best, %s", nats(worse.Loss-m.Loss), the(worse.Name))
	case worse == nil:
		return fmt.Sprintf("worse than all baselines, %s above the worst, %s", nats(m.Loss-better.Loss), the(better.Name))
	}
	return fmt.Sprintf("between %s, which is %s worse, and %s, which is %s better",
		the(worse.Name), nats(worse.Loss-m.Loss), the(better.Name), nats(m.Loss-better.Loss))
}

// nats writes a difference: "0.09 nats", with three decimals if it is small.
func nats(x float64) string {
	if x < 0.05 {
		return fmt.Sprintf("%.3f nats", x)
	}
	return fmt.Sprintf("%.2f nats", x)
}

func the(baseline string) string {
	switch baseline {
	case gzipName:
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
	case v.atFloor(m) && v.Floor.Exact:
		return fmt.Sprintf("It is %.3f nats above %s: next to nothing is left to gain.", above, floor)
	}
	return fmt.Sprintf("It is %.3f nats above %s.", above, floor)
}

// online compares the loss on text held out with that on training text as the model met it, which spells nothing. "" if that is
// not known.
func (v *Verdict) online(m Result) string {
	heldOut, bare := m.Loss-v.Spelling, ""
	if v.Spelling > 0 {
		bare = ", spelling left out"
	}
	switch {
	case m.Online == 0 || v.exploded(m):
		return ""
	case m.Passes < 1.01:
		return fmt.Sprintf("It read nothing twice: its loss was %.2f on new text in the last quarter of its training, and is %.2f on text held out%s.", m.Online, heldOut, bare)
	}
	when := "its last pass"
	if m.Passes < 2 {
		when = "the last quarter of a pass"
	}
	return fmt.Sprintf("In %s its loss was %.2f on each window before it learned from it (with dropout, if it had any); on text held out it is %.2f%s.", when, m.Online, heldOut, bare)
}

// Glossary returns the terms of a verdict, each with its meaning.
func (v *Verdict) Glossary() [][2]string {
	s := v.Symbols.Symbol()
	words := [][2]string{
		{"nats, bits", fmt.Sprintf("how surprising a %s is on average, given the text before it; lower is better, 1 nat is 1.4427 bits", s)},
		{"n-gram", fmt.Sprintf("predicts a %s by counting what followed the n-1 before it, and shorter contexts (modified Kneser-Ney)", s)},
		{gzipName, "the size of the compressed text, given the 32 KiB before it"},
	}
	if v.Floor != nil {
		words = append(words, [2]string{"floor", "what the rules of the language leave to chance: no model does better on a long text"})
	}
	return words
}
