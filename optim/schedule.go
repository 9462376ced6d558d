package optim

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/setting"
)

// A Schedule says how the learning rate changes during training. It is complete: 0 means 0, and fields that a schedule does
// not take must be 0. Start from DefaultSchedule.
type Schedule struct {
	Name     string  `json:"schedule"`                 // a name from Schedules
	Warmup   int64   `json:"warmup,omitempty"`         // of all: training steps over which the rate first rises in a straight line
	Final    float64 `json:"lr_final,omitempty"`       // cosine, plateau: the lowest rate, as a share of the full one
	Factor   float64 `json:"lr_factor,omitempty"`      // step, plateau: what a drop leaves of the rate, above 0 and below 1
	Every    int64   `json:"lr_every,omitempty"`       // step: training steps from one drop to the next, at least 1
	Patience int64   `json:"patience,omitempty"`       // plateau: reports without a new lowest loss that are let pass
	Total    int64   `json:"schedule_steps,omitempty"` // cosine: the training step that reaches the lowest rate
}

// A ScheduleInfo describes a schedule for help texts.
type ScheduleInfo struct {
	Name, Doc  string
	takes      []string // JSON names of the fields it takes, beside Warmup
	needsTotal bool     // the rate depends on Schedule.Total
	defaults   Schedule

	// share returns the share of the full rate in training step n after the warm-up.
	share func(s Schedule, n int64, p Plateau) float64
}

// schedules lists every schedule, the default first. A new one is a file of its own and its name here.
var schedules = []ScheduleInfo{constant, cosine, step, plateau}

// Schedules returns every schedule, the default first.
func Schedules() []ScheduleInfo { return schedules }

// findSchedule returns the schedule with this name, or an error that lists all names.
func findSchedule(name string) (ScheduleInfo, error) {
	return setting.Find("schedule", name, schedules, func(s ScheduleInfo) string { return s.Name })
}

// DefaultSchedule returns the settings of the schedule with this name, or an error that lists all names. A cosine also needs
// its Total, a step its Every.
func DefaultSchedule(name string) (Schedule, error) {
	info, err := findSchedule(name)
	s := info.defaults
	s.Name = name
	return s, err
}

// maxTotal is the largest number of training steps that float64 counts exactly.
const maxTotal = 1 << 53

// Check returns a *setting.Error that names the setting out of range, or nil. It accepts a Total of 0: package train sets it
// later if the schedule NeedsTotal, and checks again.
func (s Schedule) Check() error {
	info, err := findSchedule(s.Name)
	if err != nil {
		return err
	}
	if err := info.checkTakes(s); err != nil {
		return err
	}
	const warmup = setting.Name("warmup")
	takes := func(name string) bool { return slices.Contains(info.takes, name) }
	switch {
	case s.Warmup < 0 || s.Warmup > maxTotal:
		return setting.Errorf("%v is %d, must be 0 or a number of training steps", warmup, s.Warmup)
	case !(s.Final >= 0 && s.Final <= 1):
		return setting.Errorf("%v is %v, must be 0 to 1, a share of the learning rate", setting.Name("lr_final"), s.Final)
	case takes("lr_factor") && !(s.Factor > 0 && s.Factor < 1):
		return setting.Errorf("%v is %v, must be above 0 and below 1", setting.Name("lr_factor"), s.Factor)
	case takes("lr_every") && s.Every < 1:
		return setting.Errorf("%v is %d, must be at least 1, the training steps between two drops of the rate", setting.Name("lr_every"), s.Every)
	case s.Patience < 0:
		return setting.Errorf("%v is %d, must be 0 or a number of reports", setting.Name("patience"), s.Patience)
	case s.Total < 0 || s.Total > maxTotal:
		return setting.Errorf("%v is %d, must be a number of training steps", setting.Name("schedule_steps"), s.Total)
	case s.Total > 0 && s.Warmup >= s.Total:
		return setting.Errorf("%v is %d, must be less than the %d training steps in all", warmup, s.Warmup, s.Total)
	}
	return nil
}

// checkTakes looks for a setting that this schedule does not take.
func (info ScheduleInfo) checkTakes(s Schedule) error {
	for _, field := range []struct {
		name  string
		value float64
	}{{"lr_final", s.Final}, {"lr_factor", s.Factor}, {"lr_every", float64(s.Every)}, {"patience", float64(s.Patience)}} {
		if field.value == 0 || slices.Contains(info.takes, field.name) {
			continue
		}
		var takers []string
		for _, other := range schedules {
			if slices.Contains(other.takes, field.name) {
				takers = append(takers, other.Name)
			}
		}
		return setting.Errorf("%v is %v, but the %s schedule has none; choose %v %s",
			setting.Name(field.name), field.value, info.Name, setting.Name("schedule"), setting.Alternatives(takers))
	}
	return nil
}

// NeedsTotal reports whether the rate depends on the total number of training steps.
func (s Schedule) NeedsTotal() bool { return s.info().needsTotal }

// info returns the registry's entry of s. It allocates nothing, since each training step calls it.
func (s Schedule) info() *ScheduleInfo {
	for i := range schedules {
		if schedules[i].Name == s.Name {
			return &schedules[i]
		}
	}
	panic("optim: the unknown schedule " + s.Name)
}

// Rate returns the learning rate of training step n, counted from 1; full is the highest rate. Beyond Total it stays at the
// lowest. s must have passed Check. Rate uses correctly rounded operations only, so its bits are the same everywhere.
func (s Schedule) Rate(full float64, n int64, p Plateau) float64 {
	share := s.info().share(s, n-s.Warmup, p)
	if n < s.Warmup {
		share = float64(share * (float64(n) / float64(s.Warmup)))
	}
	return full * share
}

// constant is the same rate throughout.
var constant = ScheduleInfo{
	Name: "constant", Doc: "the same rate throughout",
	share: func(Schedule, int64, Plateau) float64 { return 1 },
}

// step lowers the rate at regular intervals.
var step = ScheduleInfo{
	Name: "step", Doc: "multiplies the rate by a factor every so many training steps",
	takes: []string{"lr_factor", "lr_every"}, defaults: Schedule{Factor: 0.5},
	share: func(s Schedule, n int64, _ Plateau) float64 { return power(s.Factor, max(0, n-1)/s.Every) },
}
