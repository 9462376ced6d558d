package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/page"
)

// findingNames are those of all findings.
var findingNames = []string{"units", "saturation", "horizon", "components", "ablation"}

// print writes the findings.
func (in *inspection) print(w io.Writer) {
	fmt.Fprintf(w, "%s reading %s: %d symbols, %.4f bits per character, perplexity %s\n", in.name, textName(in.path), in.found.Symbols, in.found.BitsPerChar, perplexity(in.found.Perplexity))
	for i := range in.findings {
		in.findings[i].print(w)
	}
}

// unitCell is a unit as a cell of a table.
func unitCell(u inspect.Unit) cell {
	return cell{text: fmt.Sprintf("%v %s", unitID{u.Layer, u.Unit}, u.Quantity), chooses: choice(u)}
}

func (in *inspection) unitsFinding() finding {
	all := in.found.Units
	f := finding{name: "units", title: "What units follow", says: []string{
		fmt.Sprintf("Every unit was compared with features of the text, as they are behind each of the %s symbols: r is Pearson's correlation. p is the share of random shifts of the feature along the text at which any unit comes as close, of the first %s symbols; untrained is the largest |r| of a network whose weights were shuffled. A unit says something about the training where p is small and |r| well above untrained.", grouped(all.Symbols), grouped(int64(all.Kept))),
	}}
	t := table{
		caption: "The unit that follows each feature best. AUC: how well it alone tells yes from no. R²: share of the feature's variance that regressions explain from all units, from all of the untrained network, and from the last three symbols.",
		head:    []string{"feature", "unit", "r", "second", "|r|", "untrained", "p", "AUC", "R² units", "R² untrained", "R² last 3"},
	}
	bars, control := chart.Bars{Name: "best unit"}, chart.Bars{Name: "best unit of an untrained network"}
	var rows []string
	for _, x := range all.Features {
		second, strength := cell{text: "–"}, cell{text: "–"}
		if len(x.Best) > 1 {
			second, strength = unitCell(x.Best[1].Unit), figure("%.2f", math.Abs(x.Best[1].R))
		}
		auc := cell{text: ""}
		if x.AUC > 0 {
			auc = figure("%.3f", x.AUC)
		}
		t.rows = append(t.rows, []cell{word("%s", x.Name), unitCell(x.Best[0].Unit), figure("%+.2f", x.Best[0].R), second, strength, figure("%.2f", x.Untrained),
			figure("%.3f", x.P), auc, figure("%.2f", x.R2.Network), figure("%.2f", x.R2.Untrained), figure("%.2f", x.R2.LastThree)})
		rows = append(rows, x.Name)
		bars.Values, control.Values = append(bars.Values, math.Abs(x.Best[0].R)), append(control.Values, x.Untrained)
	}
	ranked := table{caption: "Units by how closely they follow anything.", head: []string{"unit", "r", "feature"}, printed: 12}
	for _, u := range all.Units[:min(len(all.Units), 60)] {
		ranked.rows = append(ranked.rows, []cell{unitCell(u.Unit), figure("%+.2f", u.R), word("%s", u.Feature)})
	}
	f.tables = []table{t, ranked}
	f.charts = []drawing{{"How closely the best unit follows each feature of the text, and the best of an untrained network.", chart.Chart{
		X: "|correlation|", Y: "feature of the text", Rows: rows, Bars: []chart.Bars{bars, control}, LegendBelow: true,
	}}}
	return f
}

func (in *inspection) horizonFinding() finding {
	h := in.found.Horizon
	reach := len(h.Places) - 1
	f := finding{name: "horizon", title: "How far back the gradient reaches", says: []string{
		fmt.Sprintf("How much the loss of a symbol depends on the state of the network k time steps before, as the norm of the gradient, over %s places of the text (Pascanu, Mikolov and Bengio 2013). Where it has vanished, training cannot learn what lies so far apart.", grouped(int64(h.Places[0]))),
	}}
	t := table{head: []string{"layer", "state", "k = 0"}}
	at := []int{1, 5, 10, 20, 50}
	for _, k := range at {
		if k <= reach {
			t.head = append(t.head, fmt.Sprintf("k = %d", k))
		}
	}
	t.head = append(t.head, "per time step")
	c := chart.Chart{X: "time steps back, k", Y: "norm of the gradient, nats", LogY: true, LegendBelow: true}
	memory := in.model.Network.Config().Quantities()
	two := len(memory) > 1 && memory[1].Name == "c"
	for layer, l := range h.Layers {
		states := []struct {
			name string
			inspect.Decay
		}{{"h", l.H}}
		if two {
			states = append(states, struct {
				name string
				inspect.Decay
			}{"h and c", l.State})
		}
		for _, s := range states {
			row := []cell{word("%d", layer+1), word("%s", s.name), figure("%.3g", s.Mean[0])}
			for _, k := range at {
				if k <= reach {
					row = append(row, figure("%.3g", s.Mean[k]))
				}
			}
			mean, _ := s.PerStep(min(1, reach-1), reach)
			t.rows = append(t.rows, append(row, figure("%.3f", mean)))
			line := chart.Line{Name: layerName(layer) + ", " + s.name}
			for k, norm := range s.Mean {
				line.X, line.Y = append(line.X, float64(k)), append(line.Y, norm)
			}
			c.Lines = append(c.Lines, line)
		}
	}
	t.caption = fmt.Sprintf("Mean norms at some distances, and the factor from one time step to the one before it, between 1 and %d.", reach)
	f.tables, f.charts = []table{t}, []drawing{{"The gradient of the loss at a symbol with respect to states before it, mean of its norm.", c}}
	return f
}

func (in *inspection) saturationFinding() finding {
	f := finding{name: "saturation", title: "How gates stand", says: []string{
		"Shares of the time that gates are nearly shut (below 0.1) or nearly open (above 0.9), and candidates and outputs near an end of their range (beyond ±0.9), where they hardly learn. A unit whose forget gate is open nearly always remembers long (Karpathy, Johnson and Fei-Fei 2015).",
	}}
	t := table{head: []string{"layer", "quantity", "", "low", "high", "lowest", "of the time", "highest", "of the time"},
		caption: "Of all units, and the units that are most often at either end."}
	charts := map[int]*chart.Chart{}
	for _, s := range in.found.Saturation {
		low, high := 0, 0
		for u, ends := range s.Units {
			if ends.Low > s.Units[low].Low {
				low = u
			}
			if ends.High > s.Units[high].High {
				high = u
			}
		}
		button := func(unit int) cell {
			return cell{text: unitID{s.Layer, unit}.String(), chooses: choice(inspect.Unit{Layer: s.Layer, Quantity: s.Quantity, Unit: unit})}
		}
		t.rows = append(t.rows, []cell{word("%d", s.Layer+1), word("%s", s.Quantity), word("%s", meanings[s.Quantity]), figure("%.1f %%", 100*s.Low), figure("%.1f %%", 100*s.High),
			button(low), figure("%.0f %%", 100*s.Units[low].Low), button(high), figure("%.0f %%", 100*s.Units[high].High)})
		if s.Squash != "sigmoid" {
			continue
		}
		c := charts[s.Layer]
		if c == nil {
			c = &chart.Chart{X: "share of the time below 0.1", Y: "share of the time above 0.9", LegendBelow: true}
			charts[s.Layer] = c
		}
		points := chart.Points{Name: fmt.Sprintf("%s, %s", s.Quantity, meanings[s.Quantity])}
		for _, ends := range s.Units {
			points.X, points.Y = append(points.X, ends.Low), append(points.Y, ends.High)
		}
		c.Points = append(c.Points, points)
	}
	for layer := range in.model.Network.Config().Layers {
		if c := charts[layer]; c != nil {
			c.Title = "Gates of " + layerName(layer)
			f.charts = append(f.charts, drawing{"Each point is a gate of a unit of " + layerName(layer) + ": how often it is nearly shut, and how often nearly open.", *c})
		}
	}
	f.tables = []table{t}
	return f
}

// mostLabelled is how many symbols a plane of states has room for.
const mostLabelled = 60

func (in *inspection) componentsFinding() finding {
	c := in.found.Components
	f := finding{name: "components", title: "Along which directions states differ", says: []string{
		fmt.Sprintf("The principal components of the outputs of %s: the directions along which they differ most. Each symbol stands where the mean of the states lies that the network is in when it has just read it.", layerName(c.Layer)),
	}}
	t := table{head: []string{"component", "of the variance", "all up to it"}}
	sum := 0.0
	for i, share := range c.Share {
		sum += share
		t.rows = append(t.rows, []cell{{text: fmt.Sprint(i + 1), chooses: &page.Choice{Group: "components of " + layerName(c.Layer), Quantity: fmt.Sprintf("component %d", i+1)}},
			figure("%.1f %%", 100*share), figure("%.1f %%", 100*sum)})
	}
	f.tables = []table{t}
	if len(c.Share) < 2 {
		return f
	}
	most := slices.Clone(c.Symbols)
	slices.SortStableFunc(most, func(a, b inspect.SymbolState) int { return cmp.Compare(b.Count, a.Count) })
	var points chart.Points
	for _, s := range most[:min(len(most), mostLabelled)] {
		points.X, points.Y = append(points.X, s.At[0]), append(points.Y, s.At[1])
		points.Labels = append(points.Labels, in.label(s.ID))
	}
	f.charts = []drawing{{fmt.Sprintf("Mean states behind the %d most frequent symbols, along the first two components.", len(points.X)), chart.Chart{
		X: fmt.Sprintf("component 1, %.0f %% of the variance", 100*c.Share[0]), Y: fmt.Sprintf("component 2, %.0f %% of the variance", 100*c.Share[1]), Points: []chart.Points{points},
	}}}
	return f
}

// label is what a symbol is called in a picture.
func (in *inspection) label(id int32) string {
	switch s := in.model.Alphabet.Symbol(id); {
	case id == in.model.Alphabet.Escape():
		return "other"
	case s == " ":
		return "space"
	case s == "":
		return "no space"
	default:
		text := strconv.Quote(s)
		return text[1 : len(text)-1]
	}
}

func (in *inspection) ablationFinding() finding {
	a := in.found.Ablation
	f := finding{name: "ablation", title: "What units are worth", says: []string{
		fmt.Sprintf("A unit that is switched off has an output of 0 all the time. The change is by how many bits per character the first %s symbols take more without it, one unit at a time; with all of them they take %.4f.", grouped(a.Symbols), a.BitsPerChar),
	}}
	ranked := slices.Clone(a.Units)
	slices.SortStableFunc(ranked, func(a, b inspect.Ablated) int { return cmp.Compare(b.Change, a.Change) })
	t := table{head: []string{"unit", "change", "bits per character", "follows", "r"}, printed: 20}
	var c chart.Chart
	for i, u := range ranked {
		feature, r := in.follows(u.Unit)
		t.rows = append(t.rows, []cell{{text: unitID{u.Layer, u.Unit.Unit}.String(), chooses: choice(u.Unit)}, figure("%+.4f", u.Change), figure("%.4f", u.Sum.PerChar()), word("%s", feature), r})
		if i < 20 {
			if len(c.Bars) == 0 {
				c.Bars = []chart.Bars{{}}
			}
			c.Rows, c.Bars[0].Values = append(c.Rows, unitID{u.Layer, u.Unit.Unit}.String()), append(c.Bars[0].Values, u.Change)
		}
	}
	c.X, c.Y = "bits per character more without the unit", "layer:unit"
	f.tables, f.charts = []table{t}, []drawing{{"The units that are worth most, and how many bits per character more the text takes without each.", c}}
	return f
}

// follows returns the feature that the output of a unit, or its memory, follows most closely.
func (in *inspection) follows(u inspect.Unit) (feature string, r cell) {
	if in.found.Units == nil {
		return "", cell{}
	}
	for _, x := range in.found.Units.Units { // the closest first
		if x.Layer == u.Layer && x.Unit.Unit == u.Unit {
			return x.Feature, figure("%+.2f", x.R)
		}
	}
	return "", cell{}
}
