package report

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestSpread(t *testing.T) {
	if got, want := SpreadOf([]float64{1, 2, 3, 6}), (Spread{Mean: 3, SD: math.Sqrt(14. / 3), Low: 1, High: 6}); got != want {
		t.Errorf("spread %+v, want %+v", got, want)
	}
	for want, numbers := range map[string][]float64{
		"0.250":                    {0.25},
		"0.0075 (0.005 to 0.010)":  {0.005, 0.01},
		"0.375 (0.250 to 0.500)":   {0.25, 0.5},
		"−45.25 (−99.50 to 9.00)":  {-99.5, 9},
		"100.0 (99.8 to 100.2)":    {99.75, 100.25},
		"1500 (1000 to 2000)":      {1000, 2000},
		"5e-10 (1e-10 to 9e-10)":   {1e-10, 9e-10},
		"4e+06 (4e+05 to 7.6e+06)": {4e5, 7.6e6},
	} {
		if got := SpreadOf(numbers).String(); got != want {
			t.Errorf("%v is written %q, want %q", numbers, got, want)
		}
	}
	if b, err := json.Marshal(SpreadOf([]float64{1, 2})); err != nil || !strings.HasPrefix(string(b), `{"mean":1.5,"sd":0.7`) {
		t.Errorf("as JSON %s, error %v", b, err)
	}
}
