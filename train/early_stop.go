package train

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// An earlyStop counts reports without a new lowest validation loss. It counts scheduled reports only, as a plateau does, which
// restarts with each drop of the rate.
type earlyStop struct {
	Best    float64 `json:"best"`    // lowest loss; 0 means none yet
	Reports int64   `json:"reports"` // since then
}

// see records the loss of a report.
func (l earlyStop) see(loss float64) earlyStop {
	if l.Best == 0 || loss < l.Best {
		return earlyStop{Best: loss}
	}
	l.Reports++
	return l
}

// check returns an error if an earlyStop from a file is impossible after this many training steps.
func (l earlyStop) check(steps int64) error {
	if !(l.Best >= 0) || l.Reports < 0 || l.Reports > steps {
		return fmt.Errorf("best %v, %d reports ago after %d training steps", l.Best, l.Reports, steps)
	}
	return nil
}

// stalled reports whether early stopping ends the run.
func (t *trainer) stalled() bool {
	n := t.s.Budget.EarlyStop
	return n > 0 && t.EarlyStop.Reports >= n
}

var errNoEarlyStop = setting.Errorf("%v needs a validation loss, and nothing is held out to measure it; choose a larger share to hold out (%v), or give a longer text",
	setting.Name("early_stop"), setting.Name("valid"))
