package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A runFile is run.json: what the run is. It is written once.
type runFile struct {
	Version  string   `json:"version"`
	Source   string   `json:"source"`
	Corpus   string   `json:"corpus"` // SHA-256 of the text
	Alphabet string   `json:"symbols"`
	Train    int64    `json:"train_symbols"` // in the section to learn from
	Settings Settings `json:"settings"`
}

// A stateFile is the metadata of state.safetensors; the tensors are weights, optimizer vectors and recurrent state.
type stateFile struct {
	Progress progress `json:"progress"`
	Seconds  float64  `json:"seconds"`
	Metrics  int64    `json:"metrics"` // length of metrics.jsonl
	Samples  int64    `json:"samples"` // length of samples.txt
}

// begin makes the folder ready: for a new run it says what the run is, for an old one it goes back to the checkpoint.
func (t *trainer) begin(o Options) error {
	c := t.corpus
	run := runFile{o.Version, o.Source, c.Text().Hash(), c.Alphabet.String(), c.Train().Len(), t.s}
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
	if _, err := os.Stat(t.folder.path(stateName)); errors.Is(err, os.ErrNotExist) {
		return nil // killed before the first checkpoint: it starts again
	}
	if err := t.restore(); err != nil {
		return fmt.Errorf("%s: %w", t.folder.path(stateName), err)
	}
	return nil
}

// sameRun compares all that decides the result. How long a run takes may change.
func sameRun(old, now runFile) error {
	switch {
	case old.Settings.Seed != now.Settings.Seed: // before the text, which may be generated from it
		return fmt.Errorf("the run has seed %d, not %d", old.Settings.Seed, now.Settings.Seed)
	case old.Corpus != now.Corpus:
		return fmt.Errorf("the run learns another text, %q with SHA-256 %.16s, not %q with %.16s", old.Source, old.Corpus, now.Source, now.Corpus)
	case old.Alphabet != now.Alphabet:
		return fmt.Errorf("the run has symbols %s, not %s", old.Alphabet, now.Alphabet)
	case old.Train != now.Train:
		return fmt.Errorf("the run learns from the first %d symbols of the text, not %d (--valid)", old.Train, now.Train)
	}
	old.Settings.HowLong = now.Settings.HowLong
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

// save keeps a report: metrics and sample first, the best model next, and last the state that knows of all three. A kill
// in between leaves the old state, whose repetition writes the same again.
func (t *trainer) save(r Report) error {
	if t.folder == nil {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if t.files.Metrics, err = t.folder.appendTo(metricsName, t.files.Metrics, string(line)+"\n"); err != nil {
		return err
	}
	if r.Sample != "" {
		text := fmt.Sprintf("--- step %d, epoch %.2f, loss %.4f\n%s\n", r.Step, r.Epoch, r.Loss, r.Sample)
		if t.files.Samples, err = t.folder.appendTo(samplesName, t.files.Samples, text); err != nil {
			return err
		}
	}
	if r.Best {
		if err := t.model.Save(t.folder.path(model.FileName)); err != nil {
			return err
		}
	}
	return t.checkpoint()
}

// checkpoint replaces state.safetensors by the training as it stands.
func (t *trainer) checkpoint() error {
	if t.folder == nil {
		return nil
	}
	t.saveDue.Store(false)
	t.files.Progress, t.files.Seconds = t.progress, t.clock.seconds()
	meta, err := json.Marshal(t.files)
	if err != nil {
		return err
	}
	return atomicfile.Write(t.folder.path(stateName), func(w io.Writer) error {
		tensors, values := t.tensors()
		out, err := safetensors.NewWriter(w, map[string]string{"elman": string(meta)}, tensors)
		if err != nil {
			return err
		}
		for _, v := range values {
			if err := out.WriteFloat32(v); err != nil {
				return err
			}
		}
		return out.Close()
	})
}

// tensors lists everything a resumed run needs as vectors, in the layout of memory.
func (t *trainer) tensors() (tensors []safetensors.Tensor, values [][]float32) {
	add := func(name string, v []float32) {
		tensors = append(tensors, safetensors.Tensor{Name: name, Shape: []int{len(v)}})
		values = append(values, v)
	}
	for i, p := range t.model.Network.Params() {
		add(p.Name, p.Value)
		for j, name := range t.rule.State() {
			add(t.stateName(p, name), t.state[i][j])
		}
	}
	state := make([]float32, t.window.StateLen())
	t.window.State(state)
	add("state", state)
	return tensors, values
}

func (t *trainer) stateName(p *rnn.Param, vector string) string {
	return t.s.Optimizer.Optimizer + "." + vector + "." + p.Name
}

// restore goes back to the checkpoint in the folder.
func (t *trainer) restore() error {
	in, err := os.Open(t.folder.path(stateName))
	if err != nil {
		return reason(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return reason(err)
	}
	file, err := safetensors.Open(in, info.Size())
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(file.Metadata["elman"]), &t.files); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	tensors, values := t.tensors()
	for i, v := range values {
		if err := file.ReadFloat32(v, tensors[i].Name, len(v)); err != nil {
			return err
		}
	}
	t.window.SetState(values[len(values)-1])
	t.model.Network.Updated()
	t.progress, t.clock.before = t.files.Progress, t.files.Seconds
	t.last.Seconds = t.files.Seconds
	return t.streams.SetPosition(t.Position)
}
