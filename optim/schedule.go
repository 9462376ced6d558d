package optim

import (
	"fmt"
	"slices"
	"strings"
)

// A Schedule says how the learning rate changes in the course of a training. Zero values stand for defaults. What a
// schedule does not take must be zero.
type Schedule struct {
	Name     string  `json:"schedule"`                 // a name from Schedules; "" means constant
	Warmup   int64   `json:"warmup,omitempty"`         // of all: training steps over which the rate first rises in a straight line
	Final    float64 `json:"lr_final,omitempty"`       // cosine, plateau: the lowest rate, as a share of the full one
	Factor   float64 `json:"lr_factor,omitempty"`      // step, plateau: what a drop leaves of the rate; 0 means 0.5
	Every    int64   `json:"lr_every,omitempty"`       // step: training steps from one drop to the next
	Patience int64   `json:"patience,omitempty"`       // plateau: reports without a new lowest loss that lead to a drop; 0 means 3
	Total    int64   `json:"schedule_steps,omitempty"` // cosine: the training step that reaches the lowest rate
}

// A Plateau is what the schedule of that name remembers of the losses so far. It is saved with the run.
type Plateau struct {
	Best       float64 `json:"best"`   // lowest loss; 0 means none yet
	BadReports int64   `json:"waited"` // reports since then, or since the last drop
	Drops      int64   `json:"drops"`
}

// A shape is one kind of schedule.
type shape struct {
	name, doc string
	takes     []string                                     // flags beside --warmup
	share     func(s Schedule, n int64, p Plateau) float64 // of the full rate, n training steps after the warm-up
}

// shapes lists every schedule. The first is the default. The cosine is that of Loshchilov and Hutter 2017, without restarts.
var shapes = []shape{
	{"constant", "the same rate throughout", nil,
		func(Schedule, int64, Plateau) float64 { return 1 }},
	{"cosine", "falls along half a cosine until the last training step", []string{"lr-final"},
		func(s Schedule, n int64, _ Plateau) float64 {
			length := s.Total - s.Warmup
			return s.Final + float64((1-s.Final)*halfCosine(max(0, min(n, length)), length))
		}},
	{"step", "times --lr-factor every --lr-every training steps", []string{"lr-factor", "lr-every"},
		func(s Schedule, n int64, _ Plateau) float64 { return power(s.Factor, max(0, n-1)/s.Every) }},
	{"plateau", "times --lr-factor when --patience reports bring no new lowest validation loss",
		[]string{"lr-final", "lr-factor", "patience"},
		func(s Schedule, _ int64, p Plateau) float64 { return max(s.Final, power(s.Factor, p.Drops)) }},
}

// Schedules returns the names of all schedules.
func Schedules() []string {
	var names []string
	for _, s := range shapes {
		names = append(names, s.name)
	}
	return names
}

// DescribeSchedules lists all schedules, a line each, for users.
func DescribeSchedules() string {
	var lines []string
	for _, s := range shapes {
		lines = append(lines, fmt.Sprintf("  %-9s %s", s.name, s.doc))
	}
	return strings.Join(lines, "\n")
}

func (s Schedule) shape() *shape {
	i := slices.IndexFunc(shapes, func(k shape) bool { return k.name == s.Name })
	if i < 0 {
		return nil
	}
	return &shapes[i]
}

// maxTotal is the training steps that float64 counts one by one.
const maxTotal = 1 << 53

// WithDefaults returns s with its defaults filled in, or an error that names the setting which is out of range. A Total of
// 0 is let pass: whoever knows how long the training is fills it in, if NeedsTotal, and asks again.
func (s Schedule) WithDefaults() (Schedule, error) {
	if s.Name == "" {
		s.Name = shapes[0].name
	}
	k := s.shape()
	if k == nil {
		return s, fmt.Errorf("schedule %q: there are %s", s.Name, strings.Join(Schedules(), ", "))
	}
	if err := k.refuse(s); err != nil {
		return s, err
	}
	if slices.Contains(k.takes, "lr-factor") && s.Factor == 0 {
		s.Factor = 0.5
	}
	if slices.Contains(k.takes, "patience") && s.Patience == 0 {
		s.Patience = 3
	}
	return s, s.check()
}

// refuse looks for a setting of another schedule.
func (k *shape) refuse(s Schedule) error {
	for _, setting := range []struct {
		flag  string
		value float64
	}{{"lr-final", s.Final}, {"lr-factor", s.Factor}, {"lr-every", float64(s.Every)}, {"patience", float64(s.Patience)}} {
		if setting.value == 0 || slices.Contains(k.takes, setting.flag) {
			continue
		}
		var of []string
		for _, other := range shapes {
			if slices.Contains(other.takes, setting.flag) {
				of = append(of, other.name)
			}
		}
		return fmt.Errorf("%s %v: the schedule %s has none; choose --schedule %s", setting.flag, setting.value, k.name, alternatives(of))
	}
	return nil
}

func (s Schedule) check() error {
	switch {
	case s.Warmup < 0 || s.Warmup > maxTotal:
		return fmt.Errorf("warmup is %d, must be 0 or a number of training steps", s.Warmup)
	case !(s.Final >= 0 && s.Final <= 1):
		return fmt.Errorf("lr-final is %v, must be 0 to 1, a share of the learning rate", s.Final)
	case !(s.Factor >= 0 && s.Factor < 1):
		return fmt.Errorf("lr-factor is %v, must be above 0 and below 1", s.Factor)
	case s.Name == "step" && s.Every < 1:
		return fmt.Errorf("lr-every is %d: the schedule step needs the training steps between two drops of the rate, at least 1", s.Every)
	case s.Patience < 0:
		return fmt.Errorf("patience is %d, must be at least 1", s.Patience)
	case s.Total < 0 || s.Total > maxTotal:
		return fmt.Errorf("the schedule's length is %d training steps", s.Total)
	case s.Total > 0 && s.Warmup >= s.Total:
		return fmt.Errorf("warmup is %d, must be less than the %d training steps in all", s.Warmup, s.Total)
	}
	return nil
}

// NeedsTotal says whether the rate depends on how many training steps there will be.
func (s Schedule) NeedsTotal() bool { return s.Name == "cosine" }

// Rate returns the learning rate of training step n, counted from 1, where full is the highest. Beyond Total it stays the
// lowest. The settings must be complete. It is made of correctly rounded operations alone, so its bits are the same
// everywhere.
func (s Schedule) Rate(full float64, n int64, p Plateau) float64 {
	share := s.shape().share(s, n-s.Warmup, p)
	if n < s.Warmup {
		share = float64(share * (float64(n) / float64(s.Warmup)))
	}
	return full * share
}

// Observe records the validation loss of a report. Only the schedule plateau needs it.
func (s Schedule) Observe(p Plateau, loss float64) Plateau {
	switch {
	case s.Name != "plateau":
	case p.Best == 0 || loss < p.Best:
		p.Best, p.BadReports = loss, 0
	case p.BadReports+1 == s.Patience:
		p.Drops, p.BadReports = p.Drops+1, 0
	default:
		p.BadReports++
	}
	return p
}

// CheckPlateau says what is wrong with a plateau that comes from a file.
func (s Schedule) CheckPlateau(p Plateau) error {
	switch {
	case s.Name != "plateau" && p != Plateau{}:
		return fmt.Errorf("a plateau, but the schedule is %s", s.Name)
	case !(p.Best >= 0) || p.Drops < 0 || p.BadReports < 0 || s.Name == "plateau" && p.BadReports >= s.Patience:
		return fmt.Errorf("a plateau of %v, %d reports and %d drops with a patience of %d", p.Best, p.BadReports, p.Drops, s.Patience)
	}
	return nil
}
