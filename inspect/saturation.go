package inspect

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A Saturation is an Observer that counts how often gates, and other values of sigmoid and tanh, are near an end of their
// range, where gradients are small: a sigmoid below 0.1 or above 0.9, a tanh below -0.9 or above 0.9 (Karpathy, Johnson and
// Fei-Fei 2015, section 4.1). An LSTM unit whose forget gate is above 0.9 most of the time remembers long. Model is the
// model that reads the text.
type Saturation struct {
	Model *model.Model

	n     int64
	gates []Saturated
	low   [][]int64 // [gate][H] counts
	high  [][]int64
}

// A Saturated says how often a quantity of a layer is saturated.
type Saturated struct {
	Layer      int    `json:"layer"` // from 0
	Quantity   string `json:"quantity"`
	Activation string `json:"activation"` // sigmoid or tanh
	Ends              // shares of the values of all units
	Units      []Ends `json:"units"` // [H] shares of each unit
}

// Ends are the shares of values near the two ends of a range.
type Ends struct {
	Low  float64 `json:"low"`  // below 0.1, or below -0.9 for a tanh
	High float64 `json:"high"` // above 0.9
}

// Needs implements Observer.
func (s *Saturation) Needs() []string {
	var names []string
	for _, q := range saturable(s.Model.Network.Config()) {
		names = append(names, q.Name)
	}
	return names
}

// saturable returns the quantities that can be saturated.
func saturable(c rnn.Config) (all []rnn.Quantity) {
	for _, q := range c.Quantities() {
		if q.Activation != "" {
			all = append(all, q)
		}
	}
	return all
}

// begin prepares for the first chunk.
func (s *Saturation) begin(c rnn.Config) {
	for layer := range c.Layers {
		for _, q := range saturable(c) {
			s.gates = append(s.gates, Saturated{Layer: layer, Quantity: q.Name, Activation: q.Activation})
			s.low, s.high = append(s.low, make([]int64, c.Hidden)), append(s.high, make([]int64, c.Hidden))
		}
	}
}

// Observe implements Observer.
func (s *Saturation) Observe(x *Chunk) error {
	c := s.Model.Network.Config()
	if s.n == 0 {
		s.begin(c)
	}
	s.n += int64(len(x.Symbols))
	for i, g := range s.gates {
		low := float32(0.1)
		if g.Activation == "tanh" {
			low = -0.9
		}
		values := x.Values(g.Layer, g.Quantity)
		for ; len(values) > 0; values = values[c.Hidden:] {
			count(s.low[i], s.high[i], values[:c.Hidden], low, 0.9)
		}
	}
	return nil
}

// count counts values below and above limits, without branches, which would be unpredictable.
func count(below, above []int64, values []float32, low, high float32) {
	below, above = below[:len(values)], above[:len(values)]
	for j, v := range values {
		var b, a int64
		if v < low {
			b = 1
		}
		if v > high {
			a = 1
		}
		below[j] += b
		above[j] += a
	}
}

// Shares returns the shares layer by layer, in the order of rnn.Config.Quantities. It returns nothing for an empty text, and
// for cells without sigmoid and tanh.
func (s *Saturation) Shares() []Saturated {
	var all []Saturated
	for i, g := range s.gates {
		var low, high int64
		for j := range s.low[i] {
			low, high = low+s.low[i][j], high+s.high[i][j]
			g.Units = append(g.Units, Ends{share(s.low[i][j], s.n), share(s.high[i][j], s.n)})
		}
		values := s.n * int64(len(g.Units))
		g.Ends = Ends{share(low, values), share(high, values)}
		all = append(all, g)
	}
	return all
}

func share(count, of int64) float64 { return float64(count) / float64(of) }

// beginSaturation counts gates at the ends of their range.
func beginSaturation(a *Analysis) (Observer, conclusion) {
	counts := &Saturation{Model: a.Model}
	return counts, func(_ context.Context, s *report.Section) (any, error) {
		shares := counts.Shares()
		if len(shares) == 0 {
			return nil, cmp.Or(a.emptyText(), errNone)
		}
		tellSaturation(s, shares)
		return shares, nil
	}
}

func tellSaturation(s *report.Section, shares []Saturated) {
	s.Say("Share of time steps at which gates are nearly shut (below 0.1) or nearly open (above 0.9), and at which candidates and outputs are near an end of their range (beyond ±0.9), where they hardly learn. A unit whose forget gate is nearly always open remembers long (Karpathy, Johnson and Fei-Fei 2015).")
	t := &report.Table{
		Caption: "All units together, and the unit that is most often at each end.",
		Columns: []string{"layer", "quantity", "", "low", "high", "lowest", "of the time", "highest", "of the time"},
	}
	s.Add(t)
	charts := map[int]*chart.Chart{}
	for _, x := range shares {
		low, high := 0, 0
		for u, ends := range x.Units {
			if ends.Low > x.Units[low].Low {
				low = u
			}
			if ends.High > x.Units[high].High {
				high = u
			}
		}
		_, meaning := Describe(x.Quantity)
		unit := func(u int) report.Cell { return Unit{x.Layer, x.Quantity, u}.cell() }
		t.Row(report.Whole(x.Layer+1), report.Word("%s", x.Quantity), report.Word("%s", meaning), report.Number(x.Low, report.Percent(1)), report.Number(x.High, report.Percent(1)),
			unit(low), report.Number(x.Units[low].Low, report.Percent(0)), unit(high), report.Number(x.Units[high].High, report.Percent(0)))
		if x.Activation != "sigmoid" {
			continue
		}
		c := charts[x.Layer]
		if c == nil {
			c = &chart.Chart{Title: "Gates of " + LayerName(x.Layer), X: "share of the time below 0.1", Y: "share of the time above 0.9", LegendBelow: true}
			charts[x.Layer] = c
		}
		points := chart.Points{Name: x.Quantity + ", " + meaning}
		for _, ends := range x.Units {
			points.X, points.Y = append(points.X, ends.Low), append(points.Y, ends.High)
		}
		c.Points = append(c.Points, points)
	}
	for _, layer := range slices.Sorted(maps.Keys(charts)) {
		s.Add(&report.Figure{
			Caption: fmt.Sprintf("Each point is a gate of a unit of %s: how often it is nearly shut, and how often nearly open.", LayerName(layer)), Charts: []chart.Chart{*charts[layer]},
		})
	}
}
