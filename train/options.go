package train

import (
	"errors"
	"runtime"

	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// Options control a training. Only Init changes what is learned.
type Options struct {
	// Init is the model whose weights a training begins with, see StartModel; nil means a new network. The settings must have
	// its network, and the corpus its symbols (corpus.Options.Keep): weights of further symbols are new.
	Init     *model.Model
	InitName string // its file, for run.json

	Folder  string // run folder; "" keeps nothing
	Resume  bool   // continue the run in Folder
	Threads int    // workers; 0 means as many as help, see Settings.Workers
	Version string // of the program, for run.json
	Source  string // the text's name, for run.json

	ValidName, TestName string // names of the texts to validate and test on, for run.json

	KeepBest bool // keep the best model in Result.Best
	// KeepAt are numbers of symbols, rising. The first training step that reaches one writes the model as it is then, or the
	// average, to run.KeptName in Folder. In a resumed run nil means those that it had; points that it has passed cannot be added.
	KeepAt []int64

	Language string // name of the generated language, for the model's summary; "" for other texts

	// Window makes the window of the training, such as one that several processes share (package ranks); nil means one of this
	// process.
	Window WindowFunc

	// Start is called when a training begins: that of the teacher, if there is one, and then the run's own. Report, Diverged and
	// Progress are of the one that began last. May be nil.
	Start  func(Start)
	Sample func(*model.Model) (string, error) // returns a sample for each report; may be nil. A model.ErrNotFinite is a divergence
	Report func(Report)                       // receives each report; may be nil
	// Diverged receives each divergence that a retry follows; may be nil.
	Diverged func(Divergence)
	// Progress receives the state of the training about ten times a second, and at the beginning of each phase. It runs in the
	// training's goroutine and must be quick. May be nil.
	Progress func(Progress)

	teaches bool // the run makes a teacher
}

// A Start is a training that begins.
type Start struct {
	Settings Settings
	Folder   string
	Step     int64 // training steps of earlier calls
	Teaches  bool  // it makes the teacher of the run
}

// A WindowFunc makes the window of a training. Its shards, among the rest of use, are those of the settings.
type WindowFunc func(net *rnn.Network, use rnn.WindowUse, pool *f32.Pool) (Window, error)

// A Result is the outcome of a call of Run.
type Result struct {
	Model  *model.Model // after the last training step
	Best   *model.Model // at the lowest validation loss, if Options.KeepBest; nil before the first report
	Step   int64        // training steps, including earlier calls
	Report Report       // the last report of this call
	Folder string

	// The report with the lowest validation loss, including earlier calls. model.FileName in Folder holds its model.
	BestStep int64
	BestLoss float64
	// Tested is the loss of that model on the corpus's test section, measured when the run ends.
	Tested run.Tested
	// Stalled is the number of reports after which Budget.EarlyStop ended the run; 0 if something else ended it.
	Stalled int64
}

// ErrInterrupted is the error of Run when ctx is cancelled. The run is saved.
var ErrInterrupted = errors.New("interrupted")

// maxThreads limits Options.Threads: each has a stack and buffers of its own.
const maxThreads = 1024

// check returns an error that names the option out of range.
func (o Options) check() error {
	switch {
	case o.Threads < 0 || o.Threads > maxThreads:
		return setting.Errorf("%v is %d, must be 0 (as many as help) to %d", setting.Name("threads"), o.Threads, maxThreads)
	case o.Resume && o.Folder == "":
		return setting.Errorf("%v needs the folder of the run to continue (%v)", setting.Name("resume"), setting.Name("out"))
	}
	if err := o.checkInit(); err != nil {
		return err
	}
	return o.checkKeepAt()
}

// workers returns the number of workers of a training.
func (o Options) workers(s Settings) int {
	if o.Threads == 0 {
		return s.Workers(runtime.NumCPU())
	}
	return o.Threads
}
