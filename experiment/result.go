package experiment

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/report"
)

// A Result is what an experiment found: the numbers it has printed, for programs to read. Write makes a report of it.
type Result struct {
	Experiment string           `json:"experiment"`
	Command    string           `json:"command"` // that repeats it
	Source     string           `json:"source"`  // what was learned
	Seeds      []uint64         `json:"seeds"`
	Targets    []Target         `json:"targets"`
	Tables     []*report.Table  `json:"tables"` // columns and rows
	Findings   []Finding        `json:"findings"`
	Figures    []*report.Figure `json:"figures"` // name of their files and caption
	Samples    []Sample         `json:"samples"`

	doc      string
	text     string            // name and hash of the text, if one was given
	sections []*report.Section // what was told, in order
}

// newResult returns an empty one. Lists are empty rather than nil, so that JSON has [] and not null.
func newResult(e Experiment, o Options) *Result {
	r := &Result{Experiment: e.Name, Targets: []Target{}, Tables: []*report.Table{}, Findings: []Finding{}, Figures: []*report.Figure{}, Samples: []Sample{},
		doc: e.Doc, sections: []*report.Section{{}}}
	for i := range max(1, cmp.Or(o.Seeds, e.Seeds)) {
		r.Seeds = append(r.Seeds, o.Seed+uint64(i))
	}
	r.Command = "elman experiment run " + e.Name
	if o.Text != nil {
		r.Command += fmt.Sprintf(" --corpus %s --chars %d", quoted(o.Source), len([]rune(string(o.Text))))
		r.text = fmt.Sprintf("the SHA-256 of what was read of %s is %x", o.Source, sha256.Sum256(o.Text))
	}
	if o.Epochs > 0 {
		r.Command += fmt.Sprintf(" --epochs %d", o.Epochs)
	}
	r.Command += fmt.Sprintf(" --seed %d", o.Seed)
	if e.Seeds > 0 {
		r.Command += fmt.Sprintf(" --seeds %d", len(r.Seeds))
	}
	return r
}

// quoted returns a file's name as a shell reads it.
func quoted(name string) string {
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789._-/") == "" && name != "" {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// A Finding is one number that sums an experiment up.
type Finding struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// A Target is what a source leads one to expect of a seed, and how many seeds came up to it.
type Target struct {
	What   string   `json:"what"`
	Wanted string   `json:"wanted"`
	Source string   `json:"source"` // where that comes from
	Met    int      `json:"met"`
	Of     int      `json:"of"`
	Missed []uint64 `json:"missed"` // the other seeds
}

// reachedPercent is the share of seeds that must meet a target for it to be reached.
const reachedPercent = 80

// Reached says whether enough seeds met the target: 80 %.
func (t Target) Reached() bool { return 100*t.Met >= reachedPercent*t.Of }

// String says so in words.
func (t Target) String() string {
	word := "reached"
	if !t.Reached() {
		word = "missed"
	}
	return fmt.Sprintf("%s: %d of %d seeds", word, t.Met, t.Of)
}

// A Sample is text that a network wrote after its training.
type Sample struct {
	Network string `json:"network"`
	Text    string `json:"text"`
}
