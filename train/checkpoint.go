package train

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/exactjson"
	"github.com/seed-f4dd853e/elman/internal/safetensors"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// A checkpoint is the JSON object of state.safetensors. The tensors are weights, optimizer vectors and recurrent state; if
// Good is set, also those of the rollback snapshot, under names that begin with "good.".
type checkpoint struct {
	Run      string    `json:"run,omitempty"` // run.Info.ID of the run
	Progress progress  `json:"progress"`
	Good     *progress `json:"good,omitempty"` // of the rollback snapshot; nil means Progress
	Rate     float64   `json:"lr"`             // learning rate of the last training step
	Seconds  float64   `json:"seconds"`        // spent training
	Reported float64   `json:"reported"`       // Seconds at the last report
	LastLoss float64   `json:"last_loss"`      // mean of the last window
}

// save saves a report: metrics and sample first, then the best model, last the state, which records all three. A kill in
// between leaves the old state; continuing from it writes the same again. The initial state is saved before the first
// report, so a folder with more than run.json but no state has been damaged.
//
// If the training is good to roll back to, it becomes the snapshot.
func (t *trainer) save(r Report, good bool) error {
	t.phase(Saving)
	if t.checkWeights() != nil { // before the best model and the snapshot are replaced
		return t.diverged("weight")
	}
	if t.folder != nil && !t.saved {
		if err := t.saveSnapshot(); err != nil {
			return err
		}
	}
	if good {
		t.takeSnapshot()
	}
	if t.folder == nil {
		if r.Best && (t.o.KeepBest || t.corpus.Test().Len() > 0) {
			t.keepBest()
		}
		return nil
	}
	if err := t.folder.AppendReport(r.Metrics, r.Sample); err != nil {
		return err
	}
	if r.Best {
		if err := t.model.Save(t.folder.Path(run.ModelName)); err != nil {
			return err
		}
	}
	if t.finished() {
		if err := t.model.Save(t.folder.Path(run.LastName)); err != nil {
			return err
		}
	}
	return t.saveState()
}

// saveState replaces state.safetensors by the current state.
func (t *trainer) saveState() error {
	if t.folder == nil {
		return nil
	}
	t.phase(Saving)
	if t.checkWeights() != nil { // a run cannot continue from such weights
		return t.diverged("weight")
	}
	t.saveDue.Store(false)
	c := checkpoint{Progress: t.progress, Rate: t.rate, Seconds: t.clock.seconds(), Reported: t.reported, LastLoss: t.lastLoss}
	if t.snapshot.progress.Step != t.Step {
		good := t.snapshot.progress
		c.Good = &good
	}
	names, values := t.tensors(c.Good != nil)
	if err := t.write(c, names, values); err != nil {
		return err
	}
	t.savedAt = t.Step
	return nil
}

// saveSnapshot replaces state.safetensors by the rollback snapshot.
func (t *trainer) saveSnapshot() error {
	names, _ := t.vectors()
	return t.write(checkpoint{Progress: t.snapshot.progress}, names, t.snapshot.values)
}

func (t *trainer) write(c checkpoint, names []string, values [][]float32) error {
	c.Run = t.info.ID
	var tensors []safetensors.Source
	for i, v := range values {
		tensor := safetensors.Float32(names[i], v, len(v))
		write := tensor.Write
		tensor.Write = func(w io.Writer) error { // for the checksum, and for the file
			t.tellIfDue(Saving, float64(i+1)/float64(len(values)))
			return write(w)
		}
		tensors = append(tensors, tensor)
	}
	if err := t.folder.WriteState(c, tensors); err != nil {
		return err
	}
	t.saved = true
	return nil
}

// vectors returns all vectors of a training in their layout in memory: weights, the rule's vectors and, last, a copy of the
// recurrent state.
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

// tensors returns the tensors of a checkpoint, with or without the rollback snapshot.
func (t *trainer) tensors(good bool) (names []string, values [][]float32) {
	names, values = t.vectors()
	if good {
		for _, name := range names[:len(names):len(names)] {
			names = append(names, "good."+name)
		}
		values = append(values, t.snapshot.values...)
	}
	return names, values
}

func (t *trainer) stateName(p *rnn.Param, vector string) string {
	return t.s.Optimizer.Optimizer + "." + vector + "." + p.Name
}

// restore restores the checkpoint in the folder, and changes no file. The error is run.ErrNoState if there is none yet.
func (t *trainer) restore() error {
	state, err := run.OpenState(t.folder.Name())
	if err != nil {
		return err
	}
	defer state.Close()
	if err := t.restoreFrom(state); err != nil {
		return run.Damaged(t.folder.Path(run.StateName), err)
	}
	return nil
}

func (t *trainer) restoreFrom(state *run.State) error {
	var c checkpoint
	err := exactjson.Decode(state.Training, &c)
	if err == nil {
		err = t.check(c)
	}
	if err == nil {
		err = t.folder.Continue(state.Lengths)
	}
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	if err := t.readTensors(state, c.Good != nil); err != nil {
		return err
	}
	t.info.ID = c.Run
	t.progress, t.rate, t.clock.before, t.reported, t.lastLoss = c.Progress, c.Rate, c.Seconds, c.Reported, c.LastLoss
	t.saved, t.savedAt = true, t.Step
	if c.Good == nil {
		t.takeSnapshot()
	} else {
		t.snapshot.progress = *c.Good
	}
	if state.Old() {
		t.rate = t.rateOf(t.Step)
		t.reported = c.Seconds * (1 - float64(t.LossOver)/float64(max(1, t.Symbols))) // assuming a constant speed
	}
	return t.seek()
}

// check checks a checkpoint against the text.
func (t *trainer) check(c checkpoint) error {
	if err := t.checkProgress(c.Progress); err != nil {
		return fmt.Errorf("progress.%w", err)
	}
	switch {
	case c.Good == nil && c.Progress.SinceReport > 0:
		return fmt.Errorf("good is missing, %d training steps after a report", c.Progress.SinceReport)
	case c.Good != nil && c.Good.Step >= c.Progress.Step:
		return fmt.Errorf("good.step is %d, not before %d", c.Good.Step, c.Progress.Step)
	case c.Seconds < 0:
		return fmt.Errorf("seconds is %v", c.Seconds)
	case c.Reported < 0 || c.Reported > c.Seconds:
		return fmt.Errorf("reported is %v of %v seconds", c.Reported, c.Seconds)
	case c.Rate < 0:
		return fmt.Errorf("lr is %v", c.Rate)
	}
	if c.Good != nil {
		if err := t.checkProgress(*c.Good); err != nil {
			return fmt.Errorf("good.%w", err)
		}
	}
	return nil
}

// checkProgress checks progress against the text: the position determines the steps and symbols before it.
func (t *trainer) checkProgress(p progress) error {
	length, window := t.streams.Length(), int64(t.s.Window)
	if p.Position < 0 || p.Position > length {
		return fmt.Errorf("position is %d in streams of %d time steps", p.Position, length)
	}
	steps := int64(p.Epoch)*((length+window-1)/window) + (p.Position+window-1)/window
	symbols := (int64(p.Epoch)*length + p.Position) * int64(t.s.Batch)
	switch {
	case p.Step < 0 || p.Epoch < 0 || int64(p.Epoch) > p.Step || p.Step != steps:
		return fmt.Errorf("step is %d, want %d for position %d of epoch %d", p.Step, steps, p.Position, p.Epoch)
	case p.Position%window != 0 && p.Position != length:
		return fmt.Errorf("position is %d, within a window of %d", p.Position, window)
	case p.Symbols != symbols:
		return fmt.Errorf("symbols is %d, want %d for training step %d", p.Symbols, symbols, p.Step)
	case p.ReportDue && p.SinceReport == 0:
		return fmt.Errorf("report_due is true right after a report")
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
	if err := p.Pass.check(p.Symbols); err != nil {
		return fmt.Errorf("pass: %w", err)
	}
	if err := p.EarlyStop.check(p.Step); err != nil {
		return fmt.Errorf("early stop: %w", err)
	}
	if err := t.s.Schedule.CheckPlateau(p.Plateau); err != nil {
		return fmt.Errorf("plateau: %w", err)
	}
	return nil
}

// readTensors fills weights, vectors of the rule and recurrent state, and those of the rollback snapshot.
func (t *trainer) readTensors(state *run.State, good bool) error {
	file := state.Tensors
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
	return state.VerifyTensors(names)
}

// checkWeights looks for weights that are not finite. The loss can be finite all the same: an infinite bias only saturates a
// hidden unit. (A vector of the rule may overflow without harm, as Adagrad's sums do.)
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
