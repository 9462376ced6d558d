package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A Source is a model file or run folder, and the name that clients know the model by.
type Source struct{ Name, Path string }

// Sources returns the models that arguments of a command line name: each a model file, a run folder, or a folder of those, maybe with a
// name before it, as in NAME=PATH. Without one, a model is called as its file or run folder.
func Sources(args []string) ([]Source, error) {
	found, _, failed := lookup{}.look(args)
	if len(failed) > 0 {
		return nil, failed[0]
	}
	return found, nil
}

// A lookup is what arguments named when they were last read.
type lookup map[string][]Source

// look finds what arguments name now. What one named before stays if it cannot be read any more; the second of a name is left out.
func (l lookup) look(args []string) (found []Source, stays map[string]bool, failed []error) {
	stays = map[string]bool{} // by name
	for _, arg := range args {
		named, err := sources(arg)
		if err != nil {
			failed = append(failed, err)
			for _, s := range l[arg] {
				stays[s.Name] = true
			}
			named = l[arg]
		}
		l[arg] = named
		for _, s := range named {
			if err := twice(found, s); err != nil {
				failed = append(failed, err)
				continue
			}
			found = append(found, s)
		}
	}
	return found, stays, failed
}

// twice returns an error if another source has the name of s.
func twice(all []Source, s Source) error {
	if i := slices.IndexFunc(all, func(other Source) bool { return other.Name == s.Name }); i >= 0 {
		return fmt.Errorf("%s and %s are both called %q; give one another name, as in NAME=%s", all[i].Path, s.Path, s.Name, s.Path)
	}
	return nil
}

func sources(arg string) ([]Source, error) {
	name, path, named := strings.Cut(arg, "=")
	if _, err := os.Stat(arg); err == nil || !named { // a path may have a = in it
		name, path, named = "", arg, false
	}
	if named && !fitName(name) {
		return nil, fmt.Errorf("%.100q is no name for a model: 1 to 100 letters, digits and - _ . : /", name)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("model %w", err)
	}
	if !info.IsDir() || isRun(path) {
		if !named {
			if name = nameOf(path); !fitName(name) {
				return nil, fmt.Errorf("%s: %.100q is no name for a model; give it one, as in NAME=%s", path, name, path)
			}
		}
		return []Source{{name, path}}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("model %w", err)
	}
	var all []Source
	begun, err := run.HoldsRun(path) // without a model yet: what it has is a teacher
	if err != nil {
		return nil, fmt.Errorf("model %w", err)
	}
	for _, e := range entries {
		if begun && e.Name() == run.TeacherName {
			continue
		}
		inside := filepath.Join(path, e.Name())
		if name := nameOf(inside); fitName(name) && (isRun(inside) || !e.IsDir() && filepath.Ext(inside) == filepath.Ext(model.FileName)) {
			all = append(all, Source{name, inside})
		}
	}
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("%s is neither a run folder nor a folder of models", path)
	case named && len(all) > 1:
		return nil, fmt.Errorf("%s has %d models, which cannot all be called %q", path, len(all), name)
	case named:
		all[0].Name = name
	}
	return all, nil
}

// isRun reports whether a path is a folder with a model.
func isRun(path string) bool {
	info, err := os.Stat(filepath.Join(path, model.FileName))
	return err == nil && !info.IsDir()
}

// nameOf returns what a model is called without a name of its own.
func nameOf(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	if filepath.Base(path) == model.FileName {
		path = filepath.Dir(path)
	}
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(model.FileName))
}

func fitName(name string) bool {
	return len(name) > 0 && len(name) <= 100 && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_.:/", r))
	})
}
