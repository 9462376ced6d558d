// Package experiment repeats published experiments with recurrent networks, over several seeds, and puts the published numbers
// beside the new ones.
package experiment

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
)

// An Experiment is a published experiment, ready to run.
type Experiment struct {
	Name string
	Doc  string // one line
	Own  bool   // it has its own text and takes no other
	// Seeds is the default number of seeds. 0 means that it shows the course of a single training.
	Seeds int
	run   func(context.Context, *session) error
}

// All returns every experiment.
func All() []Experiment {
	return []Experiment{
		{"notebook-srn", "the notebook's simple network on Shakespeare: as published, corrected, and what the mistake cost", false, 0, notebookSRN},
		{"notebook-letters", "the notebook's ae, buu, ciii: how close three networks come to the entropy of the language", true, 5, notebookLetters},
		{"notebook-rnn", "the notebook's network with backpropagation through time on Shakespeare", false, 0, notebookRNN},
		{"elman1990-xor", "Elman's first simulation: XOR over time, error by position in the cycle of three", true, 10, elman1990Xor},
		{"elman1990-letters", "Elman's second simulation: ba, dii, guuu as articulatory features, consonants against vowels", true, 10, elman1990Letters},
		{"elman1990-words", "Elman's third simulation: word boundaries from the error of predicted letters", true, 10, elman1990Words},
		{"elman1990-classes", "Elman's fourth simulation: word classes from a network's hidden states", true, 10, elman1990Classes},
		{"reber", "the embedded Reber grammar: which networks remember the second symbol until the end", true, 10, reber},
		{"srn-vs-bptt", "the SRN beside backpropagation through more and more time steps: gradients and losses", false, 10, srnVsBPTT},
		{"pascanu2013", "vanishing and exploding gradients: how far back they reach, and what clipping does", false, 10, pascanu},
		{"anomalies", "log lines with one mistake each: how well the default model finds them, beside a 5-gram", true, 3, anomalies},
	}
}

// Find returns the experiment with this name, or an error that lists all names.
func Find(name string) (Experiment, error) {
	var names []string
	for _, e := range All() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Experiment{}, fmt.Errorf("unknown experiment %q; choose %s", name, strings.Join(names, ", "))
}

// Options change an experiment. The zero value repeats the published one, as far as it is known.
type Options struct {
	Text    []byte    // training text; nil means the generated language "play", or the experiment's own text
	Source  string    // name of Text
	Epochs  int       // passes over the text; 0 means as published
	Seed    uint64    // of weights, generated texts and samples; 0 means 1
	Seeds   int       // number of seeds, from Seed on; 0 means Experiment.Seeds
	Threads int       // maximum number of workers, shared by the seeds; 0 means 1. Never changes the result
	Out     io.Writer // receives the report line by line as the work proceeds; may be nil
	Width   int       // columns of Out, 40 to 200; 0 means 200
	// Progress receives what is being trained and the share done, several times a second, never from two goroutines at a
	// time. It may be nil. The notebook's own networks report by the rows that they add.
	Progress func(what string, done float64)
}

// Run runs the experiment. It fails on options out of range, on a text that is too short, and with ctx.Err() when ctx is
// cancelled. The same options give the same result, bit for bit.
func (e Experiment) Run(ctx context.Context, o Options) (*Result, error) {
	switch {
	case o.Epochs < 0:
		return nil, fmt.Errorf("epochs is %d, must be at least 1", o.Epochs)
	case o.Seeds < 0:
		return nil, fmt.Errorf("seeds is %d, must be at least 1", o.Seeds)
	case o.Seeds > 1 && e.Seeds == 0:
		return nil, fmt.Errorf("seeds is %d, must be 1: %s shows the course of a single training", o.Seeds, e.Name)
	case e.Own && o.Text != nil:
		return nil, fmt.Errorf("%s has a text of its own", e.Name)
	}
	s := newSession(e, o)
	if err := e.run(ctx, s); err != nil {
		return nil, err
	}
	return s.result, s.end()
}

// newSession returns an empty session.
func newSession(e Experiment, o Options) *session {
	o.Seed = max(1, o.Seed)
	if o.Out == nil {
		o.Out = io.Discard
	}
	return &session{seedRun: seedRun{o}, result: newResult(e, o), out: report.NewTerminal(o.Out, o.Width)}
}
