package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// expand makes the runs: every condition with every combination of the axes' values and every seed.
func (f *form) expand() (*Study, error) {
	s := &Study{Name: f.name, Path: f.path}
	files, err := f.hashTexts()
	if err != nil {
		return nil, err
	}
	if s.Measures, err = f.hashMeasures(); err != nil {
		return nil, err
	}
	axes := slices.Clone(f.axes)
	if !slices.ContainsFunc(axes, func(c choice) bool { return c.flag == textAxis }) {
		c := choice{flag: textAxis}
		for _, t := range f.texts {
			c.values = append(c.values, t.name)
		}
		axes = append([]choice{c}, axes...)
	}
	rows := f.conditions
	if len(rows) == 0 {
		rows = []condition{{}}
	}
	s.Axes = f.namedAxes(axes)

	count := len(rows) * len(f.seeds)
	for _, a := range axes {
		if count *= len(a.values); count > maxRuns {
			return nil, errorAt(f.path, a.line, "the study has more than %d runs", maxRuns)
		}
	}
	e := &expansion{form: f, study: s, texts: files, files: map[string]File{}, runs: map[string]*Run{}}
	for _, row := range rows {
		if err := e.combine(row, axes, nil); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// hashTexts returns the files of each text.
func (f *form) hashTexts() (map[string][]File, error) {
	texts := map[string][]File{}
	for _, t := range f.texts {
		for _, name := range t.files {
			file, err := f.resolve(name, t.line)
			if err != nil {
				return nil, err
			}
			texts[t.name] = append(texts[t.name], file)
		}
	}
	return texts, nil
}

// conditionAxis is the axis of conditions' names.
const conditionAxis = "condition"

// namedAxes returns the axes of the report: those with more than one value, and what conditions set.
func (f *form) namedAxes(axes []choice) (named []Axis) {
	add := func(name, value string) {
		i := slices.IndexFunc(named, func(a Axis) bool { return a.Name == name })
		if i < 0 {
			named, i = append(named, Axis{Name: name}), len(named)
		}
		if !slices.Contains(named[i].Values, value) {
			named[i].Values = append(named[i].Values, value)
		}
	}
	for _, row := range f.conditions {
		if row.name != "" {
			add(conditionAxis, row.name)
		}
		for _, c := range row.sets {
			add(c.flag, c.values[0])
		}
	}
	for _, a := range axes {
		if len(a.values) > 1 {
			for _, v := range a.values {
				add(a.flag, v)
			}
		}
	}
	return named
}

// An expansion makes the runs of a study.
type expansion struct {
	form  *form
	study *Study
	texts map[string][]File // by their names
	files map[string]File   // of flags, by their names in the study
	runs  map[string]*Run   // the first with an ID
}

// combine makes the runs of a condition with all values of the axes, given those chosen for the first ones.
func (e *expansion) combine(row condition, axes []choice, chosen []string) error {
	if i := len(chosen); i < len(axes) {
		for _, v := range axes[i].values {
			if err := e.combine(row, axes, append(chosen[:i:i], v)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, seed := range e.form.seeds {
		if err := e.add(row, axes, chosen, seed); err != nil {
			return err
		}
	}
	return nil
}

// add makes one run. A condition's flag replaces that of the settings.
func (e *expansion) add(row condition, axes []choice, chosen []string, seed uint64) error {
	sets := map[string]choice{}
	for _, c := range slices.Concat(e.form.settings, row.sets) {
		sets[c.flag] = c
	}
	r := Run{Seed: seed}
	for i, a := range axes {
		if a.flag == textAxis {
			r.Text = chosen[i]
			continue
		}
		sets[a.flag] = choice{flag: a.flag, kind: a.kind, values: []string{chosen[i]}, line: a.line}
	}
	var ok bool
	if r.Texts, ok = e.texts[r.Text]; !ok {
		i := slices.IndexFunc(axes, func(c choice) bool { return c.flag == textAxis })
		return errorAt(e.form.path, axes[i].line, "text %q is not among [texts]", r.Text)
	}
	r.Flags = []Flag{{Name: "seed", Value: strconv.FormatUint(seed, 10)}}
	for _, c := range sets {
		flag := Flag{Name: c.flag, Value: c.values[0]}
		if c.kind == filename {
			file, err := e.file(c)
			if err != nil {
				return err
			}
			flag.Value, flag.File = "", &file
		}
		r.Flags = append(r.Flags, flag)
	}
	r.Measures = e.study.Measures
	nameTask(&r.Task)
	e.describe(&r, row, sets)
	if old := e.runs[r.ID]; old != nil {
		return errorAt(e.form.path, max(1, row.line), "the conditions %q and %q make the same run; remove one", old.Condition, r.Condition)
	}
	e.study.Runs = append(e.study.Runs, r)
	e.runs[r.ID] = &r
	return nil
}

// describe names the condition of a run.
func (e *expansion) describe(r *Run, row condition, sets map[string]choice) {
	var parts []string
	for _, a := range e.study.Axes {
		value := ""
		switch c, ok := sets[a.Name]; {
		case a.Name == conditionAxis:
			value = row.name
		case a.Name == textAxis:
			value = r.Text
		case ok:
			value = c.values[0]
		}
		r.Values = append(r.Values, value)
		switch {
		case value == "":
		case a.Name == conditionAxis:
			parts = append(parts, value)
		case row.name != "" && slices.ContainsFunc(row.sets, func(c choice) bool { return c.flag == a.Name }):
			// the row's name stands for it
		default:
			parts = append(parts, fmt.Sprintf("%s=%s", a.Name, value))
		}
	}
	if r.Condition = strings.Join(parts, " "); r.Condition == "" {
		r.Condition = "all"
	}
}

// file returns the file of a flag.
func (e *expansion) file(c choice) (File, error) {
	name := c.values[0]
	if file, ok := e.files[name]; ok {
		return file, nil
	}
	file, err := e.form.resolve(name, c.line)
	e.files[name] = file
	return file, err
}
