package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/page"
	"github.com/seed-f4dd853e/elman/internal/term"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

// meanings say what the quantities of cells are.
var meanings = map[string]string{
	"h": "output", "c": "memory", "i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate",
	"r": "reset gate", "z": "update gate", "n": "candidate",
}

// shownAs is the name of a quantity as it is shown: a memory has no bounds, its tanh has.
func shownAs(quantity string) string {
	if quantity == "c" {
		return "tanh c"
	}
	return quantity
}

func layerName(layer int) string { return "layer " + grouped(int64(layer+1)) }

// choice is the button of a unit.
func choice(u inspect.Unit) *page.Choice {
	return &page.Choice{Group: layerName(u.Layer), Quantity: shownAs(u.Quantity), Unit: u.Unit}
}

// A recorder is an Observer that keeps the beginning of a text for a page: what symbols took, and what all units did.
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

// newRecorder returns a recorder that keeps so many symbols, and the gates of some units whole where there is no room for
// all.
func newRecorder(c rnn.Config, show int, whole []unitID) *recorder {
	r := &recorder{text: newTextPage(show), quantities: c.Quantities(), room: make([]float32, c.Hidden)}
	for layer := range c.Layers {
		var units []int
		for _, u := range whole {
			if u.layer == layer {
				units = append(units, u.unit)
			}
		}
		var fields []*page.Field
		for _, q := range r.quantities {
			f := &page.Field{Group: layerName(layer), Quantity: shownAs(q.Name), Meaning: meanings[q.Name], Units: c.Hidden, Rank: page.Gate, Whole: units}
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

// addFeatures makes it keep those features of the text that a unit could follow.
func (r *recorder) addFeatures(follow *inspect.Following) {
	for _, known := range inspect.Features() {
		var f *page.Field
		if slices.ContainsFunc(follow.Features, func(f inspect.FeatureFollowed) bool { return f.Name == known.Name }) {
			f = &page.Field{Group: "the text", Quantity: known.Name, Meaning: known.Doc, Units: 1}
			if known.YesNo {
				f.High = 1
			}
			r.text.page.Fields = append(r.text.page.Fields, f)
		}
		r.followed = append(r.followed, f)
	}
}

// addComponents makes it keep where states lie along principal components.
func (r *recorder) addComponents(c *inspect.Components) {
	r.components = c
	for i, share := range c.Share {
		f := &page.Field{Group: "components of " + layerName(c.Layer), Quantity: fmt.Sprintf("component %d", i+1),
			Meaning: fmt.Sprintf("%.1f %% of the variance of %s", 100*share, c.Quantity), Units: 1}
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
func (r *recorder) Observe(s *inspect.Stretch) error {
	n := min(len(s.Symbols), r.text.room())
	for _, x := range s.Symbols[:n] {
		r.text.add([]mark{newMark(x)}, score.Sum{})
	}
	features := r.features.Read(s)
	for i := range n {
		for k, f := range r.followed {
			if f != nil {
				f.Add(features[i*len(r.followed)+k:][:1])
			}
		}
	}
	H := len(r.room)
	if r.components != nil {
		r.project(s.Values(r.components.Layer, r.components.Quantity), n)
	}
	for layer, fields := range r.fields {
		for k, q := range r.quantities {
			values := s.Values(layer, q.Name)
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
	if n < len(s.Symbols) {
		return errEnough
	}
	return nil
}

// project keeps where n states lie.
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

// progress is an Observer that tells how much of a text is read.
type progress struct {
	status *term.Status
	what   string
	show   int
	seen   int // symbols
	read   int // bytes
	size   int
	shown  int // bytes of the first symbols, as many as are shown
}

func (*progress) Needs() []string { return nil }

func (p *progress) Observe(s *inspect.Stretch) error {
	for _, x := range s.Symbols {
		p.read += len(x.Text)
		if p.seen++; p.seen <= p.show {
			p.shown = p.read
		}
	}
	p.status.Tell(p.what, float64(p.read)/float64(p.size))
	return nil
}

// analyse measures everything that is about the whole text.
func (in *inspection) analyse() error {
	probe := &inspect.Probe{Model: in.model, Seed: in.seed, Workers: in.threads}
	progress := &progress{status: in.status, what: "reading " + textName(in.path), size: len(in.text), show: in.show}
	saturation, pca := &inspect.Saturation{Model: in.model}, &inspect.PCA{Model: in.model, Layer: in.layer - 1}
	sum, err := inspect.Read(in.ctx, in.model, in.text, 0, probe, saturation, pca, progress)
	if err != nil {
		return err
	}
	in.found = found{Model: in.name, Text: textName(in.path), Symbols: sum.Symbols, BitsPerChar: sum.PerChar(), Perplexity: sum.Perplexity(), sum: sum}
	if sum.Symbols >= leastProbed {
		in.status.Tell("testing what units follow", 0)
		if in.found.Units, err = probe.Follow(in.ctx); err != nil {
			return err
		}
		in.findings = append(in.findings, in.unitsFinding())
	}
	if in.found.Saturation = saturation.Shares(); len(in.found.Saturation) > 0 {
		in.findings = append(in.findings, in.saturationFinding())
	}
	sequence, err := inspect.Encode(in.model, in.text, mostFollowed)
	if err != nil {
		return err
	}
	if reach := min(50, sequence.Len()-1); reach > 1 {
		in.status.Tell("following gradients back", 0)
		if in.found.Horizon, err = inspect.HorizonOf(in.ctx, in.model.Network, sequence, inspect.HorizonSettings{Reach: reach, Seed: in.seed, Workers: in.threads}); err != nil {
			return err
		}
		in.findings = append(in.findings, in.horizonFinding())
	}
	if in.found.Components, err = pca.Components(components); err != nil {
		return err
	}
	in.findings = append(in.findings, in.componentsFinding())
	if len(in.ablate) > 0 {
		return in.switchOff(in.text[:progress.shown])
	}
	return nil
}

// switchOff measures what the text takes without units.
func (in *inspection) switchOff(text []byte) error {
	o := inspect.AblationSettings{Workers: in.threads}
	for _, u := range in.ablated {
		o.Units = append(o.Units, inspect.Unit{Layer: u.layer, Quantity: "h", Unit: u.unit})
	}
	all := len(o.Units)
	if all == 0 {
		c := in.model.Network.Config()
		all = c.Layers * c.Hidden
	}
	o.Progress = func(done int) { in.status.Tell("switching units off", float64(done)/float64(all)) }
	found, err := inspect.Ablate(in.ctx, in.model, text, o)
	if err != nil {
		return err
	}
	in.found.Ablation = &ablation{found.Whole.Symbols, found.Whole.PerChar(), found.Units}
	f := in.ablationFinding()
	for _, u := range o.Units[:min(len(o.Units), mostSampled)] {
		texts, err := in.samples(u)
		if err != nil {
			return err
		}
		f.texts = append(f.texts, texts...)
	}
	in.findings = append(in.findings, f)
	return nil
}

// mostSampled is how many of the units that are switched off there are samples without.
const mostSampled = 8

// samples writes with all units, for the first that is switched off, and without one: the same draws.
func (in *inspection) samples(u inspect.Unit) ([]page.Text, error) {
	sample := func(caption string, m *model.Model) (page.Text, error) {
		o := generate.Defaults()
		o.Length, o.Seed = in.length, in.seed
		texts, err := generate.New(m).Strings(in.ctx, o)
		if err != nil {
			return page.Text{}, err
		}
		return page.Text{Caption: caption, Body: texts[0]}, nil
	}
	var all []page.Text
	if id := (unitID{u.Layer, u.Unit}); id == in.ablated[0] {
		with, err := sample("A sample with all units:", in.model)
		if err != nil {
			return nil, err
		}
		all = append(all, with)
	}
	without, err := sample(fmt.Sprintf("The same without unit %v:", unitID{u.Layer, u.Unit}), inspect.Without(in.model, u))
	return append(all, without), err
}

const (
	leastProbed  = 100 // symbols; fewer tell nothing about what units follow
	components   = 10
	mostFollowed = 1 << 20 // symbols that places for the horizon are drawn from
)

// interesting returns the units that are shown whole: those of --unit, and the one that follows each feature best.
func (in *inspection) interesting() []unitID {
	units := slices.Clone(in.chosen)
	if in.found.Units == nil {
		return units
	}
	for _, f := range in.found.Units.Features {
		u := unitID{f.Best[0].Layer, f.Best[0].Unit.Unit}
		if !slices.Contains(units, u) && len(units) < len(in.chosen)+mostWhole {
			units = append(units, u)
		}
	}
	return units
}

// mostWhole is how many units a page shows the gates of for all of its text, beside those of --unit.
const mostWhole = 12
