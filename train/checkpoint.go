package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/atomicfile"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

const stateFormat = 2

// A stateFile is the metadata of state.safetensors; the tensors are weights, optimizer vectors and recurrent state, and
// where Good is set those to go back to, under names that begin with "good.".
type stateFile struct {
	Format   int       `json:"format,omitempty"` // stateFormat; before, a checksum covered the tensors alone
	Progress progress  `json:"progress"`
	Good     *progress `json:"good,omitempty"` // what to go back to after a divergence; nil means this
	Seconds  float64   `json:"seconds"`
	Metrics  int64     `json:"metrics"` // length of metrics.jsonl
	Samples  int64     `json:"samples"` // length of samples.txt
}

// save keeps a report: metrics and sample first, the best model next, and last the state that knows of all three. A kill
// in between leaves the old state, whose repetition writes the same again.
func (t *trainer) save(r Report) error {
	if t.folder == nil {
		return nil
	}
	t.phase(Saving)
	if t.checkWeights() != nil { // before the best model so far is replaced
		return t.diverged("weight")
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
	if t.finished() {
		if err := t.model.Save(t.folder.path(lastName)); err != nil {
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
	t.phase(Saving)
	if t.checkWeights() != nil { // nothing that cannot be resumed is saved
		return t.diverged("weight")
	}
	t.saveDue.Store(false)
	t.files.Format, t.files.Progress, t.files.Good, t.files.Seconds = stateFormat, t.progress, nil, t.clock.seconds()
	if t.SinceReport > 0 {
		good := t.good.progress
		t.files.Good = &good
	}
	object, err := json.Marshal(t.files)
	if err != nil {
		return err
	}
	names, values := t.tensors(t.files.Good != nil)
	var tensors []safetensors.Source
	for i, v := range values {
		tensors = append(tensors, safetensors.Float32(names[i], v, len(v)))
	}
	return atomicfile.Write(t.folder.path(stateName), func(w io.Writer) error { return safetensors.Write(w, object, tensors) })
}

// vectors lists everything a training is made of, in the layout of memory: weights, the rule's vectors and, the last, a copy
// of the recurrent state.
func (t *trainer) vectors() (names []string, values [][]float32) {
	add := func(name string, v []float32) {
		names, values = append(names, name), append(values, v)
	}
	for i, p := range t.net.Params() {
		add(p.Name, p.Value)
		for j, name := range t.rule.State() {
			add(t.stateName(p, name), t.state[i][j])
		}
	}
	if t.average != nil {
		for _, p := range t.average.net.Params() {
			add("average."+p.Name, p.Value)
		}
	}
	state := make([]float32, t.window.StateLen())
	t.window.State(state)
	add("state", state)
	return names, values
}

// tensors lists what a checkpoint holds, with the training to go back to or without it.
func (t *trainer) tensors(good bool) (names []string, values [][]float32) {
	names, values = t.vectors()
	if good {
		for _, name := range names[:len(names):len(names)] {
			names = append(names, "good."+name)
		}
		values = append(values, t.good.values...)
	}
	return names, values
}

func (t *trainer) stateName(p *rnn.Param, vector string) string {
	return t.s.Optimizer.Optimizer + "." + vector + "." + p.Name
}

// openState opens the checkpoint in the folder.
func (f *folder) openState() (in *os.File, file *safetensors.File, state stateFile, err error) {
	if info, err := os.Stat(f.path(stateName)); err == nil && !info.Mode().IsRegular() { // a pipe would block
		return nil, nil, state, errors.New("is no regular file")
	}
	if in, err = os.Open(f.path(stateName)); err != nil {
		return nil, nil, state, reason(err)
	}
	info, err := in.Stat()
	if err == nil {
		if file, err = safetensors.Open(in, info.Size()); err == nil {
			err = readState(file, &state)
		}
	}
	if err != nil {
		in.Close()
		return nil, nil, state, reason(err)
	}
	return in, file, state, nil
}

func readState(file *safetensors.File, state *stateFile) error {
	format, err := file.Format()
	if err != nil {
		return err
	}
	if format != 0 && format != stateFormat {
		return fmt.Errorf("metadata: format is %d, this program reads %d", format, stateFormat)
	}
	if format == stateFormat {
		err = file.Verify()
	}
	if err == nil {
		err = file.Decode(state)
	}
	return err
}

// restore goes back to the checkpoint in the folder. It changes no file.
func (t *trainer) restore() error {
	in, file, files, err := t.folder.openState()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := t.checkState(files); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	if err := t.readTensors(file, files.Good != nil); err != nil {
		return err
	}
	t.files = files
	t.progress, t.clock.before = t.files.Progress, t.files.Seconds
	t.last.Seconds = t.files.Seconds
	if files.Good == nil {
		t.keep()
	} else {
		t.good.progress = *files.Good
	}
	t.rate = t.rateOf(t.Step)
	return t.seek()
}

// checkState compares what a checkpoint says with the text and the folder: the files that reports are added to are at least
// as long as they were.
func (t *trainer) checkState(f stateFile) error {
	if err := t.checkProgress(f.Progress, 1); err != nil {
		return fmt.Errorf("progress.%w", err)
	}
	switch {
	case (f.Good != nil) != (f.Progress.SinceReport > 0):
		return fmt.Errorf("good is there: %v, %d training steps after a report", f.Good != nil, f.Progress.SinceReport)
	case f.Good != nil && f.Good.Step >= f.Progress.Step:
		return fmt.Errorf("good.step is %d, not before %d", f.Good.Step, f.Progress.Step)
	case f.Seconds < 0:
		return fmt.Errorf("seconds is %v", f.Seconds)
	}
	if f.Good != nil {
		if err := t.checkProgress(*f.Good, 0); err != nil {
			return fmt.Errorf("good.%w", err)
		}
	}
	if err := t.folder.atLeast(metricsName, f.Metrics); err != nil {
		return err
	}
	return t.folder.atLeast(samplesName, f.Samples)
}

// checkProgress compares progress after so many training steps or more with the text, in which the position tells how many
// steps and symbols led there.
func (t *trainer) checkProgress(p progress, least int64) error {
	length, window := t.streams.Length(), int64(t.s.Window)
	if p.Position < 0 || p.Position > length {
		return fmt.Errorf("position is %d in streams of %d time steps", p.Position, length)
	}
	steps := int64(p.Epoch)*((length+window-1)/window) + (p.Position+window-1)/window
	symbols := (int64(p.Epoch)*length + p.Position) * int64(t.s.Batch)
	switch {
	case p.Step < least || p.Epoch < 0 || int64(p.Epoch) > p.Step || p.Step != steps:
		return fmt.Errorf("step is %d, want %d for position %d of epoch %d", p.Step, steps, p.Position, p.Epoch)
	case p.Position%window != 0 && p.Position != length:
		return fmt.Errorf("position is %d, within a window of %d", p.Position, window)
	case p.Symbols != symbols:
		return fmt.Errorf("symbols is %d, want %d for training step %d", p.Symbols, symbols, p.Step)
	case p.SinceReport < 0 || p.SinceReport > p.Step:
		return fmt.Errorf("since_report is %d of %d training steps", p.SinceReport, p.Step)
	case p.LossOver < 0 || p.LossOver > p.Symbols:
		return fmt.Errorf("loss_over is %d of %d symbols", p.LossOver, p.Symbols)
	case p.LossSum < 0 || p.BestLoss < 0 || p.GradNorm < 0 || p.Recent.Loss < 0:
		return fmt.Errorf("loss_sum %v, best_loss %v, grad_norm %v or recent.loss %v is negative", p.LossSum, p.BestLoss, p.GradNorm, p.Recent.Loss)
	case p.BestStep < 0 || p.BestStep > p.Step:
		return fmt.Errorf("best_step is %d after %d training steps", p.BestStep, p.Step)
	case p.Retries < 0 || p.Retries > maxRetries:
		return fmt.Errorf("retries is %d", p.Retries)
	case p.Recent.Steps < 0 || p.Recent.Steps > p.Step || p.Recent.Symbols < 0 || p.Recent.Symbols > p.Symbols:
		return fmt.Errorf("recent is %d symbols in %d training steps", p.Recent.Symbols, p.Recent.Steps)
	}
	if err := p.EarlyStop.check(p.Step); err != nil {
		return fmt.Errorf("early stop: %w", err)
	}
	if err := t.s.Schedule.CheckPlateau(p.Plateau); err != nil {
		return fmt.Errorf("plateau: %w", err)
	}
	return nil
}

// readTensors fills weights, vectors of the rule and recurrent state, and those to go back to.
func (t *trainer) readTensors(file *safetensors.File, good bool) error {
	names, values := t.tensors(good)
	for i, v := range values {
		name := names[i]
		if err := file.ReadFloat32(v, 0, name, len(v)); err != nil {
			return err
		}
		if j := slices.IndexFunc(v, notNumber); j >= 0 {
			return fmt.Errorf("tensor %q: number %d is NaN", name, j)
		}
		if strings.TrimPrefix(name, "good.") != "state" {
			continue
		}
		if j := slices.IndexFunc(v, notFinite); j >= 0 {
			return fmt.Errorf("tensor %q: number %d is %v", name, j, v[j])
		}
		if name == "state" {
			t.window.SetState(v)
		}
	}
	if file.Len() > len(values) {
		return fmt.Errorf("%d tensors, want the %d of the run", file.Len(), len(values))
	}
	if err := t.checkWeights(); err != nil {
		return err
	}
	t.net.Updated()
	t.model.Network.Updated()
	return nil
}

// checkWeights looks for weights that are not finite. A loss can be finite all the same: an infinite bias of a hidden unit
// only saturates it. (A vector of the rule may overflow to an infinity and do no harm, as Adagrad's sums do.)
func (t *trainer) checkWeights() error {
	for _, p := range slices.Concat(t.net.Params(), t.model.Network.Params()) {
		if i := slices.IndexFunc(p.Value, notFinite); i >= 0 {
			return fmt.Errorf("tensor %q: weight %d is %v", p.Name, i, p.Value[i])
		}
	}
	return nil
}

func notNumber(x float32) bool { return x != x }
func notFinite(x float32) bool { return x-x != 0 }
