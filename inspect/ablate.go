package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/chart"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// Without returns a copy of the model with units disabled: their output is 0 at every time step (rnn.Network.ZeroUnit). It
// ignores Unit.Quantity, and panics if there is no such unit.
func Without(m *model.Model, units ...Unit) *model.Model {
	without := *m
	without.Network = m.Network.Clone()
	for _, u := range units {
		without.Network.ZeroUnit(u.Layer, u.Unit)
	}
	return &without
}

// AblationSettings say which units are disabled, each by itself.
type AblationSettings struct {
	Units    []Unit         // one at a time; nil means every unit of every layer
	Workers  int            // each has a clone of the network; 0 means 1; changes nothing in the result
	Progress func(done int) // gets the number of units done, never from two goroutines at a time; may be nil
}

// An Ablation is the surprisal of a text with units disabled, one at a time.
type Ablation struct {
	Whole score.Sum
	Units []AblatedUnit // in the order of the settings
}

// An AblatedUnit is the surprisal of the text without one unit.
type AblatedUnit struct {
	Unit
	Sum score.Sum `json:"-"`
	// Change is the increase in bits per character: what the unit is worth on this text.
	Change float64 `json:"change"`
}

// Ablate scores a text with all units, then again with each chosen unit disabled, as a scorer does with the models that
// Without returns. Its errors are those of score.Scorer.Text.
func Ablate(ctx context.Context, m *model.Model, text []byte, o AblationSettings) (*Ablation, error) {
	units := o.Units
	if units == nil {
		units = everyUnit(m)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := max(1, min(cmp.Or(o.Workers, 1), len(units)+1))
	scorers := make([]ablater, workers)
	sums := make([]score.Sum, 1+len(units))
	var mutex sync.Mutex
	done := -1 // the scoring with all units does not count
	err := each(ctx, workers, len(sums), func(worker, i int) {
		own := &scorers[worker]
		if own.scorer == nil {
			own.m = Without(m)
			own.scorer = score.New(own.m, score.Extras{})
		}
		var err error
		if i == 0 {
			sums[i], err = own.score(ctx, text)
		} else {
			restore := own.m.Network.ZeroUnit(units[i-1].Layer, units[i-1].Unit)
			sums[i], err = own.score(ctx, text)
			restore()
		}
		if err != nil {
			cancel(err)
			return
		}
		mutex.Lock()
		defer mutex.Unlock()
		if done++; o.Progress != nil && done > 0 {
			o.Progress(done)
		}
	})
	if err != nil {
		return nil, context.Cause(ctx)
	}
	a := &Ablation{Whole: sums[0]}
	for i, u := range units {
		a.Units = append(a.Units, AblatedUnit{u, sums[i+1], sums[i+1].PerChar() - a.Whole.PerChar()})
	}
	return a, nil
}

func everyUnit(m *model.Model) (units []Unit) {
	c := m.Network.Config()
	for layer := range c.Layers {
		for unit := range c.Hidden {
			units = append(units, Unit{layer, "h", unit})
		}
	}
	return units
}

// An ablater is one worker's.
type ablater struct {
	m      *model.Model
	scorer *score.Scorer
}

// score returns what a text takes.
func (a *ablater) score(ctx context.Context, text []byte) (sum score.Sum, err error) {
	a.scorer.Reset()
	err = a.scorer.Text(ctx, text, func(x score.Symbol) error {
		sum.Add(x)
		return nil
	})
	return sum, err
}

// mostSampled is how many disabled units have samples.
const mostSampled = 8

// beginAblation disables the units that the analysis names.
func beginAblation(a *Analysis) (Observer, conclusion) {
	if len(a.Disable) == 0 && !a.DisableAll {
		return nil, nil
	}
	return nil, func(ctx context.Context, s *report.Section) (any, error) {
		units := a.Disable
		if a.DisableAll {
			units = everyUnit(a.Model)
		}
		o := AblationSettings{Units: units, Workers: a.Workers}
		o.Progress = func(done int) { a.Progress("disabling units", float64(done)/float64(len(units))) }
		shown := make([]byte, a.shown)
		if _, err := a.Text.ReadAt(shown, 0); err != nil {
			return nil, err
		}
		found, err := Ablate(ctx, a.Model, shown, o)
		if err != nil {
			return nil, err
		}
		if found.Whole.Symbols == 0 {
			return nil, errShort(0, 1)
		}
		found.tell(s, Numbers[*ProbeResult](a.result))
		for i, u := range a.Disable[:min(len(a.Disable), mostSampled)] {
			if err := a.sample(ctx, s, u, i == 0); err != nil {
				return nil, err
			}
		}
		return found, nil
	}
}

func (a *Ablation) tell(s *report.Section, probed *ProbeResult) {
	s.Say("A disabled unit has an output of 0 at every time step. The change is the increase in bits per character of the first %s symbols when that unit alone is disabled; with all units they take %s.",
		report.Grouped(a.Whole.Symbols), report.Fixed(4)(a.Whole.PerChar()))
	ranked := slices.Clone(a.Units)
	slices.SortStableFunc(ranked, func(a, b AblatedUnit) int { return cmp.Compare(b.Change, a.Change) })
	t := &report.Table{Columns: []string{"unit", "change", "bits per character", "follows", "r"}, Shown: 20}
	bars := chart.Chart{X: "increase in bits per character without the unit", Y: "layer:unit", Bars: []chart.Bars{{}}}
	for i, u := range ranked {
		feature, r := probed.follows(u.Unit)
		t.Row(u.cell(), report.Number(u.Change, report.Signed(4)), report.Number(u.Sum.PerChar(), report.Fixed(4)), feature, r)
		if i < t.Shown {
			bars.Rows, bars.Bars[0].Values = append(bars.Rows, u.ID()), append(bars.Bars[0].Values, u.Change)
		}
	}
	s.Add(&report.Figure{Caption: "The units that are worth most, and the increase in bits per character without each.", Charts: []chart.Chart{bars}}, t)
}

// MarshalJSON writes the bits per character with all units, and the change without each.
func (a *Ablation) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Symbols     int64         `json:"symbols"`
		BitsPerChar float64       `json:"bits_per_char"`
		Units       []AblatedUnit `json:"units"`
	}{a.Whole.Symbols, a.Whole.PerChar(), a.Units})
}

// sample draws a sample without a unit, and for the first unit one with all, from the same random numbers.
func (a *Analysis) sample(ctx context.Context, s *report.Section, u Unit, first bool) error {
	quote := func(caption string, m *model.Model) error {
		o := generate.Defaults()
		o.Length, o.Seed = a.SampleLength, a.Seed
		texts, err := generate.New(m).Strings(ctx, o)
		if err == nil {
			s.Add(report.Quote{Caption: caption, Text: texts[0]})
		}
		return err
	}
	if first {
		if err := quote("A sample with all units:", a.Model); err != nil {
			return err
		}
	}
	return quote(fmt.Sprintf("The same without unit %s:", u.ID()), Without(a.Model, u))
}
