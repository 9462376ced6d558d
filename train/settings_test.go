package train

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/internal/setting"
	"github.com/seed-f4dd853e/elman/rnn"
)

// TestCheck tries both sides of each limit: the error names the setting that is wrong.
func TestCheck(t *testing.T) {
	t.Parallel()
	f := Facts{Symbols: 60, Length: 1000}
	base, err := Defaults(f, func(s *Settings) { s.Network.Hidden, s.Window, s.Batch = 8, 10, 4 })
	if err != nil {
		t.Fatal(err)
	}
	long := Facts{Symbols: 60, Length: 1 << 30}
	for _, tt := range []struct {
		name      setting.Name
		set       func(*Settings, float64)
		good, bad []float64
	}{
		{"batch", func(s *Settings, x float64) { s.Batch = int(x) }, []float64{1, 999}, []float64{-1, 0, 1000, maxRows + 1}},
		{"batch", func(s *Settings, x float64) { s.Batch, s.Shards = int(x), 4 }, []float64{4, 12}, []float64{2, 6}},
		{"shards", func(s *Settings, x float64) { s.Batch, s.Shards = 8, int(x) }, []float64{0, 1, 4, 8}, []float64{-1, -8, 3}},
		{"window", func(s *Settings, x float64) { s.Window = int(x) }, []float64{1, 999}, []float64{-1, 0, 1000, maxRows + 1}},
		{"dropout", func(s *Settings, x float64) { s.Dropout = x }, []float64{0, rnn.MaxDropout}, []float64{-0.1, 1, math.NaN()}},
		{"dropout_recurrent", func(s *Settings, x float64) { s.DropoutRecurrent = x }, []float64{0, rnn.MaxDropout}, []float64{-0.1, 1, math.NaN()}},
		{"clip_value", func(s *Settings, x float64) { s.ClipValue = x }, []float64{0, 1e38}, []float64{-1, 1e39, math.NaN()}},
		{"clip_norm", func(s *Settings, x float64) { s.ClipNorm = x }, []float64{0, 1e38}, []float64{-1, 1e39, math.NaN()}},
		{"average", func(s *Settings, x float64) { s.Average = x }, []float64{0, 0.999}, []float64{-0.1, 1, 1 - 1e-12, math.NaN()}},
		{"report_every", func(s *Settings, x float64) { s.ReportEvery = int64(x) }, []float64{1, 1e12}, []float64{-1, 0}},
		{"retries", func(s *Settings, x float64) { s.Retries = int(x) }, []float64{0, maxRetries}, []float64{-1, maxRetries + 1}},
		{"normal", func(s *Settings, x float64) { s.Init.Normal = x }, []float64{0, 100}, []float64{-1, 101, math.NaN()}},
		{"uniform", func(s *Settings, x float64) { s.Init.Uniform = x }, []float64{0, 100}, []float64{-1, 101, math.NaN()}},
		{"normal", func(s *Settings, x float64) { s.Init.Normal, s.Init.Uniform = x, 1 }, []float64{0}, []float64{1}},
		{"forget_bias", func(s *Settings, x float64) { s.Init.ForgetBias = x }, []float64{-100, 0, 100}, []float64{-101, 101, math.NaN()}},
		{"orthogonal", func(s *Settings, x float64) { s.Init.Orthogonal = x }, []float64{0, 100}, []float64{-1, 101, math.NaN()}},
		{"epochs", func(s *Settings, x float64) { s.Budget = Budget{Epochs: int(x)} }, []float64{1}, []float64{-1, 0}},
		{"steps", func(s *Settings, x float64) { s.Budget.Steps = int64(x) }, []float64{0, 1}, []float64{-1}},
		{"time", func(s *Settings, x float64) { s.Budget.Time = time.Duration(x) }, []float64{0, 1}, []float64{-1}},
		{"early_stop", func(s *Settings, x float64) { s.Budget.EarlyStop = int64(x) }, []float64{0, 1}, []float64{-1}},
		{"precision", func(s *Settings, x float64) {
			s.Network.Precision = []rnn.Precision{rnn.Float32, rnn.BF16, rnn.Int8, "int4"}[int(x)]
		}, []float64{0}, []float64{1, 2, 3}},
		{"dropout_variational", func(s *Settings, x float64) { s.DropoutVariational, s.Dropout = true, x }, []float64{0.1}, []float64{0}},
	} {
		for _, x := range slices.Concat(tt.good, tt.bad) {
			s := base
			tt.set(&s, x)
			err := s.Check(f)
			if slices.Contains(tt.good, x) != (err == nil) {
				t.Errorf("%s %v: error %v", tt.name, x, err)
			}
			if wrong, ok := errors.AsType[*setting.Error](err); err != nil && (!ok || len(wrong.Names()) == 0 || wrong.Names()[0] != tt.name) {
				t.Errorf("%s %v: error %v names %v", tt.name, x, err, wrong.Names())
			}
		}
	}
	// Together they may be too much.
	s := base
	if s.Batch, s.Window = 1<<11, 1<<11; s.Check(long) != nil {
		t.Errorf("%d rows: %v", maxRows, s.Check(long))
	}
	if s.Window++; s.Check(long) == nil {
		t.Errorf("%d by %d time steps are let pass", s.Batch, s.Window)
	}
	if s := base; s.Check(Facts{Symbols: 60, Length: 1}) == nil {
		t.Error("a text of one symbol is let pass")
	}
	gru := base
	gru.Network.Cell = "gru"
	if gru.Init.ForgetBias = 1; gru.Check(f) == nil {
		t.Error("a forget bias without forget gates is let pass")
	}
	mingru := base
	mingru.Network.Cell = "mingru"
	for _, set := range []func(*Settings){func(s *Settings) { s.DropoutRecurrent = 0.1 }, func(s *Settings) { s.Init.Orthogonal = 1 }} {
		s := mingru
		if set(&s); s.Check(f) == nil {
			t.Errorf("%+v is let pass, without a recurrence", s)
		}
	}
}
