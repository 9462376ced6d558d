package study

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/seed-f4dd853e/elman/experiment"
)

// Check returns an error unless a study could have made the task. One that came over a network may be made to write outside its
// folder, or to start elman with arguments of its own: after Check it can only train and measure.
func (t *Task) Check() error {
	named := *t
	named.Flags = slices.Clone(t.Flags)
	if nameTask(&named); named.ID != t.ID {
		return fmt.Errorf("run %.40q has flags and texts whose run is %s", t.ID, named.ID)
	}
	if len(t.Texts) == 0 {
		return fmt.Errorf("run %s has no text", t.ID)
	}
	seen := map[string]bool{}
	for _, f := range t.Flags {
		if err := f.check(); err != nil {
			return fmt.Errorf("run %s: %w", t.ID, err)
		}
		if seen[f.Name] {
			return fmt.Errorf("run %s has %s twice", t.ID, f.Name)
		}
		seen[f.Name] = true
	}
	for _, m := range t.Measures {
		if err := m.check(); err != nil {
			return fmt.Errorf("run %s: %w", t.ID, err)
		}
	}
	for _, f := range t.Files() {
		if err := f.check(); err != nil {
			return fmt.Errorf("run %s: %w", t.ID, err)
		}
	}
	return nil
}

func (f *Flag) check() error {
	k, known := flags[f.Name]
	switch {
	case !known && f.Name != "seed":
		return fmt.Errorf("%.40q is no flag that a study sets", f.Name)
	case (k == filename) != (f.File != nil) || f.File != nil && f.Value != "":
		return fmt.Errorf("the flag %s needs either a value or a file, the other of which it has", f.Name)
	case strings.ContainsFunc(f.Value, unicode.IsControl):
		return fmt.Errorf("the flag %s is %.40q, with control characters", f.Name, f.Value)
	}
	return nil
}

func (m *Measure) check() error {
	takesFiles, takesNames := m.Kind != Verdict && m.Kind != Experiments, m.Kind == Experiments
	switch {
	case !slices.Contains(measureNames, m.Kind):
		return fmt.Errorf("%.40q is no measure; there are %s", m.Kind, oneOf(measureNames))
	case takesFiles != (len(m.Files) > 0) || takesNames != (len(m.Names) > 0):
		return fmt.Errorf("the measure %s has %d files and %d names", m.Kind, len(m.Files), len(m.Names))
	}
	for _, name := range m.Names {
		if _, err := experiment.Find(name); err != nil {
			return err
		}
	}
	return nil
}

// check returns an error unless the name is one that stays in its folder, on every system, and the hash is one.
func (f *File) check() error {
	if err := checkName(f.Name); err != nil {
		return err
	}
	if b, err := hex.DecodeString(f.SHA256); err != nil || len(b) != 32 || strings.ToLower(f.SHA256) != f.SHA256 {
		return fmt.Errorf("the SHA-256 of %s is %.70q, must be 64 digits 0-9a-f", f.Name, f.SHA256)
	}
	return nil
}

// checkName returns an error unless a file of this name can lie in a folder of any system.
func checkName(name string) error {
	if !filepath.IsLocal(name) || filepath.Base(name) != name || name == "." || strings.ContainsAny(name, `/\:`) || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("a file is named %.80q; it needs a name that all systems can have, without : and \\", name)
	}
	return nil
}
