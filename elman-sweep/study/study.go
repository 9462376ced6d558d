// Package study reads a study, one TOML file, and expands it to runs. Each run is a command line of elman train, named by the
// hash of its settings and texts: the same run has the same name in every study and on every machine.
package study

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/model"
)

// A Study is a file that was read, checked and expanded.
type Study struct {
	Name string // the title of its report
	Path string // of the file
	Axes []Axis // those with more than one value, in the order of the file
	Runs []Run  // condition by condition, each with all seeds
	// Measures are what is measured of each run besides its losses.
	Measures []Measure
}

// An Axis is a setting in which runs differ.
type Axis struct {
	Name   string
	Values []string // that occur, in the order of the file
}

// A Run is one training.
type Run struct {
	Task
	Condition string   // all but the seed: "cell=gru lr=0.01"; "all" if there is one condition alone
	Values    []string // for each axis of the study; "" where a condition does not set it
	Seed      uint64
	Text      string // its name
}

// maxStudy and maxRuns are far above what anybody waits for.
const (
	maxStudy = 1 << 24 // bytes
	maxRuns  = 1_000_000
)

// Read reads a study and hashes its files, whose paths are relative to the study's folder. An error is one line that begins
// with file:line.
func Read(path string) (*Study, error) {
	text, err := regular.Read(path, maxStudy)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	return f.expand()
}

// A form is what a study's file says.
type form struct {
	path       string
	name       string
	seeds      []uint64
	texts      []namedText
	settings   []choice // of one value
	axes       []choice
	conditions []condition
	measures   []wantedMeasure
}

type namedText struct {
	name  string
	files []string
	line  int
}

// A choice is a flag with the values that it takes.
type choice struct {
	flag   string // or textAxis
	kind   kind
	values []string
	line   int
}

// A condition is a row of [[conditions]].
type condition struct {
	name string
	sets []choice
	line int
}

// textAxis is the axis of the names of texts.
const textAxis = "text"

// parse reads the file without looking at others.
func parse(path string, text []byte) (*form, error) {
	root, err := parseTOML(path, text)
	if err != nil {
		return nil, err
	}
	f := &form{path: path, name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	parts := map[string]func(string, *entry) error{
		"name": f.readName, "seeds": f.readSeeds, "texts": f.readTexts, "settings": f.readSettings, "axes": f.readAxes,
		"conditions": f.readConditions, "measure": f.readMeasures,
	}
	known := []string{"name", "seeds", "texts", "settings", "axes", "conditions", "measure"}
	for _, key := range root.keys {
		read, e := parts[key], root.at[key]
		if read == nil {
			return nil, errorAt(path, e.line, "%s is unknown%s; a study has %s", key, suggest(key, known), oneOf(known))
		}
		if err := read(key, e); err != nil {
			return nil, err
		}
	}
	if len(f.texts) == 0 {
		return nil, errorAt(path, 1, `no texts: add [texts] with NAME = "FILE"`)
	}
	if f.seeds == nil {
		f.seeds = []uint64{1}
	}
	return f, f.checkSets()
}

func (f *form) readName(key string, e *entry) error {
	name, ok := e.value.(string)
	if !ok || name == "" {
		return errorAt(f.path, e.line, "name is %s, must be words in quotes", shown(e.value))
	}
	f.name = name
	return nil
}

// readSeeds takes a number of seeds, from 1, or a list of them.
func (f *form) readSeeds(key string, e *entry) error {
	list, isList := e.value.([]any)
	if n, ok := e.value.(int64); ok && n >= 1 && n <= maxRuns {
		for i := range n {
			list = append(list, i+1)
		}
	} else if !isList || len(list) == 0 {
		return errorAt(f.path, e.line, "seeds is %s, must be how many, such as 5, or a list such as [1, 2, 3]", shown(e.value))
	}
	seen := map[int64]bool{}
	for _, v := range list {
		n, ok := v.(int64)
		switch {
		case !ok || n < 0:
			return errorAt(f.path, e.line, "seeds has %s, must have whole numbers from 0", shown(v))
		case seen[n]:
			return errorAt(f.path, e.line, "seeds has %d twice", n)
		}
		seen[n] = true
		f.seeds = append(f.seeds, uint64(n))
	}
	return nil
}

// tableOf returns the table that an entry must be.
func (f *form) tableOf(key string, e *entry) (*table, error) {
	if t, ok := e.value.(*table); ok {
		return t, nil
	}
	return nil, errorAt(f.path, e.line, "%s is %s, must be a table: [%s]", key, shown(e.value), key)
}

func (f *form) readTexts(key string, e *entry) error {
	t, err := f.tableOf(key, e)
	if err != nil {
		return err
	}
	for _, name := range t.keys {
		files, err := f.files(name, t.at[name])
		if err != nil {
			return err
		}
		f.texts = append(f.texts, namedText{name, files, t.at[name].line})
	}
	return nil
}

// files returns the names of files that an entry has: one, or a list.
func (f *form) files(key string, e *entry) (names []string, err error) {
	list, ok := e.value.([]any)
	if !ok {
		list = []any{e.value}
	}
	for _, v := range list {
		name, ok := v.(string)
		if !ok || name == "" {
			return nil, errorAt(f.path, e.line, "%s is %s, must be the name of a file in quotes, or a list of them", key, shown(v))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, errorAt(f.path, e.line, "%s names no file", key)
	}
	return names, nil
}

func (f *form) readSettings(key string, e *entry) error {
	t, err := f.tableOf(key, e)
	if err != nil {
		return err
	}
	f.settings, err = f.sets(t)
	return err
}

// sets reads flags with one value each.
func (f *form) sets(t *table) (all []choice, err error) {
	for _, key := range t.keys {
		e := t.at[key]
		c := choice{flag: flagName(key), line: e.line}
		if key == textAxis {
			return nil, errorAt(f.path, e.line, "text has no place here: list it under [axes], or write the text under [texts]")
		}
		if c.kind, err = checkFlag(key); err != nil {
			return nil, errorAt(f.path, e.line, "%w", err)
		}
		value, err := valueText(key, c.kind, e.value)
		if err != nil {
			return nil, errorAt(f.path, e.line, "%w", err)
		}
		c.values = []string{value}
		all = append(all, c)
	}
	return all, nil
}

// readAxes reads lists of values.
func (f *form) readAxes(key string, e *entry) error {
	t, err := f.tableOf(key, e)
	if err != nil {
		return err
	}
	for _, key := range t.keys {
		e := t.at[key]
		list, ok := e.value.([]any)
		if !ok || len(list) == 0 {
			return errorAt(f.path, e.line, "%s is %s, must be a list of values; a single one belongs under [settings]", key, shown(e.value))
		}
		c := choice{flag: flagName(key), line: e.line}
		if key != textAxis {
			if c.kind, err = checkFlag(key); err != nil {
				return errorAt(f.path, e.line, "%w", err)
			}
		}
		for _, v := range list {
			value, err := valueText(key, c.kind, v)
			if err == nil && slices.Contains(c.values, value) {
				err = fmt.Errorf("%s has %s twice", key, value)
			}
			if err != nil {
				return errorAt(f.path, e.line, "%w", err)
			}
			c.values = append(c.values, value)
		}
		f.axes = append(f.axes, c)
	}
	return nil
}

// readConditions reads a table of rows.
func (f *form) readConditions(key string, e *entry) error {
	rows, ok := e.value.([]*table)
	if !ok {
		return errorAt(f.path, e.line, "conditions is %s, must be rows: [[conditions]]", shown(e.value))
	}
	lines := map[string]int{} // of names
	for _, t := range rows {
		c := condition{line: t.line}
		if n := t.at["name"]; n != nil {
			if c.name, ok = n.value.(string); !ok || c.name == "" {
				return errorAt(f.path, n.line, "name is %s, must be words in quotes", shown(n.value))
			}
			if at, twice := lines[c.name]; twice {
				return errorAt(f.path, n.line, "the condition %q has its name in line %d already", c.name, at)
			}
			lines[c.name] = n.line
			t.keys = slices.DeleteFunc(t.keys, func(k string) bool { return k == "name" })
		}
		var err error
		if c.sets, err = f.sets(t); err != nil {
			return err
		}
		f.conditions = append(f.conditions, c)
	}
	return nil
}

// checkSets returns an error if a flag is set in two places that would contradict each other.
func (f *form) checkSets() error {
	lines := map[string]int{}
	for _, c := range slices.Concat(f.settings, f.axes) {
		if at, twice := lines[c.flag]; twice {
			return errorAt(f.path, c.line, "%s is set in line %d already", c.flag, at)
		}
		lines[c.flag] = c.line
	}
	axes := map[string]int{}
	for _, c := range f.axes {
		axes[c.flag] = c.line
	}
	for _, c := range f.conditions {
		for _, s := range c.sets {
			if at, twice := axes[s.flag]; twice {
				return errorAt(f.path, s.line, "%s is an axis in line %d, and cannot be set by a condition", s.flag, at)
			}
		}
	}
	return nil
}

// resolve returns the file of a name in the study. A run folder stands for its model.
func (f *form) resolve(name string, line int) (File, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(f.path), path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, model.FileName)
	}
	file, err := HashFile(path)
	if err == nil {
		err = checkName(file.Name)
	}
	if err != nil {
		return file, errorAt(f.path, line, "%w", err)
	}
	return file, nil
}
