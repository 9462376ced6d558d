package score

// Advice is what a verdict advises for a model.
type Advice string

func (v *Verdict) advise(m Result) []Advice { return nil }

func (a Advice) sentence() string { return string(a) }
