package pairs

import "math"

// A Tally counts outcomes.
type Tally struct {
	Items, Right, Ties, Unreadable int
}

// Add counts an outcome.
func (t *Tally) Add(o Outcome) {
	t.Items++
	switch o {
	case Right:
		t.Right++
	case Tie:
		t.Ties++
	case Unreadable:
		t.Unreadable++
	}
}

// Join adds the counts of another tally.
func (t *Tally) Join(u Tally) {
	t.Items, t.Right, t.Ties, t.Unreadable = t.Items+u.Items, t.Right+u.Right, t.Ties+u.Ties, t.Unreadable+u.Unreadable
}

// TallyOf counts the outcomes of items.
func TallyOf(all []Judged) (t Tally) {
	for _, j := range all {
		t.Add(j.Outcome)
	}
	return t
}

// Accuracy returns the share of items that are right. Ties and what cannot be read count as wrong.
func (t Tally) Accuracy() float64 { return float64(t.Right) / float64(t.Items) }

// z is the 97.5 % quantile of the normal distribution.
const z = 1.959963984540054

// Interval returns the 95 % confidence interval of the accuracy, Wilson's score interval (Wilson 1927). It takes items as
// independent draws.
func (t Tally) Interval() (low, high float64) {
	n, p := float64(t.Items), t.Accuracy()
	square := float64(z * z)
	centre := p + square/(2*n)
	half := float64(z * math.Sqrt(float64(p*(1-p))/n+square/(4*n*n)))
	scale := 1 + square/n
	return max(0, (centre-half)/scale), min(1, (centre+half)/scale)
}
