package pairs

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/score/units"
)

// An Outcome is what came of an item. Only Right counts as right.
type Outcome uint8

// The outcomes. A tie is a prediction that fails because two sides that should differ are equal to the last bit.
const (
	Unreadable Outcome = iota
	Wrong
	Tie
	Right
)

var outcomes = [...]string{"unreadable", "wrong", "tie", "right"}

func (o Outcome) String() string { return outcomes[o] }

// MarshalText returns the outcome as a word.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// A Judge judges sets by one model. One goroutine may use it at a time.
type Judge struct {
	Name string

	alphabet *corpus.Alphabet
	end      bool // the alphabet has a line break
	lines    func(ctx context.Context, texts [][]byte, emit func(text int, x score.Symbol) error) error
}

// New returns a judge that asks a model, with so many workers.
func New(name string, m *model.Model, threads int) *Judge {
	s := score.New(m, score.Extras{End: true})
	s.Threads = threads
	s.Documents = corpus.Whole // a line break inside a sentence ends nothing
	return newJudge(name, m.Alphabet, s.Lines)
}

func newJudge(name string, a *corpus.Alphabet, lines func(context.Context, [][]byte, func(int, score.Symbol) error) error) *Judge {
	return &Judge{Name: name, alphabet: a, end: a.Symbol(a.Start()) == "\n", lines: lines}
}

// A Judged is what a judge says of an item.
type Judged struct {
	Outcome     Outcome
	Predictions []Outcome      // of each prediction; the item's outcome is the worst
	Bits        [][]score.Bits // of each text's regions
	Err         error          // why it is unreadable
}

// Total returns the bits of a text.
func (j *Judged) Total(text int) (sum score.Bits) {
	for _, b := range j.Bits[text] {
		sum = sum.Plus(b)
	}
	return sum
}

// Judge judges the items of a set, in their order. progress, which may be nil, receives how many bytes were read. Judge fails
// with the errors of score.Scorer.Lines; what a closed alphabet lacks makes an item unreadable.
func (j *Judge) Judge(ctx context.Context, s *Set, progress func(bytes int)) ([]Judged, error) {
	r := reading{judge: j, all: make([]Judged, len(s.Items)), progress: progress}
	for i, item := range s.Items {
		r.add(i, item, j.end && s.Paired)
	}
	if err := j.lines(ctx, r.texts, r.symbol); err != nil {
		return nil, err
	}
	for i := range r.groups {
		r.groups[i].end()
	}
	for i, item := range s.Items {
		r.all[i].decide(s.Predictions, item)
	}
	return r.all, nil
}

// A reading is the texts of a set while they are read.
type reading struct {
	judge    *Judge
	all      []Judged
	texts    [][]byte
	groups   []group // of each text
	progress func(bytes int)
}

// A group is the regions of a text while it is read.
type group struct {
	*units.Grouper
	judged *Judged
	text   int // of the item
}

// add adds the texts of item i, unless they cannot be read.
func (r *reading) add(i int, item *Item, end bool) {
	judged := &r.all[i]
	if judged.Err = item.Err; judged.Err != nil {
		return
	}
	texts, spans := make([][]byte, len(item.Texts)), make([][]units.Span, len(item.Texts))
	for k := range item.Texts {
		texts[k], spans[k] = item.Texts[k].bytes(end)
		if judged.Err = r.judge.lacks(texts[k]); judged.Err != nil {
			return
		}
	}
	judged.Bits = make([][]score.Bits, len(item.Texts))
	for k := range texts {
		r.texts = append(r.texts, texts[k])
		rule := units.Rule{Ends: true, ASCII: r.judge.alphabet.Kind().OfBytes()}
		r.groups = append(r.groups, group{units.New(spans[k], rule), judged, k})
	}
}

// lacks returns an error if a closed alphabet lacks a symbol of a text.
func (j *Judge) lacks(text []byte) error {
	if j.alphabet.Escape() >= 0 {
		return nil
	}
	_, err := j.alphabet.Encode(string(text))
	return err
}

func (r *reading) symbol(text int, x score.Symbol) error {
	if r.progress != nil {
		r.progress(len(x.Text))
	}
	return r.groups[text].Add(x)
}

// end sets the bits of the regions of a text that was read.
func (g *group) end() {
	space := g.Lead // before the region
	for i, u := range g.Units() {
		bits := u.Bits
		if u.Start < u.End {
			bits, space = bits.Plus(space), u.Space
		}
		g.judged.Bits[g.text] = append(g.judged.Bits[g.text], bits)
		if u.Joined {
			g.judged.Err = fmt.Errorf("a symbol of the model goes on into region %d of text %d from the one before", i+1, g.text+1)
		}
	}
}

// Region returns the bits of a region of the item.
func (j *Judged) Region(item *Item, ref Reference) float64 {
	for k, t := range item.Texts {
		if t.Condition != ref.Condition {
			continue
		}
		if ref.Region == 0 {
			return j.Total(k).Float()
		}
		for i, region := range t.Regions {
			if region.Number == ref.Region {
				return j.Bits[k][i].Float()
			}
		}
	}
	panic(fmt.Sprintf("pairs: %s has no region %v", item.Where, ref))
}

// decide tries the predictions on the bits of an item.
func (j *Judged) decide(predictions []*Formula, item *Item) {
	if j.Err != nil {
		return
	}
	bits := func(ref Reference) float64 { return j.Region(item, ref) }
	j.Outcome = Right
	for _, f := range predictions {
		outcome := Wrong
		switch {
		case f.holds(bits, false):
			outcome = Right
		case f.holds(bits, true):
			outcome = Tie
		}
		j.Predictions = append(j.Predictions, outcome)
		j.Outcome = min(j.Outcome, outcome)
	}
}

// Reason returns why an item is unreadable, in one line.
func (j *Judged) Reason() string {
	if unknown := (*corpus.UnknownSymbolError)(nil); errors.As(j.Err, &unknown) {
		return unknown.Error()
	}
	return j.Err.Error()
}
