package train

import (
	"context"
	"reflect"

	"github.com/seed-f4dd853e/elman/corpus"
)

// Tests write down the settings that matter to them and leave the others at zero. The seed is 0 where none is written, and a
// number below 0 stands for 0.

// with returns a change that sets all that is not zero in some settings, and the seed.
func with(partial Settings) func(*Settings) {
	limits := partial.Budget
	limits.EarlyStop = 0
	return func(s *Settings) {
		if limits != (Budget{}) { // whoever sets one wants no other
			s.Budget = Budget{EarlyStop: s.Budget.EarlyStop}
		}
		overwrite(reflect.ValueOf(s).Elem(), reflect.ValueOf(partial))
		s.Seed = partial.Seed
	}
}

func overwrite(to, from reflect.Value) {
	for i := range to.NumField() {
		switch f, value := to.Field(i), from.Field(i); {
		case f.Kind() == reflect.Struct:
			overwrite(f, value)
		case value.IsZero():
		case value.CanFloat() && value.Float() < 0 || value.CanInt() && value.Int() < 0:
			f.SetZero()
		default:
			f.Set(value)
		}
	}
}

func partial(s Settings) Choice { return Choice{Change: with(s)} }

// runPartial is Run with settings that are written in part.
func runPartial(ctx context.Context, c *corpus.Corpus, s Settings, o Options) (*Result, error) {
	full, err := Resolve(ctx, c, partial(s), o)
	if err != nil {
		return nil, err
	}
	return Run(ctx, c, full, o)
}
