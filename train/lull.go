package train

import (
	"errors"
	"fmt"
)

// A lull is how long a training has brought no new lowest validation loss. Like a plateau, which has another purpose and
// starts again with each drop of the rate, it knows scheduled reports alone.
type lull struct {
	Best    float64 `json:"best"`    // lowest loss; 0 means none yet
	Reports int64   `json:"reports"` // since then
}

// see takes note of the loss of a report.
func (l lull) see(loss float64) lull {
	if l.Best == 0 || loss < l.Best {
		return lull{Best: loss}
	}
	l.Reports++
	return l
}

// check says what is wrong with a lull that comes from a file, after so many training steps.
func (l lull) check(steps int64) error {
	if !(l.Best >= 0) || l.Reports < 0 || l.Reports > steps {
		return fmt.Errorf("best %v, %d reports ago after %d training steps", l.Best, l.Reports, steps)
	}
	return nil
}

// stalled says whether the lull ends the run.
func (t *trainer) stalled() bool {
	n := t.s.HowLong.EarlyStop
	return n > 0 && t.Lull.Reports >= n
}

var errNoEarlyStop = errors.New("early-stop needs a validation loss, and nothing is held out to measure it; hold out more (--valid), or give a longer text")
