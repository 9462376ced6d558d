package train

import (
	"time"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// What is learned where nobody chooses. All of it follows from the text's length and from how long the training is, so that
// it is the same on every machine; Resolve turns time into a number of training steps first, and the table below goes by the
// time itself.

// A size is a row of the table of defaults.
type size struct {
	name, doc string
	most      time.Duration // the time it is for, at most; 0 means any
	network   rnn.Config
}

// sizes are the networks to choose from, the one where nothing is said of time first.
var sizes = []size{
	{"small", "an LSTM of 256 units, for minutes", 4 * time.Minute,
		rnn.Config{Cell: "lstm", Hidden: 256}},
	{"medium", "two residual blocks of 256 GRU units, for a quarter of an hour", 20 * time.Minute,
		rnn.Config{Cell: "gru", Hidden: 256, Layers: 2, Block: true, Tie: true, Conv: 4}},
	{"large", "three residual blocks of 384 GRU units, for hours", 0,
		rnn.Config{Cell: "gru", Hidden: 384, Layers: 3, Block: true, Tie: true, Conv: 4}},
}

const (
	defaultCell   = "lstm"
	defaultHidden = 256
	defaultBatch  = 32
	defaultWindow = 64
	defaultPass   = 64 // windows of a stream at least, if there is text for more than one stream
	defaultEpochs = 10
	defaultSteps  = 2000 // training steps at least, in up to 100 passes

	// DefaultOptimizer is trained with what makes it fast: a rate that rises for the first steps, then falls along a
	// cosine, and a limit for the gradient's norm. A higher rate suits fewer units.
	DefaultOptimizer = "adamw"
	decayInStep      = 5e-4 // share of itself that a weight loses in a training step at the full rate
	highestDecay     = 1
	defaultSchedule  = "cosine"
	defaultWarmup    = 100
	defaultClip      = 1
	rateOfUnit       = 4.096
	rateOfBlocks     = 0.3125
	highestRate      = 0.02

	fewPasses, manyPasses = 1.5, 5 // of dropout

	defaultReport = 250 // training steps between reports, more in long runs
	manyReports   = 20
)

// sizeFor returns the size for a run of some length.
func sizeFor(l Budget) size {
	d := max(l.Time, l.For)
	for _, s := range sizes {
		if s.most == 0 || d <= s.most {
			return s
		}
	}
	panic("train: no size for all times")
}

// chooseNetwork takes a whole network from the table, or completes one of which something is said.
func (s *Settings) chooseNetwork() {
	n := &s.Network
	if symbols := n.Symbols; *n == (rnn.Config{Symbols: symbols}) {
		*n = sizeFor(s.Budget).network
		n.Symbols = symbols
	}
	if n.Cell == "" && n.Activation == "" { // which only the Elman cell has
		n.Cell = defaultCell
	}
	if n.Hidden == 0 {
		n.Hidden = defaultHidden
	}
}

// chooseLength fills in windows, streams, and when the training reports and ends.
func (s *Settings) chooseLength(length int64) {
	if s.Window == 0 {
		s.Window = int(max(1, min(defaultWindow, length-1)))
	}
	if s.Batch == 0 {
		// A stream should be many windows long: its state begins at zero, and a pass should take many training steps.
		s.Batch = int(max(1, min(defaultBatch, length/int64(max(1, defaultPass*s.Window)))))
	}
	if !s.Budget.limited() {
		pass := s.pass(length)
		s.Budget.Epochs = int(min(100, max(defaultEpochs, (defaultSteps+pass-1)/pass)))
	}
	if s.Retries == 0 {
		s.Retries = defaultRetries
	}
	if s.ReportEvery == 0 {
		s.ReportEvery = max(defaultReport, s.total(length)/manyReports/50*50)
	}
}

// pass returns about how many training steps a pass takes.
func (s *Settings) pass(length int64) int64 {
	return max(1, length/int64(max(1, s.Batch*s.Window)))
}

// total returns about how many training steps there will be, 0 if only a time is known.
func (s *Settings) total(length int64) int64 {
	n := s.Budget.Steps
	if epochs, pass := int64(s.Budget.Epochs), s.pass(length); epochs > 0 && epochs < never/pass {
		if steps := epochs * pass; n == 0 || steps < n {
			n = steps
		}
	}
	return n
}

// chooseTraining fills in the rule that follows the gradient and what goes with it, if no rule is named.
func (s *Settings) chooseTraining(length int64) {
	if o := &s.Optimizer; o.Optimizer == "" {
		o.Optimizer = DefaultOptimizer
		if o.LearningRate == 0 {
			o.LearningRate = defaultRate(s.Network)
		}
		if o.WeightDecay == 0 {
			o.WeightDecay = min(highestDecay, decayInStep/o.LearningRate)
		}
		total := s.total(length)
		if s.Schedule == (optim.Schedule{}) {
			s.Schedule = optim.Schedule{Name: defaultSchedule, Warmup: min(defaultWarmup, total/10)}
		}
		if s.ClipNorm == 0 && s.ClipValue == 0 {
			s.ClipNorm = defaultClip
		}
		outputs, recurrent := defaultDropout(float64(total)/float64(s.pass(length)), float64(s.Network.Weights())/float64(max(1, length)))
		if s.Dropout == 0 {
			s.Dropout = outputs
		}
		if s.DropoutRecurrent == 0 && s.Network.HasRecurrence() {
			s.DropoutRecurrent = recurrent
		}
	}
	s.ClipNorm, s.Dropout, s.DropoutRecurrent = max(0, s.ClipNorm), max(0, s.Dropout), max(0, s.DropoutRecurrent)
}

// defaultRate is higher for fewer units, and lower for the Elman cell, the GRU, and blocks. docs/defaults.md has the runs that
// it comes from.
func defaultRate(n rnn.Config) float64 {
	rate := rateOfUnit / float64(n.Hidden)
	if cell, err := rnn.FindCell(n.Cell); err == nil {
		rate *= cell.RateFactor
	}
	if n.Block {
		rate *= rateOfBlocks
	}
	return min(highestRate, rate)
}

// defaultDropout is of outputs and of what the recurrence reads, for so many passes over a text, and so many weights for each of
// its symbols.
func defaultDropout(passes, weights float64) (outputs, recurrent float64) {
	switch {
	case passes < fewPasses: // what is read once cannot be learned by heart
		return 0, 0
	case passes < manyPasses:
		return 0.1, 0.1
	case weights < 2:
		return 0.1, 0.15
	}
	return 0.25, 0.25
}
