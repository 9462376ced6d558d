// Package train fits a model to a corpus: the loop over windows, reports, the choice of the best model, and the run
// folder from which an interrupted run goes on as if nothing had happened.
package train

import (
	"fmt"
	"math"
	"time"

	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// Settings are all that decides what a training learns, besides the text. Zero values stand for defaults.
type Settings struct {
	// Network's Symbols follow from the corpus. Where nothing else is said of it, it is that of the recipe small, medium or
	// large, by the time allowed; else no Cell and no Activation means lstm, and Hidden 0 means 256.
	Network rnn.Config `json:"network"`
	Init    rnn.Init   `json:"init"`
	// Codes are bits for each symbol, in the order of the alphabet and divided by spaces, such as "001 010 100". The network
	// then reads codes and predicts them (rnn.Config.Codes), and in place of nats per symbol every loss is half the squared
	// error of a symbol's bits. "" means that symbols are predicted.
	Codes string `json:"codes,omitempty"`
	// Optimizer without a name means adamw, and then its rate and decay, Schedule, ClipNorm, Dropout and DropoutRecurrent have
	// defaults that suit network and length. With a name none of them has.
	Optimizer optim.Settings `json:"optimizer"`
	Schedule  optim.Schedule `json:"schedule"`             // of the learning rate; Total 0 means the length that Budget gives
	ClipValue float64        `json:"clip_value,omitempty"` // each element of the gradient to ±this; 0 means no limit
	ClipNorm  float64        `json:"clip_norm,omitempty"`  // the whole gradient to this L2 norm; 0 means the default or no limit, below 0 none
	Sum       bool           `json:"sum,omitempty"`        // the gradient is that of a window's summed loss, as in the notebook, not of its mean
	// Average, from 0 to below 1, is what a running mean of the weights keeps of itself in a training step; the mean takes
	// the place of the weights in the model, its samples and the validation loss. 0 means none.
	Average float64 `json:"average,omitempty"`
	// Dropout is the share of outputs that are zero in training, rounded to 1/256: rnn.Dropout. 0 means the default or none,
	// below 0 none.
	Dropout float64 `json:"dropout,omitempty"`
	// DropoutVariational drops the same outputs at all time steps of a window.
	DropoutVariational bool    `json:"dropout_variational,omitempty"`
	DropoutRecurrent   float64 `json:"dropout_recurrent,omitempty"` // share of what the recurrence reads; 0 and below as Dropout
	Batch              int     `json:"batch"`                       // streams; 0 means 32, or fewer if the text is short
	Window             int     `json:"window"`                      // time steps; 0 means 64, or fewer if the text is shorter
	Seed               uint64  `json:"seed"`
	// ReportEvery is the training steps from one report to the next; 0 means 250, or a twentieth of a longer run. Each report
	// measures the validation loss, so the choice of the best model depends on it. With ReportEpochs the steps count from the start of each pass,
	// and its end makes a report too.
	ReportEvery  int64 `json:"report_every"`
	ReportEpochs bool  `json:"report_epochs,omitempty"`

	Budget Budget `json:"how_long"`

	// Retries are how often a training that diverges goes back and on at half the rate; 0 means 3, below 0 never. A run may be
	// resumed with another number.
	Retries int `json:"retries"`
}

// Budget says when a training ends: at whichever limit comes first, where 0 means none. Without Epochs, Steps and Time it is
// 10 epochs, or up to 100 of a text so short that they make fewer than 2,000 training steps. A run may be resumed with other
// limits.
type Budget struct {
	Epochs int           `json:"epochs,omitempty"` // passes over the training text
	Steps  int64         `json:"steps,omitempty"`  // training steps
	Time   time.Duration `json:"time,omitempty"`   // on the clock, from now: Resolve makes it training steps
	// EarlyStop is how many reports, one after the other, may bring no new lowest validation loss; below 0 it is any number, in
	// a run that is resumed too, where 0 leaves it as it was. The last report of a call that the other limits end, if it comes
	// out of turn, does not count.
	EarlyStop int64         `json:"early_stop,omitempty"`
	For       time.Duration `json:"for,omitempty"` // the time that Steps were chosen for, if they were
}

// WithDefaults returns s with its defaults filled in for an alphabet of the given size and a training text of the given
// length in symbols, or an error that names the setting which is out of range.
func (s Settings) WithDefaults(symbols int, length int64) (Settings, error) {
	s.Network.Symbols = symbols
	s.chooseNetwork()
	if err := s.setCodes(); err != nil {
		return s, err
	}
	var err error
	if s.Network, err = s.Network.WithDefaults(); err != nil {
		return s, err
	}
	s.chooseLength(length)
	s.chooseTraining(length)
	if s.Optimizer, err = s.Optimizer.WithDefaults(); err != nil {
		return s, err
	}
	if s.Schedule, err = s.Schedule.WithDefaults(); err != nil {
		return s, err
	}
	return s, s.check(length)
}

const (
	maxRows   = 1 << 22 // batch times window
	maxWindow = 8 << 30 // bytes that a window keeps
)

// windowUse says what the window of a training is for.
func (s Settings) windowUse(starts bool, workers int) rnn.WindowUse {
	return rnn.WindowUse{T: s.Window, B: s.Batch, Starts: starts, Gradient: true, Dropout: s.dropout(), Workers: workers}
}

// dropout says what is dropped in training.
func (s Settings) dropout() rnn.Dropout {
	return rnn.Dropout{Rate: s.Dropout, Variational: s.DropoutVariational, Recurrent: s.DropoutRecurrent, Seed: s.Seed}
}

func (s Settings) check(length int64) error {
	switch {
	case s.Batch < 1 || s.Batch > maxRows:
		return fmt.Errorf("batch is %d, must be 1 to %d", s.Batch, maxRows)
	case s.Window < 1 || s.Window > maxRows/s.Batch:
		return fmt.Errorf("window is %d, must be 1 to %d", s.Window, maxRows/s.Batch)
	case !(s.Dropout >= 0 && s.Dropout <= rnn.MaxDropout):
		return fmt.Errorf("dropout is %v, must be at least 0 and at most %.3f", s.Dropout, rnn.MaxDropout)
	case s.DropoutVariational && s.Dropout == 0:
		return fmt.Errorf("dropout-variational is a kind of dropout, which is 0; set dropout too")
	case !(s.DropoutRecurrent >= 0 && s.DropoutRecurrent <= rnn.MaxDropout):
		return fmt.Errorf("dropout-recurrent is %v, must be at least 0 and at most %.3f", s.DropoutRecurrent, rnn.MaxDropout)
	case s.DropoutRecurrent != 0 && !s.Network.HasRecurrence():
		return fmt.Errorf("dropout-recurrent is %v, must be left out for the %s cell, whose gates read no outputs", s.DropoutRecurrent, s.Network.Cell)
	case s.Network.WindowMemory(s.windowUse(false, 1)).Buffers > maxWindow:
		return fmt.Errorf("a window of %d time steps, %d streams, %d layers of %d units and %d symbols takes more than 8 GiB; choose a smaller --window or --batch",
			s.Window, s.Batch, s.Network.Layers, s.Network.Hidden, s.Network.Symbols)
	case !(s.ClipValue >= 0 && s.ClipValue <= math.MaxFloat32):
		return fmt.Errorf("clip-value is %v, must be 0 (no limit) or positive", s.ClipValue)
	case !(s.ClipNorm >= 0 && s.ClipNorm <= math.MaxFloat32):
		return fmt.Errorf("clip-norm is %v, must be 0 (no limit) or positive", s.ClipNorm)
	case !(s.Average >= 0 && float32(s.Average) < 1):
		return fmt.Errorf("average is %v, must be 0 (none) or below 1", s.Average)
	case !(s.Init.Normal >= 0 && s.Init.Normal <= 100):
		return fmt.Errorf("init is %v, must be 0 to 100", s.Init.Normal)
	case !(s.Init.Uniform >= 0 && s.Init.Uniform <= 100):
		return fmt.Errorf("init uniform is %v, must be 0 to 100", s.Init.Uniform)
	case s.Init.Uniform != 0 && s.Init.Normal != 0:
		return fmt.Errorf("init is normal, of %v, and uniform, up to %v: choose one", s.Init.Normal, s.Init.Uniform)
	case s.Init.ForgetBias != 0 && !s.Network.HasForgetGate():
		return fmt.Errorf("forget-bias is %v, must be left out for the %s cell, which has no forget gate", s.Init.ForgetBias, s.Network.Cell)
	case !(s.Init.ForgetBias >= -100 && s.Init.ForgetBias <= 100):
		return fmt.Errorf("forget-bias is %v, must be -100 to 100", s.Init.ForgetBias)
	case s.Init.Orthogonal != 0 && !s.Network.HasRecurrence():
		return fmt.Errorf("init orthogonal is %v, must be left out for the %s cell, which has no weights of a recurrence", s.Init.Orthogonal, s.Network.Cell)
	case !(s.Init.Orthogonal >= 0 && s.Init.Orthogonal <= 100):
		return fmt.Errorf("init orthogonal is %v, must be 0 to 100", s.Init.Orthogonal)
	case s.ReportEvery < 1:
		return fmt.Errorf("report-every is %d, must be at least 1", s.ReportEvery)
	case s.Retries > maxRetries:
		return fmt.Errorf("retries is %d, must be at most %d", s.Retries, maxRetries)
	case s.Budget.Epochs < 0:
		return fmt.Errorf("epochs is %d, must be at least 1", s.Budget.Epochs)
	case s.Budget.Steps < 0:
		return fmt.Errorf("steps-total is %d, must be at least 1", s.Budget.Steps)
	case s.Budget.Time < 0:
		return fmt.Errorf("time is %v, must be positive", s.Budget.Time)
	case length < 2:
		return fmt.Errorf("the training text has %d symbols, too few to learn from; give a longer text", length)
	case length <= int64(s.Window):
		return fmt.Errorf("the training text has %d symbols, fewer than the %d that a window of %d reads; choose a --window of at most %d or a longer text",
			length, s.Window+1, s.Window, length-1)
	case length <= int64(s.Batch):
		return fmt.Errorf("the training text has %d symbols, too few for %d streams; choose a --batch of at most %d or a longer text",
			length, s.Batch, length-1)
	}
	return nil
}

// Workers returns how many workers of the most there may be are worth having, for settings that WithDefaults has completed:
// each but the first should have 2 million multiply-adds to do in a training step, or they wait for each other longer than
// they work. An update counts as 10 rows of a window. Measured with two, B=1, T=15: H=128 is a quarter slower than with
// one, H=256 as fast, H=512 a tenth faster.
func (s Settings) Workers(most int) int {
	products, _ := s.Network.MultiplyAdds()
	work := max(products, s.Network.Weights()) * int64(s.Batch*s.Window+10)
	return int(max(1, min(int64(most), 1+work/2_000_000)))
}
