package study

import (
	"path/filepath"
	"slices"

	"github.com/seed-f4dd853e/elman/experiment"
)

// Measures are what can be measured of a run besides its losses.
const (
	Verdict = "verdict" // the loss on held-out text beside n-grams and gzip
	Score   = "score"   // bits per character of files
	Words   = "words"   // bits per word of files
	Pairs   = "pairs"   // minimal pairs and suites of files
	// Experiments are the targets that published experiments meet with the run's seed. They train networks of their own.
	Experiments = "experiments"
)

var measureNames = []string{Verdict, Score, Words, Pairs, Experiments}

// A wantedMeasure is a line of [measure].
type wantedMeasure struct {
	kind  string
	files []string // or the names of experiments
	line  int
}

// readMeasures reads [measure]: verdict = true, and lists of experiments, and of files for the others.
func (f *form) readMeasures(key string, e *entry) error {
	t, err := f.tableOf(key, e)
	if err != nil {
		return err
	}
	for _, key := range t.keys {
		e := t.at[key]
		if !slices.Contains(measureNames, key) {
			return errorAt(f.path, e.line, "%s is unknown%s; [measure] has %s", key, suggest(key, measureNames), oneOf(measureNames))
		}
		m := wantedMeasure{kind: key, line: e.line}
		if key == Verdict {
			wanted, ok := e.value.(bool)
			if !ok {
				return errorAt(f.path, e.line, "verdict is %s, must be true or false", shown(e.value))
			}
			if wanted {
				f.measures = append(f.measures, m)
			}
			continue
		}
		if m.files, err = f.files(key, e); err != nil {
			return err
		}
		if key == Experiments {
			for _, name := range m.files {
				if _, err := experiment.Find(name); err != nil {
					return errorAt(f.path, e.line, "%w", err)
				}
			}
		}
		f.measures = append(f.measures, m)
	}
	return nil
}

// hashMeasures finds the files of measures, whose names may be patterns: "blimp/*.jsonl".
func (f *form) hashMeasures() (all []Measure, err error) {
	for _, w := range f.measures {
		m := Measure{Kind: w.kind}
		if w.kind == Experiments {
			m.Names, w.files = w.files, nil
		}
		for _, name := range w.files {
			if !filepath.IsAbs(name) {
				name = filepath.Join(filepath.Dir(f.path), name)
			}
			paths := []string{name}
			if found, err := filepath.Glob(name); err == nil && len(found) > 0 {
				paths = found
			}
			for _, path := range paths {
				file, err := HashFile(path)
				if err == nil {
					err = checkName(file.Name)
				}
				if err != nil {
					return nil, errorAt(f.path, w.line, "%w", err)
				}
				if slices.ContainsFunc(m.Files, func(o File) bool { return o.Name == file.Name }) {
					return nil, errorAt(f.path, w.line, "%s has two files named %s, whose results would be mixed up", w.kind, file.Name)
				}
				m.Files = append(m.Files, file)
			}
		}
		all = append(all, m)
	}
	return all, nil
}
