package train

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// An earlyStop is how long a training has brought no new lowest validation loss. Like a plateau, which has another purpose and
// starts again with each drop of the rate, it knows scheduled reports alone.
type earlyStop struct {
	Best    float64 `json:"best"`    // lowest loss; 0 means none yet
	Reports int64   `json:"reports"` // since then
}

// see takes note of the loss of a report.
func (l earlyStop) see(loss float64) earlyStop {
	if l.Best == 0 || loss < l.Best {
		return earlyStop{Best: loss}
	}
	l.Reports++
	return l
}

// check says what is wrong with an earlyStop that comes from a file, after so many training steps.
func (l earlyStop) check(steps int64) error {
	if !(l.Best >= 0) || l.Reports < 0 || l.Reports > steps {
		return fmt.Errorf("best %v, %d reports ago after %d training steps", l.Best, l.Reports, steps)
	}
	return nil
}

// stalled says whether early stopping ends the run.
func (t *trainer) stalled() bool {
	n := t.s.Budget.EarlyStop
	return n > 0 && t.EarlyStop.Reports >= n
}

var errNoEarlyStop = setting.Errorf("%v needs a validation loss, and nothing is held out to measure it; choose a larger share to hold out (%v), or give a longer text",
	setting.Name("early_stop"), setting.Name("valid"))
