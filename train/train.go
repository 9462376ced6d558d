package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/internal/ticker"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// Run trains a network on the training section of c until the budget, ctx or an error ends it. The same settings and text give
// the same weights, bit for bit, on any processor, with any number of threads, interrupted and resumed or not.
//
// It fails on settings and options out of range, on a Budget.Time that Resolve has not turned into steps, on a run folder that cannot be
// used, and with a *Divergence after the last of Settings.Retries; the folder then holds the last good checkpoint. A new run
// that fails before it has saved anything leaves no folder.
func Run(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s.setFacts(FactsOf(c))
	if err := s.Check(FactsOf(c)); err != nil {
		return nil, err
	}
	if err := o.allowTeacher(s); err != nil {
		return nil, err
	}
	if s.Budget.Time > 0 {
		return nil, setting.Errorf("%v is %v, must be made training steps first (Resolve)", setting.Name("time"), s.Budget.Time)
	}
	switch {
	case c.Test().Len() > 0 && s.Network.Codes > 0:
		return nil, fmt.Errorf("a text to test on: %w", model.ErrCodes)
	case len(o.KeepAt) > 0 && o.Folder == "":
		return nil, setting.Errorf("%v needs a run folder for the models (%v)", setting.Name("keep_at"), setting.Name("out"))
	}
	pool := f32.NewPool(o.workers(s))
	defer pool.Close()
	t, err := newTrainer(c, s, o, pool)
	if err != nil {
		return nil, err
	}
	if o.Folder != "" {
		open := run.Create
		if o.Resume {
			open = run.Resume
		}
		if t.folder, err = open(o.Folder); err != nil {
			return nil, err
		}
		defer t.folder.Close()
		if err := t.begin(o); err != nil {
			t.folder.Abandon()
			return nil, err
		}
	}
	o.Init, t.o.Init = nil, nil // whose memory the training can use
	if err = t.learnTeacher(ctx); err == nil {
		if o.Start != nil {
			o.Start(Start{Settings: t.s, Folder: o.Folder, Step: t.Step, Teaches: o.teaches})
		}
		err = t.run(ctx)
	}
	if err != nil && t.folder != nil {
		t.folder.Abandon()
	}
	var tested run.Tested
	if err == nil && !o.teaches {
		tested, err = t.test(ctx)
	}
	r := &Result{Tested: tested, Model: t.model, Step: t.Step, Report: t.last, Folder: o.Folder, BestStep: t.BestStep, BestLoss: t.BestLoss}
	if err == nil && t.stalled() {
		r.Stalled = t.EarlyStop.Reports
	}
	if err == nil && o.KeepBest {
		r.Best, err = t.bestModel()
	}
	return r, err
}

// A trainer is a training in progress.
type trainer struct {
	s       Settings
	o       Options
	corpus  *corpus.Corpus
	net     *rnn.Network
	model   *model.Model // of net, or of the average of its weights
	best    *model.Model // a copy from the best report; nil if not wanted, or if a folder keeps it
	rule    optim.Rule
	outer   optim.OuterProductRule // rule, if it is one
	state   [][][]float32          // [parameter][vector of the rule][weight]
	rate    float64                // learning rate of the last training step
	average *average               // nil if there is none
	teacher *rnn.Network           // nil if there is none; learnTeacher sets its weights
	window  Window
	streams *corpus.Streams
	valid   *validator
	folder  *run.Folder // nil if nothing is kept
	info    run.Info    // of the run, with a folder
	x, y    []int32
	at      int64 // where the current window begins, and its time steps
	steps   int

	snapshot    snapshot // to roll back to
	uniformLoss float64  // loss of choosing symbols at random, or +Inf
	worst       float64  // highest mean loss of a window since Recent began, and where that was
	suspect     place
	lastLoss    float64   // mean loss of the last window
	sums        []float64 // [B + T] of losses, for here

	progress
	reporter progressReporter
	clock    clock
	reported float64     // seconds at the last report
	saveDue  atomic.Bool // set by a timer: reading the clock would slow down short training steps
	saved    bool        // the folder has the state of this training step
	savedAt  int64
	last     Report

	// For the workers of one training step.
	views    [][][]float32 // [worker] the parts of state that go with a piece
	norms    []float32     // [piece] sums of squares
	now      optim.Step    // common to their updates
	infinite atomic.Bool
	update   rnn.GradientSink // method values, made once
	measure  rnn.GradientSink
}

// progress is the position of a training; every checkpoint holds it.
type progress struct {
	Step        int64   `json:"step"`
	Epoch       int     `json:"epoch"`    // whole passes
	Position    int64   `json:"position"` // time steps into the pass
	Symbols     int64   `json:"symbols"`
	SinceReport int64   `json:"since_report"`        // training steps
	ReportDue   bool    `json:"report_due,omitzero"` // a report was interrupted
	LossSum     float64 `json:"loss_sum"`            // since the last report
	LossOver    int64   `json:"loss_over"`
	BestLoss    float64 `json:"best_loss"` // lowest validation loss; 0 means none yet
	BestStep    int64   `json:"best_step"`
	GradNorm    float64 `json:"grad_norm"`
	Retries     int     `json:"retries"` // divergences so far
	Recent      recent  `json:"recent"`

	Pass passLoss `json:"pass,omitzero"`

	Plateau   optim.Plateau `json:"plateau,omitzero"` // of the scheduled reports
	EarlyStop earlyStop     `json:"lull,omitzero"`    // of the same
}

// recent is the loss since the last check for a spike.
type recent struct {
	Loss    float64 `json:"loss"` // sum
	Symbols int64   `json:"symbols"`
	Steps   int64   `json:"steps"`
}

func newTrainer(c *corpus.Corpus, s Settings, o Options, pool *f32.Pool) (*trainer, error) {
	if err := s.checkMemory(c, pool.Workers(), o.Window != nil); err != nil {
		return nil, err
	}
	net, err := rnn.New(s.Network)
	if err != nil {
		return nil, err
	}
	t := &trainer{s: s, o: o, corpus: c, net: net, model: &model.Model{Network: net, Alphabet: c.Alphabet, Documents: c.Documents()}}
	t.uniformLoss = lossOfUniform(net.Config())
	if t.rule, err = optim.New(s.Optimizer); err != nil {
		return nil, err
	}
	t.outer, _ = t.rule.(optim.OuterProductRule)
	if t.streams, err = c.Train().Streams(s.Batch); err != nil {
		return nil, err
	}
	if err := t.s.layOut(s.Budget.steps(windows(t.streams, s.Window))); err != nil {
		return nil, err
	}
	if err := s.begin(net, c.Alphabet, o.Init); err != nil {
		return nil, err
	}
	if s.Average > 0 {
		t.average = newAverage(s.Average, net)
		t.model.Network = t.average.net
	}
	for _, p := range net.Params() {
		var vectors [][]float32
		for range t.rule.State() {
			vectors = append(vectors, f32.Aligned(len(p.Value)))
		}
		t.state = append(t.state, vectors)
	}
	if s.Teacher != "" {
		settings, err := s.teacherSettings(FactsOf(c))
		if err != nil {
			return nil, err
		}
		if t.teacher, err = rnn.New(settings.Network); err != nil {
			return nil, err
		}
	}
	if t.window, err = t.newWindow(pool); err != nil {
		return nil, err
	}
	if t.model.OfDocuments() {
		t.streams.Starts = t.window.Starts()
	}
	if err := t.seek(); err != nil {
		return nil, err
	}
	t.sums = make([]float64, s.Batch+s.Window)
	t.norms = make([]float32, t.window.GradientPieces())
	t.x, t.y = make([]int32, s.Window*s.Batch), make([]int32, s.Window*s.Batch)
	t.views = make([][][]float32, pool.Workers())
	for i := range t.views {
		t.views[i] = make([][]float32, len(t.rule.State()))
	}
	t.update, t.measure = t.updatePiece, t.measurePiece
	if t.valid, err = newValidator(c, t.model.Network, pool); err != nil {
		return nil, err
	}
	if t.valid == nil && c.Valid().Corpus() != c {
		return nil, setting.Errorf("the text of %v has %d symbol, too few to measure a loss on; give a longer one", setting.Name("valid_file"), c.Valid().Len())
	}
	if t.valid == nil && s.Budget.EarlyStop > 0 {
		return nil, errNoEarlyStop
	}
	t.takeSnapshot()
	return t, nil
}

// checkpointEvery is the time between checkpoints besides those of reports. They never change a bit.
const checkpointEvery = time.Minute

// run is the training loop.
func (t *trainer) run(ctx context.Context) error {
	t.clock.start = time.Now()
	defer ticker.Every(checkpointEvery, &t.saveDue)()
	defer t.startReporter()()
	for {
		var err error
		switch {
		case t.ReportDue:
			err = t.report(ctx, true)
		case !t.finished():
			err = t.advance(ctx)
		case t.LossOver > 0:
			err = t.report(ctx, false)
		default:
			return nil
		}
		if err == ErrInterrupted {
			err = cmp.Or(t.saveState(), err)
		}
		if d, ok := errors.AsType[*Divergence](err); ok {
			err = t.recover(d)
		}
		t.tellIfDue(Training, 0)
		if err != nil {
			return err
		}
	}
}

// advance takes one training step and does what is due after it. Each epoch starts from a state of zero; its last window may
// be short.
func (t *trainer) advance(ctx context.Context) error {
	t.at = t.streams.Position()
	var err error
	if t.steps, err = t.streams.Next(t.x, t.y); err != nil {
		return err
	}
	if t.steps == 0 {
		t.Epoch++
		t.Position = 0
		t.window.Reset()
		return t.seek()
	}
	due, before := t.reportDue(), t.Symbols
	if err := t.step(t.steps*t.s.Batch, due || t.lastWindow()); err != nil {
		return err
	}
	t.Position = t.streams.Position()
	t.SinceReport++
	if err := t.keep(before); err != nil {
		return err
	}
	switch {
	case due:
		t.ReportDue = true
		err = t.report(ctx, true)
	case t.saveDue.Load():
		err = t.saveState()
	}
	if err == nil && ctx.Err() != nil {
		err = ErrInterrupted
	}
	return err
}

// seek moves the streams to the position of the progress; documents are shuffled anew in each epoch.
func (t *trainer) seek() error {
	t.streams.Shuffle(t.s.Seed, t.Epoch)
	return t.streams.SetPosition(t.Position)
}

// passRead reports whether the current window is the last of the epoch.
func (t *trainer) passRead() bool { return t.streams.Position() == t.streams.Length() }

// reportDue reports whether a report follows the training step on the current window.
func (t *trainer) reportDue() bool {
	return t.SinceReport+1 >= t.s.ReportEvery || t.s.ReportEpochs && t.passRead()
}

// lastWindow reports whether the run ends with the current window.
func (t *trainer) lastWindow() bool {
	l := t.s.Budget
	return l.Steps > 0 && t.Step+1 >= l.Steps || l.Epochs > 0 && t.Epoch+1 >= l.Epochs && t.passRead()
}

// finished reports whether a limit is reached. An epoch ends with its last window.
func (t *trainer) finished() bool {
	l, done := t.s.Budget, t.Epoch
	if t.Position == t.streams.Length() && t.passRead() {
		done++
	}
	return l.Epochs > 0 && done >= l.Epochs || l.Steps > 0 && t.Step >= l.Steps || t.stalled()
}

// step takes one training step over the first n symbols of x and y: forward, backward, clip, update. It sets GradNorm when a
// report needs it.
func (t *trainer) step(n int, measure bool) error {
	scale := float32(1)
	if !t.s.Sum {
		scale = 1 / float32(n)
	}
	t.beginStep()
	var loss float64
	whole := t.s.ClipNorm > 0 || measure // the norm is that of the whole gradient
	t.window.Begin(uint64(t.Step), whole)
	if whole {
		clear(t.norms)
		loss = t.window.Gradient(t.x[:n], t.y[:n], scale, t.measure)
		norm := float32(math.Sqrt(float64(f32.Sum(t.norms))))
		if math.IsNaN(float64(norm)) || math.IsInf(float64(norm), 0) {
			t.Step++
			return t.diverged("gradient's norm")
		}
		t.GradNorm = float64(norm)
		t.now.Scale = optim.ClipByNorm(norm, float32(t.s.ClipNorm))
		t.window.VisitGradient(t.update)
	} else {
		// Each piece of the gradient is used while it is in the cache.
		loss = t.window.Gradient(t.x[:n], t.y[:n], scale, t.update)
	}
	t.net.Updated()
	t.Step++
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return t.diverged("loss")
	}
	if t.infinite.Load() {
		return t.diverged("gradient")
	}
	t.Symbols += int64(n)
	t.LossSum += loss
	t.LossOver += int64(n)
	t.Pass.add(t.at, t.streams.Length(), loss, n)
	return t.watch(loss, n)
}
