package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/regular"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train/run"
)

// begin prepares the folder: it writes run.json for a new run, after the model that it begins with, and restores the checkpoint
// of an old one.
func (t *trainer) begin(o Options) error {
	settings, err := json.Marshal(t.s)
	if err != nil {
		return err
	}
	now := o.describe(t.corpus)
	now.Version, now.Source, now.Settings = o.Version, o.Source, settings
	if !t.folder.Resumed() {
		return t.beginNew(o, now)
	}
	info, old, err := readInfo(o.Folder)
	if err == nil {
		err = sameRun(o.Folder, info, old, now, t.s)
	}
	if err != nil {
		return err
	}
	t.info = info
	switch err := t.restore(); {
	case err == run.ErrNoState:
	case err != nil:
		return err
	case t.info.ID != info.ID:
		return setting.Errorf("%s: the state is that of another run: put back this run's own, or begin again in another folder (%v)",
			t.folder.Path(run.StateName), setting.Name("out"))
	}
	if err := t.verifyModel(t.folder.Path(run.ModelName)); t.BestStep > 0 && err != nil {
		return setting.Errorf("run folder %s: %s %v; the run's best model is of step %d: put it back, or begin the run again in another folder (%v)",
			o.Folder, run.ModelName, err, t.BestStep, setting.Name("out"))
	}
	if err := t.resumeKeepAt(info.KeepAt); err != nil {
		return fmt.Errorf("run folder %s: %w", o.Folder, err)
	}
	if old == t.s && slices.Equal(info.KeepAt, t.o.KeepAt) {
		return nil
	}
	t.info.Settings, t.info.KeepAt = settings, t.o.KeepAt
	return t.folder.WriteInfo(t.info)
}

func (t *trainer) beginNew(o Options, now run.Info) error {
	now.KeepAt = o.KeepAt
	if o.Init != nil {
		start := &model.Model{Network: t.net, Alphabet: t.corpus.Alphabet, Documents: t.corpus.Documents(), Summary: o.Init.Summary}
		now.Start = run.Start{Source: o.InitName, Hash: o.Init.Hash(), Begins: start.Hash()}
		if err := start.Save(t.folder.Path(run.StartName)); err != nil {
			return err
		}
	}
	now.ID = now.NewID()
	t.info = now
	return t.folder.WriteInfo(now)
}

// verifyModel returns what is wrong with the file of the best model, which it reads in small pieces: nothing, if it is as this
// run wrote it. After a kill it may be later than the checkpoint.
func (t *trainer) verifyModel(path string) error {
	file, size, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("is missing")
	} else if err != nil {
		return err
	}
	defer file.Close()
	network, s, err := model.Verify(file, size)
	switch {
	case err != nil:
		return fmt.Errorf("is damaged (%w)", err)
	case s.Corpus == "": // unknown
		return nil
	case s.Corpus != t.corpus.Hash():
		return fmt.Errorf("is of another run, with another text (SHA-256 %.16s)", s.Corpus)
	case s.Seed != t.s.Seed:
		return fmt.Errorf("is of another run, with seed %d", s.Seed)
	case network != t.net.Config():
		return errors.New("is of another run, with another network")
	case s.Steps < t.BestStep:
		return fmt.Errorf("is an earlier model, of step %d", s.Steps)
	}
	return nil
}

// describe describes the texts of a run, and if it is resumed, the model that it began with.
func (o Options) describe(c *corpus.Corpus) run.Info {
	info := run.Info{Corpus: c.Hash(), Alphabet: c.Alphabet.String(), Documents: c.Documents(), Train: c.Train().Len()}
	if !c.AllSymbols {
		info.AlphabetOf = "train"
	}
	info.Valid, info.Test = describeText(o.ValidName, c, c.Valid()), describeText(o.TestName, c, c.Test())
	if o.Init != nil && o.Resume {
		hash := o.Init.Hash()
		info.Start = run.Start{Source: o.InitName, Hash: hash, Begins: hash}
	}
	return info
}

// describeText describes a text of its own to validate or test on.
func describeText(name string, c *corpus.Corpus, s corpus.Section) run.Text {
	if s.Corpus() == c {
		return run.Text{}
	}
	return run.Text{Source: name, SHA256: s.Corpus().Hash(), Symbols: s.Len(), Unknown: s.Corpus().Unknown().Symbols}
}

// CorpusOptions completes the options by which the run in a folder reads its text: those of earlier versions have the alphabet
// of all of it.
func CorpusOptions(folder string, o corpus.Options) (corpus.Options, error) {
	info, _, err := readInfo(folder)
	if o.AllSymbols = info.AlphabetOf == ""; o.AllSymbols {
		o.AlphabetSize = 0 // they had all words, too
	}
	return o, err
}

// readInfo returns the run.json of a folder, and the settings in it.
func readInfo(folder string) (info run.Info, s Settings, err error) {
	if info, err = run.ReadInfo(folder); err != nil {
		return info, s, err
	}
	if err := exactjson.Decode(info.Settings, &s); err != nil {
		return info, s, run.Damaged(filepath.Join(folder, run.InfoName), fmt.Errorf("settings: %w", err))
	}
	return info, s, nil
}

// RunSettings returns the settings of the run in a folder.
func RunSettings(folder string) (Settings, error) {
	_, s, err := readInfo(folder)
	return s, err
}

// savedSteps returns the training steps of the last checkpoint in a folder.
func savedSteps(folder string) (int64, error) {
	state, err := run.OpenState(folder)
	if err == run.ErrNoState {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	defer state.Close()
	var c checkpoint
	if err := exactjson.Decode(state.Training, &c); err != nil {
		return 0, run.Damaged(filepath.Join(folder, run.StateName), fmt.Errorf("metadata: %w", err))
	}
	return c.Progress.Step, nil
}

// sameText returns an error if the run in a folder learns another text, or reads it differently.
func sameText(folder string, old run.Info, s Settings, now run.Info, seed uint64) error {
	err := old.CheckText(now)
	if s.Seed != seed { // before the text, which may be generated from the seed
		err = setting.Errorf("the run has %v %d, not %d", setting.Name("seed"), s.Seed, seed)
	}
	return another(folder, err)
}

// another adds advice to an error about a different run.
func another(folder string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("run folder %s: %w; resume it as it was begun (see %s) or choose another folder", folder, err, filepath.Join(folder, run.InfoName))
}

// sameRun compares all settings that decide the result. Budget and retries may change.
func sameRun(folder string, info run.Info, old Settings, now run.Info, s Settings) error {
	if err := sameText(folder, info, old, now, s.Seed); err != nil {
		return err
	}
	old.Budget, old.Retries = s.Budget, s.Retries
	old.Schedule.Total = s.Schedule.Total // it follows from the budget
	return another(folder, differ("", reflect.ValueOf(old), reflect.ValueOf(s)))
}

// differ names the first setting in which two values differ.
func differ(name string, old, now reflect.Value) error {
	if old.Kind() != reflect.Struct {
		if old.Interface() == now.Interface() {
			return nil
		}
		return setting.Errorf("the run has %v %v, not %v", setting.Name(name), old, now)
	}
	for i := range old.NumField() {
		if err := differ(jsonName(old.Type().Field(i)), old.Field(i), now.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// jsonName returns the name of a field in JSON.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
