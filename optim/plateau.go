package optim

import "fmt"

// plateau lowers the rate when the validation loss stops falling: PyTorch's ReduceLROnPlateau with threshold and cooldown 0.
// Up to Patience consecutive reports may bring no new lowest loss; the next one lowers the rate and restarts the count.
var plateau = ScheduleInfo{
	Name: "plateau", Doc: "multiplies the rate by a factor when more reports than patience allows bring no new lowest validation loss",
	takes: []string{"lr_final", "lr_factor", "patience"}, defaults: Schedule{Factor: 0.5, Patience: 3},
	share: func(s Schedule, _ int64, p Plateau) float64 { return max(s.Final, power(s.Factor, p.Drops)) },
}

// A Plateau is the state of the plateau schedule. It is saved with the run.
type Plateau struct {
	Best       float64 `json:"best"`   // lowest loss; 0 means none yet
	BadReports int64   `json:"waited"` // reports since then or, if that is later, since the last drop
	Drops      int64   `json:"drops"`
}

// Observe returns the state after a report with this loss. Other schedules have no state.
func (s Schedule) Observe(p Plateau, loss float64) Plateau {
	switch {
	case s.Name != plateau.Name:
	case p.Best == 0 || loss < p.Best:
		p.Best, p.BadReports = loss, 0
	case p.BadReports >= s.Patience:
		p.Drops, p.BadReports = p.Drops+1, 0
	default:
		p.BadReports++
	}
	return p
}

// CheckPlateau returns an error if a plateau from a file is impossible.
func (s Schedule) CheckPlateau(p Plateau) error {
	switch {
	case s.Name != plateau.Name && p != Plateau{}:
		return fmt.Errorf("a plateau, but the schedule is %s", s.Name)
	case !(p.Best >= 0) || p.Drops < 0 || p.BadReports < 0 || p.BadReports > s.Patience:
		return fmt.Errorf("a plateau of %v, %d reports and %d drops with a patience of %d", p.Best, p.BadReports, p.Drops, s.Patience)
	}
	return nil
}
