package train

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
)

// A runFile is run.json: what the run is. It is written once, and again by a resumed run that takes longer or shorter.
type runFile struct {
	Version   string           `json:"version"`
	Source    string           `json:"source"`
	Corpus    string           `json:"corpus"` // SHA-256 of the text
	Alphabet  string           `json:"symbols"`
	Documents corpus.Documents `json:"documents"`
	Train     int64            `json:"train_symbols"` // in the section to learn from
	Settings  Settings         `json:"settings"`
}

// begin makes the folder ready: for a new run it says what the run is, for an old one it goes back to the checkpoint.
func (t *trainer) begin(o Options) error {
	c := t.corpus
	run := runFile{o.Version, o.Source, c.Hash(), c.Alphabet.String(), c.Documents(), c.Train().Len(), t.s}
	if !t.folder.resumed {
		return t.folder.writeJSON(runName, run)
	}
	var old runFile
	if err := t.folder.readJSON(runName, &old); err != nil {
		return err
	}
	if err := sameRun(old, run); err != nil {
		return fmt.Errorf("run folder %s: %w; resume it with its own settings (%s) or choose another folder (--out)",
			t.folder.name, err, t.folder.path(runName))
	}
	if err := t.restore(); err != nil && !errors.Is(err, fs.ErrNotExist) { // killed before the first checkpoint: it starts again
		return fmt.Errorf("%s: %w", t.folder.path(stateName), err)
	}
	if old.Settings == t.s {
		return nil
	}
	old.Settings = t.s
	return t.folder.writeJSON(runName, old)
}

// Saved returns the settings of the run in a folder, to resume it with.
func Saved(name string) (Settings, error) {
	s, _, err := saved(name)
	return s, err
}

// saved returns after how many training steps the last checkpoint was made too.
func saved(name string) (Settings, int64, error) {
	f := &folder{name: name}
	if there, err := f.holds(runName); err != nil || !there {
		return Settings{}, 0, f.holdsNone(err)
	}
	var run runFile
	if err := f.readJSON(runName, &run); err != nil {
		return Settings{}, 0, err
	}
	run.Settings.Schedule.Total = 0 // it follows from how long the run is
	in, _, state, err := f.openState()
	if errors.Is(err, fs.ErrNotExist) { // nothing yet
		return run.Settings, 0, nil
	}
	if err != nil {
		return Settings{}, 0, fmt.Errorf("%s: %w", f.path(stateName), err)
	}
	return run.Settings, state.Progress.Step, in.Close()
}

// fill returns s with the settings of a run in place of those it leaves open.
func (s Settings) fill(run Settings) Settings {
	if l := s.Budget; l.limited() {
		l.EarlyStop = run.Budget.EarlyStop
		run.Budget = l
	}
	fill(reflect.ValueOf(&s).Elem(), reflect.ValueOf(run))
	return s
}

// fill sets what is zero in the fields of a struct.
func fill(to, from reflect.Value) {
	for i := range to.NumField() {
		switch f := to.Field(i); {
		case f.Kind() == reflect.Struct:
			fill(f, from.Field(i))
		case f.IsZero():
			f.Set(from.Field(i))
		}
	}
}

// sameRun compares all that decides the result. How long a run takes, and how often it retries, may change.
func sameRun(old, now runFile) error {
	switch {
	case old.Settings.Seed != now.Settings.Seed: // before the text, which may be generated from it
		return fmt.Errorf("the run has seed %d, not %d", old.Settings.Seed, now.Settings.Seed)
	case old.Corpus != now.Corpus:
		return fmt.Errorf("the run learns another text, %q with SHA-256 %.16s, not %q with %.16s", old.Source, old.Corpus, now.Source, now.Corpus)
	case old.Alphabet != now.Alphabet:
		return fmt.Errorf("the run has symbols %s, not %s", old.Alphabet, now.Alphabet)
	case old.Documents != now.Documents:
		return fmt.Errorf("the run has --documents %s, not %s", old.Documents, now.Documents)
	case old.Train != now.Train:
		return fmt.Errorf("the run learns from the first %d symbols of the text, not %d (--valid)", old.Train, now.Train)
	}
	// A run of an earlier version lacks the settings that were fixed then.
	if filled, err := old.Settings.WithDefaults(now.Settings.Network.Symbols, now.Train); err == nil {
		old.Settings = filled
	}
	old.Settings.Budget, old.Settings.Retries = now.Settings.Budget, now.Settings.Retries
	old.Settings.Schedule.Total = now.Settings.Schedule.Total // which follows from how long it takes
	return differ("", reflect.ValueOf(old.Settings), reflect.ValueOf(now.Settings))
}

// differ names the first setting in which two values differ.
func differ(path string, old, now reflect.Value) error {
	if old.Kind() != reflect.Struct {
		if old.Interface() == now.Interface() {
			return nil
		}
		return fmt.Errorf("the run has %s %v, not %v", flag(path), old, now)
	}
	for i := range old.NumField() {
		name, _, _ := strings.Cut(old.Type().Field(i).Tag.Get("json"), ",")
		if path != "" {
			name = path + "." + name
		}
		if err := differ(name, old.Field(i), now.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// flag returns the flag of a setting: optimizer.lr is --lr.
func flag(setting string) string {
	name := strings.TrimSuffix(setting, ".normal") // of init
	name = name[strings.LastIndexByte(name, '.')+1:]
	return "--" + strings.ReplaceAll(name, "_", "-")
}
