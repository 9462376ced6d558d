package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-f4dd853e/elman/score"
)

// alarmFlags are the flags of score that mark unusual lines.
type alarmFlags struct {
	rate float64
	only bool
}

func (f *alarmFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.Float64Var(&f.rate, "alarms", 0, "with --reference: mark lines above all but this share of it")
	fl.BoolVar(&f.only, "alarms-only", false, "with --alarms: show no other lines")
}

func (f *alarmFlags) check(c *cobra.Command, referred string) error {
	switch {
	case !c.Flags().Changed("alarms"):
		if f.only {
			return usagef("--alarms-only is for --alarms")
		}
		return nil
	case referred == "":
		return usagef("--alarms needs --reference, a file of normal lines")
	case !(f.rate > 0 && f.rate < 1):
		return usagef("--alarms is %v, must be above 0 and below 1, such as 0.001", f.rate)
	}
	return nil
}

// setThresholds finds the threshold of each model, and tells of it.
func (s *scoring) setThresholds(e *env) error {
	rate := s.f.alarms.rate
	if rate == 0 {
		return nil
	}
	for j := range s.models {
		m := &s.models[j]
		t, err := m.reference.Threshold(rate)
		if err != nil {
			return fmt.Errorf("--alarms, %s: %w; name a longer one, or choose a higher rate", textName(s.f.referred), err)
		}
		m.threshold = &t
		by := ""
		if len(s.models) > 1 {
			by = " by " + m.name
		}
		s.status.Clear()
		fmt.Fprintf(e.stderr, "alarm above %.3f bits%s: %d of the %d lines of %s score more\n", t.Excess.Float(), by, t.Above, t.Lines, textName(s.f.referred))
	}
	return nil
}

// alarm reports whether a line raises an alarm with some model.
func (s *scoring) alarm(sums []score.Sum) bool {
	for j, sum := range sums {
		if t := s.models[j].threshold; t != nil && t.Alarm(sum) {
			return true
		}
	}
	return false
}
