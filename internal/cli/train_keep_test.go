package cli

import (
	"slices"
	"testing"
)

// TestParseKeepAt: numbers of symbols are decimal, with a unit or without, in any order.
func TestParseKeepAt(t *testing.T) {
	for text, want := range map[string][]int64{
		"500k,1M,2.5M":       {500_000, 1_000_000, 2_500_000},
		"4.1M,2.01M,1.001k":  {1001, 2_010_000, 4_100_000}, // none of which is exact as a float64
		" 7 ,7,3":            {3, 7},
		"9007199254.740992M": {1 << 53},
		"0.5":                nil,
		"1.0005k":            nil,
		"0":                  nil,
		"-1k":                nil,
		"1e3":                nil,
		"9007199254740994":   nil,
		"":                   nil,
		"1M;2M":              nil,
		"NaN":                nil,
		"123456789.1234567M": nil,
	} {
		if got, err := parseKeepAt(text); !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%q: %v, error %v; want %v", text, got, err, want)
		}
	}
}
