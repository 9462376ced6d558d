package inspect

import (
	"context"
	"math"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
)

// beginUnits finds units that follow a feature of the text.
func beginUnits(a *Analysis) (Observer, conclusion) {
	p := &Probe{Model: a.Model, Seed: a.Seed, Workers: a.Workers}
	return p, func(ctx context.Context, s *report.Section) (any, error) {
		if n := a.result.Sum.Symbols; n < leastSymbols {
			return nil, errShort(n, leastSymbols)
		}
		a.Progress("testing what units follow", 0)
		found, err := p.Follow(ctx)
		if err != nil {
			return nil, err
		}
		found.tell(s)
		return found, nil
	}
}

const (
	mostRanked  = 60 // units in the table of all
	shownRanked = 12 // of them on a terminal
)

func (r *ProbeResult) tell(s *report.Section) {
	s.Say("Each unit is correlated with features of the text, over %s symbols: r is Pearson's correlation. Untrained networks, with the same weights shuffled, follow many features by themselves: beside r stands the largest |r| of any of their units over the first %s symbols, mean and standard deviation over %d networks. z is the distance of |r| over the same symbols from that mean, in standard deviations. A feature counts as learned where z is above %d and |r| above that of every untrained network.",
		report.Grouped(r.Symbols), report.Grouped(int64(r.Kept)), r.Controls, learnedFrom)
	best := &report.Table{
		Caption: "The unit that follows each feature best. AUC: how well the unit alone separates yes from no. R²: share of the feature's variance that a regression explains from all units, from those of untrained networks (mean), and from the last three symbols.",
		Columns: []string{"feature", "unit", "r", "untrained", "z", "learned", "AUC", "R² units", "R² untrained", "R² last 3"},
	}
	bars, control := chart.Bars{Name: "best unit"}, chart.Bars{Name: "best unit of all untrained networks"}
	var names []string
	for _, x := range r.Features {
		area, learned := report.Cell{}, report.Cell{Value: "no"}
		if x.AUC > 0 {
			area = report.Number(x.AUC, report.Fixed(3))
		}
		if x.Learned {
			learned = report.Word("yes")
		}
		best.Row(report.Word("%s", x.Name), x.Best[0].withQuantity(), report.Number(x.Best[0].R, report.Signed(2)), x.Untrained.cell(), report.Number(x.Z, report.Fixed(1)), learned, area,
			report.Number(x.R2.Network, report.Fixed(2)), report.Number(x.R2.Untrained.Mean, report.Fixed(2)), report.Number(x.R2.LastThree, report.Fixed(2)))
		names = append(names, x.Name)
		bars.Values, control.Values = append(bars.Values, math.Abs(x.Best[0].R)), append(control.Values, x.Untrained.High)
	}
	ranked := &report.Table{Caption: "Units by how closely they follow a feature.", Columns: []string{"unit", "r", "feature"}, Shown: shownRanked}
	for _, u := range r.Units[:min(len(r.Units), mostRanked)] {
		ranked.Row(u.withQuantity(), report.Number(u.R, report.Signed(2)), report.Word("%s", u.Feature))
	}
	s.Add(&report.Figure{Caption: "How closely the best unit follows each feature of the text, and the best unit of any untrained network.", Charts: []chart.Chart{{
		X: "|correlation|", Y: "feature of the text", Rows: names, Bars: []chart.Bars{bars, control}, LegendBelow: true,
	}}}, best, ranked)
}

// cell is a control in a table: mean and standard deviation.
func (c Control) cell() report.Cell {
	return report.Cell{Text: report.Fixed(2)(c.Mean) + " ± " + report.Fixed(2)(c.SD), Value: report.Spread(c)}
}

// withQuantity is a table cell with a unit and its quantity.
func (u Unit) withQuantity() report.Cell {
	c := u.cell()
	c.Text += " " + u.Quantity
	c.Value = c.Text
	return c
}

// follows returns the feature that a unit, by output or memory, follows most closely, and the correlation.
func (r *ProbeResult) follows(u Unit) (feature, correlation report.Cell) {
	if r != nil {
		for _, x := range r.Units { // by falling |r|
			if x.Layer == u.Layer && x.Unit.Unit == u.Unit {
				return report.Word("%s", x.Feature), report.Number(x.R, report.Signed(2))
			}
		}
	}
	return report.Cell{}, report.Cell{}
}
