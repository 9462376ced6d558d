package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// A Finding is one analysis of a model that reads a text.
type Finding struct {
	Name  string // in flags and JSON
	Title string
	Doc   string // one line
	// begin returns an observer of the text, or nil, and the function to call when the text has been read. If there is nothing
	// to do, both are nil.
	begin func(a *Analysis) (Observer, conclusion)
}

// A conclusion returns a finding's numbers, for programs, and reports them in the section. An error says why there are none;
// the section is shown as far as it got.
type conclusion func(ctx context.Context, s *report.Section) (numbers any, err error)

// Findings returns every finding, in the order of a report. To add one, write its file and a line here.
func Findings() []Finding {
	return []Finding{
		{"units", "What units follow", "the unit that follows each feature of the text best, beside untrained networks", beginUnits},
		{"saturation", "How gates stand", "how often gates are nearly shut or open", beginSaturation},
		{"reach", "How far back the gradient reaches", "the norm of the gradient by distance in time", beginReach},
		{"influence", "What moves a prediction", "how much earlier symbols move the prediction of a symbol", beginInfluence},
		{"components", "Along which directions states differ", "the principal components of a layer's states", beginComponents},
		{"clusters", "Which words are alike to the network", "a dendrogram of mean states, by word or symbol", beginClusters},
		{"spans", "Where units are on together", "the longest parts of the text where chosen units are on; with --on", beginSpans},
		{"ablation", "What units are worth", "the bits per character lost without each unit; with --ablate", beginAblation},
	}
}

// FindFinding returns the finding with this name, or an error that lists all names.
func FindFinding(name string) (Finding, error) {
	return setting.Find("finding", name, Findings(), func(f Finding) string { return f.Name })
}

// An Analysis inspects a model on a text.
type Analysis struct {
	Model        *model.Model
	Text         *corpus.Text
	Of           []string    // the findings to make, by name; nil means all
	Layer        int         // of the principal components and clusters, from 0
	Span         int         // how many earlier symbols influence is followed to; 0 means that it is not
	At           *int64      // byte offset of the symbol on which influence is reported; nil means means over the text
	Target       *int32      // the symbol predicted there, in place of the one that came
	Leaves       int         // of clusters, the most frequent; below 2 there are none
	LeavesAre    Leaves      // what they are; "" means words
	On           []Condition // units that are to be on together; none means no spans
	Threshold    float64     // above which a unit of On is on
	Disable      []Unit      // units that ablation disables, one at a time
	DisableAll   bool        // every unit, in place of Disable
	Shown        int         // first symbols of the text, at least 1, on which ablation measures
	SampleLength int         // symbols of the samples without a unit
	Seed         uint64      // of everything random
	Workers      int         // 0 means 1; never changes the result
	// Progress receives what is being done and the share done, never from two goroutines at a time. It may be nil.
	Progress func(what string, done float64)

	shown  int // bytes of the symbols that are shown
	result *Results
}

// Results are what an Analysis found.
type Results struct {
	Sum score.Sum // of the text
	All []Result  // one for each finding that there is something to do for
}

// A Result is what one finding found.
type Result struct {
	Finding
	Numbers any // such as *ProbeResult; nil if Err is not
	Section *report.Section
	Err     error // why there are no numbers; the section says so too
}

// Numbers returns the numbers of type N among the results, the zero value if there are none.
func Numbers[T any](r *Results) (numbers T) {
	for _, x := range r.All {
		if found, ok := x.Numbers.(T); ok {
			return found
		}
	}
	return numbers
}

// Run reads the text once and returns what each finding found. A finding without a result says why and does not stop the
// others; a text that cannot be read does. Its errors are those of Read.
func (a *Analysis) Run(ctx context.Context) (*Results, error) {
	if a.Progress == nil {
		a.Progress = func(string, float64) {}
	}
	a.result = &Results{}
	var conclusions []conclusion
	observers := []Observer{&readingProgress{a: a}}
	for _, f := range Findings() {
		if a.Of != nil && !slices.Contains(a.Of, f.Name) {
			continue
		}
		observer, end := f.begin(a)
		if end == nil {
			continue
		}
		if observer != nil {
			observers = append(observers, observer)
		}
		conclusions = append(conclusions, end)
		a.result.All = append(a.result.All, Result{Finding: f, Section: &report.Section{Name: f.Name, Title: f.Title}})
	}
	sum, err := Read(ctx, a.Model, a.Text, score.Extras{}, observers...)
	if err != nil {
		return nil, err
	}
	a.result.Sum = sum
	for i, end := range conclusions {
		r := &a.result.All[i]
		if err := r.conclude(ctx, end); err != nil {
			return nil, err
		}
	}
	return a.result, nil
}

// conclude fills in what was found. It returns the errors that end the analysis: all but those of a text or a model that a
// finding has nothing to tell of. Without its text, the findings so far may be of another one.
func (r *Result) conclude(ctx context.Context, end conclusion) error {
	numbers, err := end(ctx, r.Section)
	switch _, none := errors.AsType[nothing](err); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		r.Numbers = numbers
	case none || errors.Is(err, model.ErrNotFinite):
		r.Err = err
		r.Section.Say("There is nothing to tell: %v.", err)
	default:
		return err
	}
	return nil
}

// A nothing is the error of a finding that does not apply.
type nothing struct{ error }

// errShort says that a text is too short for a finding.
func errShort(symbols, needs int64) error {
	return nothing{fmt.Errorf("the text has %d symbols, and this takes %d", symbols, needs)}
}

// emptyText returns an error if the text has no symbols.
func (a *Analysis) emptyText() error {
	if a.result.Sum.Symbols == 0 {
		return errShort(0, 1)
	}
	return nil
}

// errNone says that a network lacks what a finding is about.
var errNone error = nothing{errors.New("the network has no such units")}

// readingProgress is an Observer that reports how much of a text is read, and finds the end of the symbols shown.
type readingProgress struct {
	a    *Analysis
	seen int // symbols
	read int // bytes
}

func (*readingProgress) Needs() []string { return nil }

func (p *readingProgress) Observe(c *Chunk) error {
	for _, x := range c.Symbols {
		p.read += len(x.Text)
		if p.seen++; p.seen <= p.a.Shown {
			p.a.shown = p.read
		}
	}
	p.a.Progress("reading", float64(p.read)/float64(p.a.Text.Size()))
	return nil
}

// ID returns the unit's name in flags and tables, LAYER:UNIT, with layers counted from 1.
func (u Unit) ID() string { return fmt.Sprintf("%d:%d", u.Layer+1, u.Unit) }

// LayerName returns the name of a layer in a report.
func LayerName(layer int) string { return "layer " + report.Grouped(int64(layer+1)) }

// Describe returns the name of a quantity in a report, and its meaning. Of an LSTM's memory, which has no bounds, the tanh is
// shown.
func Describe(quantity string) (name, meaning string) {
	if name = quantity; quantity == "c" {
		name = "tanh c"
	}
	return name, rnn.Meaning(quantity)
}

// onPage returns the unit as a page calls it.
func (u Unit) onPage() *report.Unit {
	name, _ := Describe(u.Quantity)
	return &report.Unit{Group: LayerName(u.Layer), Quantity: name, Number: u.Unit}
}

// cell is a unit as a cell of a table; clicked, it colours the text.
func (u Unit) cell() report.Cell {
	return report.Cell{Text: u.ID(), Value: u.ID(), Unit: u.onPage()}
}
