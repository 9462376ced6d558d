package train

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// Options are what does not change what is learned.
type Options struct {
	Folder  string // run folder; "" keeps nothing
	Resume  bool   // go on with the run in Folder
	Threads int    // workers; 0 means as many as pay, see Settings.Workers
	Version string // of the program, for run.json
	Source  string // the text's name, for run.json

	KeepBest bool // Result.Best holds the best model

	Language string // the generated language that the text was generated of, for the model's summary; "" if of none

	Start  func(step int64)                   // is told that training begins, and after how many training steps of earlier calls; may be nil
	Sample func(*model.Model) (string, error) // writes a sample at each report; may be nil. A model.ErrNotFinite is a divergence
	Report func(Report)                       // is told of each report; may be nil
	// Diverged is told of each divergence that is followed by a retry; may be nil.
	Diverged func(Divergence)
	// Progress is told, by the goroutine that trains, how far things are: about ten times a second, and when a phase begins.
	// It should not take long. May be nil.
	Progress func(Progress)
}

// A Result is a finished training.
type Result struct {
	Model  *model.Model // as after the last training step
	Best   *model.Model // as at the report with the lowest validation loss, if Options.KeepBest; nil before the first report
	Step   int64        // training steps, with those of earlier calls
	Report Report       // the last one of this call
	Folder string

	// The report with the lowest validation loss, of earlier calls too: model.FileName in Folder holds the model as it was then.
	BestStep int64
	BestLoss float64
	// Stalled is how many reports after that ended the run, by Budget.EarlyStop; 0 if something else did.
	Stalled int64
}

// ErrInterrupted says that the context was cancelled. The run is saved as it stood.
var ErrInterrupted = errors.New("interrupted")

// workers returns how many a training uses.
func (o Options) workers(s Settings) int {
	if o.Threads == 0 {
		return s.Workers(runtime.NumCPU())
	}
	return o.Threads
}

// Run trains a network on the training section of c until the settings, the context or an error end it. The same settings
// and text give the same weights, bit for bit, on any processor with any number of threads, and whether or not the run was
// interrupted and resumed.
//
// It fails on settings out of range, or that Resolve has not given a number of training steps in place of a time, on a run
// folder that cannot be used, and with a *Divergence where Settings.Retries did not help; the folder then holds the last good
// checkpoint. A new run that fails before it has saved anything leaves no folder.
func Run(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (*Result, error) {
	s.setFacts(FactsOf(c))
	if err := s.Check(FactsOf(c)); err != nil {
		return nil, err
	}
	if s.Budget.Time > 0 {
		return nil, setting.Errorf("%v is %v, must be made training steps first (Resolve)", setting.Name("time"), s.Budget.Time)
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
	if o.Start != nil {
		o.Start(t.Step)
	}
	if err = t.run(ctx); err != nil && t.folder != nil {
		t.folder.Abandon()
	}
	r := &Result{Model: t.model, Step: t.Step, Report: t.last, Folder: o.Folder, BestStep: t.BestStep, BestLoss: t.BestLoss}
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
	best    *model.Model // a copy of that, as at the best report; nil if nobody asks for it or a folder keeps it
	rule    optim.Rule
	outer   optim.OuterProductRule // rule, if it is one
	state   [][][]float32          // [parameter][vector of the rule][weight]
	rate    float64                // learning rate of the last training step
	average *average               // nil if there is none
	window  *rnn.Window
	streams *corpus.Streams
	valid   *validator
	folder  *run.Folder // nil if nothing is kept
	x, y    []int32
	at      int64 // where the window at hand begins, and its time steps
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
	saveDue  atomic.Bool // set by a timer, because reading the clock takes longer than many a training step has time for
	saved    bool        // there is a state in the folder, of this training step
	savedAt  int64
	last     Report

	// For the workers of one training step.
	views    [][][]float32 // [worker] the parts of state that go with a piece
	norms    []float32     // [piece] sums of squares
	now      optim.Step    // what their updates have in common
	infinite atomic.Bool
	update   rnn.GradientSink // method values, made once
	measure  rnn.GradientSink
}

// progress is where a training stands; it is saved in every checkpoint.
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

	Plateau   optim.Plateau `json:"plateau,omitzero"` // of the scheduled reports
	EarlyStop earlyStop     `json:"lull,omitzero"`    // of the same
}

// recent is the loss since the last look for a spike.
type recent struct {
	Loss    float64 `json:"loss"` // sum
	Symbols int64   `json:"symbols"`
	Steps   int64   `json:"steps"`
}

func newTrainer(c *corpus.Corpus, s Settings, o Options, pool *f32.Pool) (*trainer, error) {
	if err := s.checkMemory(c, pool.Workers()); err != nil {
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
	s.start(net)
	if s.Average > 0 {
		if t.average, err = newAverage(s); err != nil {
			return nil, err
		}
		t.model.Network = t.average.net
	}
	for _, p := range net.Params() {
		var vectors [][]float32
		for range t.rule.State() {
			vectors = append(vectors, f32.Aligned(len(p.Value)))
		}
		t.state = append(t.state, vectors)
	}
	t.window = net.NewWindow(s.Window, s.Batch, pool)
	t.window.Dropout = s.dropout()
	t.window.DenseGradient = !t.rule.Sparse() || t.average != nil // the average of a resting weight moves on
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
	if t.valid = newValidator(c, t.model.Network, pool); t.valid == nil && s.Budget.EarlyStop > 0 {
		return nil, errNoEarlyStop
	}
	t.takeSnapshot()
	return t, nil
}

// checkpointEvery is the time between checkpoints that follow no report. They change no bit.
const checkpointEvery = time.Minute

// setTimer starts what watches the clock, and returns what stops it.
func (t *trainer) setTimer() (stop func()) {
	done := make(chan struct{})
	saves := time.NewTicker(checkpointEvery)
	go func() {
		defer saves.Stop()
		for {
			select {
			case <-done:
				return
			case <-saves.C:
				t.saveDue.Store(true)
			}
		}
	}()
	return func() { close(done) }
}

// run is the loop.
func (t *trainer) run(ctx context.Context) error {
	t.clock.start = time.Now()
	defer t.setTimer()()
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

// advance takes one training step and does what is due after it. Each pass starts from a state of zero; a text that ends
// within a window makes a short one.
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
	due := t.reportDue()
	if err := t.step(t.steps*t.s.Batch, due || t.lastWindow()); err != nil {
		return err
	}
	t.Position = t.streams.Position()
	t.SinceReport++
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

// seek makes the streams go on where the progress stands: documents have another order in each pass.
func (t *trainer) seek() error {
	t.streams.Shuffle(t.s.Seed, t.Epoch)
	return t.streams.SetPosition(t.Position)
}

// passRead says whether the window that streams gave last is the last one of the pass.
func (t *trainer) passRead() bool { return t.streams.Position() == t.streams.Length() }

// reportDue says whether a report follows the training step on the window that streams gave last.
func (t *trainer) reportDue() bool {
	return t.SinceReport+1 >= t.s.ReportEvery || t.s.ReportEpochs && t.passRead()
}

// lastWindow says whether the run ends with the window that streams gave last.
func (t *trainer) lastWindow() bool {
	l := t.s.Budget
	return l.Steps > 0 && t.Step+1 >= l.Steps || l.Epochs > 0 && t.Epoch+1 >= l.Epochs && t.passRead()
}

// finished says whether a limit is reached. An epoch ends with its last window.
func (t *trainer) finished() bool {
	l, done := t.s.Budget, t.Epoch
	if t.Position == t.streams.Length() && t.passRead() {
		done++
	}
	return l.Epochs > 0 && done >= l.Epochs || l.Steps > 0 && t.Step >= l.Steps || t.stalled()
}

// step is one training step over the first n symbols of x and y: forward, backward, clip, update. It sets GradNorm if that
// is to be measured.
func (t *trainer) step(n int, measure bool) error {
	scale := float32(1)
	if !t.s.Sum {
		scale = 1 / float32(n)
	}
	t.beginStep()
	var loss float64
	t.window.Dropout.Step = uint64(t.Step)
	if t.s.ClipNorm > 0 || measure {
		loss = t.window.Gradient(t.x[:n], t.y[:n], scale, nil)
		clear(t.norms)
		t.window.VisitGradient(t.measure)
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
	return t.watch(loss, n)
}
