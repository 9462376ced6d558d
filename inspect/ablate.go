package inspect

import (
	"cmp"
	"context"
	"sync"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
)

// Without returns the model with units switched off: their outputs are 0 at every time step, as rnn.Network.ZeroUnit makes
// them. Of a Unit, Quantity does not count. It panics if there is no such unit; m stays as it is.
func Without(m *model.Model, units ...Unit) *model.Model {
	without := *m
	without.Network = m.Network.Clone()
	for _, u := range units {
		without.Network.ZeroUnit(u.Layer, u.Unit)
	}
	return &without
}

// AblationSettings say what is switched off.
type AblationSettings struct {
	Units    []Unit         // one at a time; nil means every unit of every layer
	Workers  int            // each has a clone of the network; 0 means 1; changes nothing in the result
	Progress func(done int) // is told how many units are done, never by two goroutines at a time; may be nil
}

// An Ablation is what a text takes without units.
type Ablation struct {
	Whole score.Sum
	Units []Ablated // in the order of the settings
}

// An Ablated is what the text takes without a unit.
type Ablated struct {
	Unit
	Sum score.Sum `json:"-"`
	// Change is by how many bits per character that is more: what the unit was worth on this text.
	Change float64 `json:"change"`
}

// Ablate scores a text with all units, and again with each of some switched off, exactly as a scorer does with the models that
// Without returns. It takes the time of so many scorings. It fails as score.Scorer.Text does.
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
	done := -1 // the whole is no unit
	err := each(ctx, workers, len(sums), func(worker, i int) {
		own := &scorers[worker]
		if own.scorer == nil {
			own.m = Without(m)
			own.scorer = score.New(own.m, 0)
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
		a.Units = append(a.Units, Ablated{u, sums[i+1], sums[i+1].PerChar() - a.Whole.PerChar()})
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
