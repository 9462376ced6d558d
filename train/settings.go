// Package train trains a model on a corpus: settings and their defaults, truncated BPTT over windows, validation, the choice
// of the best model, recovery from divergence, and checkpoints from which an interrupted run continues to the same bits.
package train

import (
	"math"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Settings decide, with the text, what a training learns. They are complete: Defaults makes them, callers overwrite fields,
// and 0 means 0.
type Settings struct {
	Network rnn.Config `json:"network"` // Symbols follows from the corpus, Codes from the field below
	Init    rnn.Init   `json:"init"`
	// Codes are the bits of each symbol, in the order of the alphabet, separated by spaces, such as "001 010 100". The
	// network then reads and predicts codes (rnn.Config.Codes), and every loss is half the squared error of a symbol's bits,
	// not nats per symbol. "" means that symbols are predicted.
	Codes     string         `json:"codes"`
	Optimizer optim.Settings `json:"optimizer"`
	Schedule  optim.Schedule `json:"schedule"`   // of the learning rate; Run sets its Total from Budget and text
	ClipValue float64        `json:"clip_value"` // limits each element of the gradient to ±this; 0 means no limit
	ClipNorm  float64        `json:"clip_norm"`  // limits the L2 norm of the gradient; 0 means no limit
	Sum       bool           `json:"sum"`        // the loss of a window is summed, as in the notebook, not averaged
	// Average is the decay of a running mean of the weights (optim.EMA), from 0 to below 1. The mean replaces the weights in
	// the model, its samples and the validation loss. 0 means none.
	Average            float64 `json:"average"`
	Dropout            float64 `json:"dropout"`             // share of outputs dropped, rounded to 1/256: rnn.Dropout
	DropoutVariational bool    `json:"dropout_variational"` // one mask for all time steps of a window
	DropoutRecurrent   float64 `json:"dropout_recurrent"`   // share of the recurrence's inputs dropped
	Batch              int     `json:"batch"`               // B, streams
	Window             int     `json:"window"`              // T, time steps
	// Shards divides the streams into so many groups, a power of two, whose gradients are summed along one tree
	// (rnn.Window.Shards). As many processes may share the training, with the same bits. 0 and 1 mean one group.
	Shards int `json:"shards,omitzero"`
	// TeacherShare, 0 to 1, is the share that a teacher's predictions have in what is learned (rnn.Window.LearnFrom). Teacher says how that is
	// trained, before the run's own training begins; Defaults sets it where there is a share. 0 and "" mean no teacher.
	TeacherShare float64 `json:"teacher_share,omitzero"`
	Teacher      Teacher `json:"teacher,omitzero"`
	Seed         uint64  `json:"seed"`
	// ReportEvery is the number of training steps between reports. Each report measures the validation loss, so the choice
	// of the best model depends on it. With ReportEpochs steps count from the start of each epoch, and its end makes a
	// report too.
	ReportEvery  int64 `json:"report_every"`
	ReportEpochs bool  `json:"report_epochs"`

	Budget Budget `json:"budget"`

	// Retries is how often a training that diverges is rolled back to continue at half the learning rate. It may change when
	// a run is resumed.
	Retries int `json:"retries"`
}

// A Budget limits a training; the first limit reached ends it. 0 means no limit. It may change when a run is resumed.
type Budget struct {
	Epochs int           `json:"epochs"` // passes over the training text
	Steps  int64         `json:"steps"`  // training steps
	Time   time.Duration `json:"time"`   // on the clock; Resolve turns it into Steps
	// EarlyStop is the number of consecutive reports without a new lowest validation loss after which the run ends. An extra
	// report at the end of a call does not count.
	EarlyStop int64         `json:"early_stop"`
	For       time.Duration `json:"for"` // the time for which Resolve chose Steps
}

// Facts are the properties of a corpus on which defaults depend.
type Facts struct {
	Symbols int   // size of the alphabet
	Words   bool  // its symbols are words, or parts of words
	Length  int64 // symbols of the training text

	Documents bool // it is read document by document
	Continued bool // the training begins with a trained model, not of the corpus: Choice sets it
	Shared    bool // among processes, which have no teacher: Resolve sets it
}

// FactsOf returns the facts of a corpus.
func FactsOf(c *corpus.Corpus) Facts {
	kind := c.Alphabet.Kind()
	return Facts{Symbols: c.Alphabet.Size(), Words: kind == corpus.Words || kind == corpus.Subwords, Length: c.Train().Len(),
		Documents: c.Documents() != corpus.Whole}
}

const (
	maxRows   = 1 << 22 // batch times window
	maxWindow = 8 << 30 // bytes of a window
)

// windowUse describes the window of a training, for its memory.
func (s Settings) windowUse(starts bool, workers int) rnn.WindowUse {
	use := rnn.WindowUse{T: s.Window, B: s.Batch, Starts: starts, Gradient: true, Dropout: s.dropout(), Shards: s.shards(), Workers: workers}
	if t, err := s.Teacher.Settings(); err == nil && s.Teacher != "" {
		t.Network.Symbols = s.Network.Symbols
		use.Teacher = &t.Network
	}
	return use
}

// shards returns what a window is told, where one group is no division.
func (s Settings) shards() int {
	if s.Shards == 1 {
		return 0
	}
	return s.Shards
}

// dropout returns the dropout settings of the network.
func (s Settings) dropout() rnn.Dropout {
	return rnn.Dropout{Rate: s.Dropout, Variational: s.DropoutVariational, Recurrent: s.DropoutRecurrent, Seed: s.Seed}
}

// setFacts fills in what follows from the corpus and from codes.
func (s *Settings) setFacts(f Facts) {
	s.Network.Symbols, s.Network.Codes = f.Symbols, 0
	if codes := strings.Fields(s.Codes); len(codes) > 0 {
		s.Network.Codes = len(codes[0])
	}
}

// Check returns a *setting.Error that names the setting out of range for a corpus with these facts, or nil.
func (s Settings) Check(f Facts) error {
	teacher := func() error { return s.checkTeacher(f) } // before its window is counted
	for _, check := range []func() error{s.checkNetwork, teacher, s.Optimizer.Check, s.Schedule.Check, s.checkTraining, s.checkInit, s.checkBudget} {
		if err := check(); err != nil {
			return err
		}
	}
	return s.checkText(f)
}

func (s Settings) checkNetwork() error {
	if err := s.Network.Check(); err != nil {
		return err
	}
	if s.Network.Precision != rnn.Float32 {
		return setting.Errorf("%v is %v, must be left out: weights learn in float32 and are rounded afterwards", setting.Name("precision"), s.Network.Precision)
	}
	return s.checkCodes()
}

func (s Settings) checkTraining() error {
	switch {
	case s.Batch < 1 || s.Batch > maxRows:
		return setting.Errorf("%v is %d, must be 1 to %d", setting.Name("batch"), s.Batch, maxRows)
	case s.Window < 1 || s.Window > maxRows:
		return setting.Errorf("%v is %d, must be 1 to %d", setting.Name("window"), s.Window, maxRows)
	case s.Window > maxRows/s.Batch:
		return setting.Errorf("%v %d times %v %d makes %d time steps; the limit is %d",
			setting.Name("batch"), s.Batch, setting.Name("window"), s.Window, int64(s.Batch)*int64(s.Window), maxRows)
	case s.Shards < 0 || s.Shards > maxRows || s.Shards&(s.Shards-1) != 0:
		return setting.Errorf("%v is %d, must be a power of two", setting.Name("shards"), s.Shards)
	case s.Shards > 1 && s.Batch%s.Shards != 0:
		return setting.Errorf("%v is %d, must be a multiple of %v, which is %d", setting.Name("batch"), s.Batch, setting.Name("shards"), s.Shards)
	case !(s.Dropout >= 0 && s.Dropout <= rnn.MaxDropout):
		return setting.Errorf("%v is %v, must be at least 0 and at most %.3f", setting.Name("dropout"), s.Dropout, rnn.MaxDropout)
	case s.DropoutVariational && s.Dropout == 0:
		return setting.Errorf("%v is a kind of %v, which is 0; set both", setting.Name("dropout_variational"), setting.Name("dropout"))
	case !(s.DropoutRecurrent >= 0 && s.DropoutRecurrent <= rnn.MaxDropout):
		return setting.Errorf("%v is %v, must be at least 0 and at most %.3f", setting.Name("dropout_recurrent"), s.DropoutRecurrent, rnn.MaxDropout)
	case s.DropoutRecurrent != 0 && !s.Network.HasRecurrence():
		return setting.Errorf("%v is %v, must be 0 for the %s cell, whose gates read no outputs", setting.Name("dropout_recurrent"), s.DropoutRecurrent, s.Network.Cell)
	case s.Network.WindowMemory(s.windowUse(false, 1)).Buffers > maxWindow:
		return setting.Errorf("%v is %d and %v is %d: with %d layers of %d units and %d symbols a window takes more than 8 GiB; choose less",
			setting.Name("batch"), s.Batch, setting.Name("window"), s.Window, s.Network.Layers, s.Network.Hidden, s.Network.Symbols)
	case !(s.ClipValue >= 0 && s.ClipValue <= math.MaxFloat32):
		return setting.Errorf("%v is %v, must be 0 (no limit) or positive", setting.Name("clip_value"), s.ClipValue)
	case !(s.ClipNorm >= 0 && s.ClipNorm <= math.MaxFloat32):
		return setting.Errorf("%v is %v, must be 0 (no limit) or positive", setting.Name("clip_norm"), s.ClipNorm)
	case !(s.Average >= 0 && float32(s.Average) < 1):
		return setting.Errorf("%v is %v, must be 0 (none) or below 1", setting.Name("average"), s.Average)
	case s.ReportEvery < 1:
		return setting.Errorf("%v is %d, must be at least 1", setting.Name("report_every"), s.ReportEvery)
	case s.Retries < 0 || s.Retries > maxRetries:
		return setting.Errorf("%v is %d, must be 0 to %d", setting.Name("retries"), s.Retries, maxRetries)
	}
	return nil
}

func (s Settings) checkInit() error {
	switch i := s.Init; {
	case !(i.Normal >= 0 && i.Normal <= 100):
		return setting.Errorf("%v is %v, must be 0 to 100", setting.Name("normal"), i.Normal)
	case !(i.Uniform >= 0 && i.Uniform <= 100):
		return setting.Errorf("%v is %v, must be 0 to 100", setting.Name("uniform"), i.Uniform)
	case i.Uniform != 0 && i.Normal != 0:
		return setting.Errorf("%v is %v and %v is %v: choose one", setting.Name("normal"), i.Normal, setting.Name("uniform"), i.Uniform)
	case i.ForgetBias != 0 && !s.Network.HasForgetGate():
		return setting.Errorf("%v is %v, must be 0 for the %s cell, which has no forget gate", setting.Name("forget_bias"), i.ForgetBias, s.Network.Cell)
	case !(i.ForgetBias >= -100 && i.ForgetBias <= 100):
		return setting.Errorf("%v is %v, must be -100 to 100", setting.Name("forget_bias"), i.ForgetBias)
	case i.Orthogonal != 0 && !s.Network.HasRecurrence():
		return setting.Errorf("%v is %v, must be 0 for the %s cell, whose recurrence has no weights", setting.Name("orthogonal"), i.Orthogonal, s.Network.Cell)
	case !(i.Orthogonal >= 0 && i.Orthogonal <= 100):
		return setting.Errorf("%v is %v, must be 0 to 100", setting.Name("orthogonal"), i.Orthogonal)
	}
	return nil
}

func (s Settings) checkBudget() error {
	switch b := s.Budget; {
	case b.Epochs < 0:
		return setting.Errorf("%v is %d, must be 0 (no limit) or more", setting.Name("epochs"), b.Epochs)
	case b.Steps < 0:
		return setting.Errorf("%v is %d, must be 0 (no limit) or more", setting.Name("steps"), b.Steps)
	case b.Time < 0:
		return setting.Errorf("%v is %v, must be 0 (no limit) or more", setting.Name("time"), b.Time)
	case b.Epochs == 0 && b.Steps == 0 && b.Time == 0:
		return setting.Errorf("%v, %v and %v are all 0, and the training would never end; set one", setting.Name("epochs"), setting.Name("steps"), setting.Name("time"))
	case b.EarlyStop < 0:
		return setting.Errorf("%v is %d, must be 0 (never) or more", setting.Name("early_stop"), b.EarlyStop)
	}
	return nil
}

func (s Settings) checkText(f Facts) error {
	switch length := f.Length; {
	case length < 2:
		return setting.Errorf("the training text has fewer than 2 symbols, too few to learn from; give a longer text")
	case length <= int64(s.Window):
		return setting.Errorf("the training text has %d symbols, fewer than the %d that a window reads; choose a %v of at most %d or a longer text",
			length, s.Window+1, setting.Name("window"), length-1)
	case length <= int64(s.Batch):
		return setting.Errorf("the training text has %d symbols, too few for %d streams; choose a %v of at most %d or a longer text",
			length, s.Batch, setting.Name("batch"), length-1)
	}
	return nil
}

// Workers returns how many workers, at most the given number, are worth having. Each after the first needs 2 million
// multiply-adds in a training step, or waiting costs more than it saves; an update counts as 10 rows of a window. Two
// workers at B=1, T=15, against one: H=128 a quarter slower, H=256 as fast, H=512 a tenth faster.
func (s Settings) Workers(most int) int {
	products, _ := s.Network.MultiplyAdds()
	if t, err := s.Teacher.Settings(); err == nil && s.Teacher != "" {
		more, _ := t.Network.MultiplyAdds()
		products += more / 3 // its forward pass alone
	}
	work := max(products, s.Network.Weights()) * int64(s.Batch*s.Window+10)
	return int(max(1, min(int64(most), 1+work/2_000_000)))
}
