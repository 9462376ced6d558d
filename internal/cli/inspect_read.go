package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// A recorder is an Observer that keeps the beginning of a text for a page: the bits of symbols, and the values of all units.
type recorder struct {
	text       *textPage
	quantities []rnn.Quantity
	fields     [][]*page.Field // [layer][quantity]
	room       []float32
	features   inspect.FeatureReader
	followed   []*page.Field // [feature], nil for those that are left out
	components *inspect.Components
	along      []*page.Field // [component]
}

// errEnough ends a reading whose recorder has seen all that it shows.
var errEnough = errors.New("enough was read")

// newRecorder returns a recorder of this many symbols that keeps the gates of some units for the whole text, even if there
// is no room for all.
func newRecorder(m *model.Model, show int, whole []inspect.Unit) *recorder {
	c := m.Network.Config()
	r := &recorder{text: newTextPage(m.Alphabet, show), quantities: c.Quantities(), room: make([]float32, c.Hidden)}
	for layer := range c.Layers {
		var units []int
		for _, u := range whole {
			if u.Layer == layer {
				units = append(units, u.Unit)
			}
		}
		var fields []*page.Field
		for _, q := range r.quantities {
			name, meaning := inspect.Describe(q.Name)
			f := &page.Field{Group: inspect.LayerName(layer), Quantity: name, Meaning: meaning, Units: c.Hidden, Rank: page.Gate, Whole: units}
			if q.Name == "h" || q.Name == "c" {
				f.Rank = page.State
			}
			switch {
			case q.Activation == "sigmoid":
				f.High = 1
			case q.Activation == "tanh", q.Name == "c", c.Cell == "lstm", c.Cell == "gru":
				f.Low, f.High = -1, 1
			}
			fields = append(fields, f)
			r.text.page.Fields = append(r.text.page.Fields, f)
		}
		r.fields = append(r.fields, fields)
	}
	return r
}

// addFeatures makes the recorder keep the features of the text that are not constant.
func (r *recorder) addFeatures(follow *inspect.ProbeResult) {
	for _, known := range inspect.Features() {
		var f *page.Field
		if slices.ContainsFunc(follow.Features, func(f inspect.FeatureResult) bool { return f.Name == known.Name }) {
			f = &page.Field{Group: "the text", Quantity: known.Name, Meaning: known.Doc, Units: 1}
			if known.YesNo {
				f.High = 1
			}
			r.text.page.Fields = append(r.text.page.Fields, f)
		}
		r.followed = append(r.followed, f)
	}
}

// addComponents makes the recorder keep the coordinates of states along the principal components.
func (r *recorder) addComponents(c *inspect.Components) {
	r.components = c
	for i, share := range c.Share {
		f := &page.Field{Group: "components of " + inspect.LayerName(c.Layer), Quantity: fmt.Sprintf("component %d", i+1),
			Meaning: fmt.Sprintf("%s of the variance of %s", report.Percent(1)(share), c.Quantity), Units: 1}
		r.along = append(r.along, f)
		r.text.page.Fields = append(r.text.page.Fields, f)
	}
}

// Needs implements inspect.Observer.
func (r *recorder) Needs() []string {
	var names []string
	for _, q := range r.quantities {
		names = append(names, q.Name)
	}
	return names
}

// Observe implements inspect.Observer.
func (r *recorder) Observe(c *inspect.Chunk) error {
	n := min(len(c.Symbols), r.text.room())
	for _, x := range c.Symbols[:n] {
		r.text.add([]mark{newMark(r.text.alphabet, x)}, score.Sum{})
	}
	features := r.features.Read(c)
	for i := range n {
		for k, f := range r.followed {
			if f != nil {
				f.Add(features[i*len(r.followed)+k:][:1])
			}
		}
	}
	H := len(r.room)
	if r.components != nil {
		r.project(c.Values(r.components.Layer, r.components.Quantity), n)
	}
	for layer, fields := range r.fields {
		for k, q := range r.quantities {
			values := c.Values(layer, q.Name)
			for i := range n {
				row := values[i*H:][:H]
				if q.Name == "c" {
					f32.Tanh(r.room, row)
					row = r.room
				}
				fields[k].Add(row)
			}
		}
	}
	if n < len(c.Symbols) {
		return errEnough
	}
	return nil
}

// project keeps the coordinates of n states.
func (r *recorder) project(states []float32, n int) {
	state := make([]float64, len(r.room))
	for i := range n {
		for j := range state {
			state[j] = float64(states[i*len(state)+j])
		}
		for k, x := range r.components.At(state) {
			r.along[k].Add([]float32{float32(x)})
		}
	}
}

// analyse runs the analysis of the whole text.
func (in *inspection) analyse() (err error) {
	a := &inspect.Analysis{
		Model: in.model, Text: in.text, Of: in.of, Layer: in.layer - 1, Disable: in.disabled, DisableAll: slices.Contains(in.ablate, "all"),
		Span: in.span, Leaves: in.leaves, LeavesAre: in.leavesAre, On: in.together, Threshold: in.threshold,
		Shown: in.show, SampleLength: in.length, Seed: in.seed, Workers: in.threads,
		Progress: func(what string, done float64) { in.status.Tell(what+", "+textName(in.path), done) },
	}
	if in.atGiven {
		a.At, a.Target = &in.at, in.symbol
	}
	in.results, err = a.Run(in.ctx)
	return err
}

// interesting returns the units that are shown for the whole text: those of --unit, and the one that follows each feature
// best.
func (in *inspection) interesting() []inspect.Unit {
	units := slices.Clone(in.chosen)
	probed := inspect.Numbers[*inspect.ProbeResult](in.results)
	if probed == nil {
		return units
	}
	for _, f := range probed.Features {
		u := inspect.Unit{Layer: f.Best[0].Layer, Quantity: "h", Unit: f.Best[0].Unit.Unit}
		if !slices.Contains(units, u) && len(units) < len(in.chosen)+mostWhole {
			units = append(units, u)
		}
	}
	return units
}

// mostWhole is the number of units whose gates a page shows for its whole text, besides those of --unit.
const mostWhole = 12
