// Package experiment repeats what has been published about recurrent networks, with the published numbers beside ours.
package experiment

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An Experiment is a published training, ready to be repeated.
type Experiment struct {
	Name string
	Doc  string // one line
	Own  bool   // it has a text of its own, and takes none
	run  func(context.Context, *lab) error
}

// All lists every experiment.
func All() []Experiment {
	return []Experiment{
		{"notebook-srn", "the notebook's simple network on Shakespeare: as published, corrected, and what the mistake cost", false, notebookSRN},
		{"notebook-letters", "the notebook's ae, buu, ciii: how close three networks come to the entropy of the language", true, notebookLetters},
		{"notebook-rnn", "the notebook's network with backpropagation through time on Shakespeare", false, notebookRNN},
		{"anomalies", "lines with one mistake among those of a generated log: how well the defaults find them, and a 5-gram", true, anomalies},
	}
}

// Find returns the experiment with a name.
func Find(name string) (Experiment, error) {
	all := All()
	i := slices.IndexFunc(all, func(e Experiment) bool { return e.Name == name })
	if i < 0 {
		var names []string
		for _, e := range all {
			names = append(names, e.Name)
		}
		return Experiment{}, fmt.Errorf("experiment %q: there are %s", name, strings.Join(names, ", "))
	}
	return all[i], nil
}

// Options change an experiment. The zero value repeats what was published, as far as that is known.
type Options struct {
	Text    []byte    // to learn from; nil means the generated language "play", or the experiment's own text
	Source  string    // name of Text
	Epochs  int       // passes over the text; 0 means as many as were published
	Seed    uint64    // of weights, generated texts and samples; 0 means 1
	Threads int       // most workers; 0 means 1, and small networks get fewer
	Out     io.Writer // receives the tables line by line as the work goes on; nil for none
	// Progress is told several times a second what is being trained, and which share of that is done; may be nil. The
	// notebook's own networks tell by the rows they add.
	Progress func(what string, done float64)
}

// A Result is what an experiment found: the numbers it has printed, for programs to read.
type Result struct {
	Experiment string    `json:"experiment"`
	Source     string    `json:"source"` // what was learned
	Tables     []Table   `json:"tables"`
	Findings   []Finding `json:"findings"`
	Samples    []Sample  `json:"samples"`
}

// A Table has a name for each column.
type Table struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"` // words, whole numbers, losses; nil where nothing is known
}

// A Finding is one number that sums an experiment up.
type Finding struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// A Sample is text that a network wrote after its training.
type Sample struct {
	Network string `json:"network"`
	Text    string `json:"text"`
}

// Run repeats an experiment. It fails on options out of range, on a text too short to learn from, and with ctx.Err() when
// ctx is cancelled.
func (e Experiment) Run(ctx context.Context, o Options) (*Result, error) {
	if o.Epochs < 0 {
		return nil, fmt.Errorf("epochs is %d, must be at least 1", o.Epochs)
	}
	if e.Own && o.Text != nil {
		return nil, fmt.Errorf("%s has a text of its own", e.Name)
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	// Lists are empty rather than nil, so that JSON has [] and not null.
	l := &lab{Options: o, result: &Result{Experiment: e.Name, Tables: []Table{}, Findings: []Finding{}, Samples: []Sample{}}}
	if err := e.run(ctx, l); err != nil {
		return nil, err
	}
	return l.result, l.failed
}

// A lab is an experiment at work: its options, and the result, which it prints as it grows.
type lab struct {
	Options
	result *Result
	failed error // of writing to Out
}

func (l *lab) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(l.Out, format, args...); err != nil && l.failed == nil {
		l.failed = err
	}
}

// table begins a new table.
func (l *lab) table(names ...string) {
	l.result.Tables = append(l.result.Tables, Table{Columns: names})
	l.printf("\n")
	for i, name := range names {
		if i == 0 {
			l.printf("%-12s", name)
		} else {
			l.printf("  %18s", name)
		}
	}
	l.printf("\n")
}

// row adds to the table that was begun last.
func (l *lab) row(cells ...any) {
	t := &l.result.Tables[len(l.result.Tables)-1]
	t.Rows = append(t.Rows, cells)
	for i, cell := range cells {
		text := "-"
		switch v := cell.(type) {
		case nil:
		case float64:
			text = fmt.Sprintf("%.3f", v)
		default:
			text = fmt.Sprint(v)
		}
		if i == 0 {
			l.printf("%-12s", text)
		} else {
			l.printf("  %18s", text)
		}
	}
	l.printf("\n")
}

// finding adds a finding.
func (l *lab) finding(name string, value float64, unit string) {
	l.result.Findings = append(l.result.Findings, Finding{name, value, unit})
	l.printf("%-60s %7.4f %s\n", name, value, unit)
}

// sample adds a sample.
func (l *lab) sample(network, text string) {
	l.result.Samples = append(l.result.Samples, Sample{network, text})
	l.printf("\n%s writes:\n    %s\n", network, strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    "))
}
