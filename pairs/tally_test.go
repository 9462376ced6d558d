package pairs

import (
	"math"
	"testing"
)

// The intervals are those of Wilson's formula, computed apart in Python.
func TestInterval(t *testing.T) {
	for _, tt := range []struct {
		right, items int
		low, high    float64
	}{
		{0, 10, 0, 0.277533},
		{10, 10, 0.722467, 1},
		{5, 10, 0.236593, 0.763407},
		{1, 1, 0.206549, 1},
		{713, 1000, 0.684190, 0.740180},
	} {
		low, high := Tally{Items: tt.items, Right: tt.right}.Interval()
		if math.Abs(low-tt.low) > 1e-6 || math.Abs(high-tt.high) > 1e-6 {
			t.Errorf("%d of %d: %.6f to %.6f, want %.6f to %.6f", tt.right, tt.items, low, high, tt.low, tt.high)
		}
	}
}

func TestTally(t *testing.T) {
	got := TallyOf([]Judged{{Outcome: Right}, {Outcome: Tie}, {Outcome: Wrong}, {Outcome: Unreadable}, {Outcome: Right}})
	if want := (Tally{Items: 5, Right: 2, Ties: 1, Unreadable: 1}); got != want || got.Accuracy() != 0.4 {
		t.Errorf("%+v, accuracy %v; want %+v, 0.4", got, got.Accuracy(), want)
	}
	got.Join(got)
	if want := (Tally{Items: 10, Right: 4, Ties: 2, Unreadable: 2}); got != want {
		t.Errorf("twice: %+v, want %+v", got, want)
	}
}

// TestSources checks the published figures against the means that the publications give, and a row of the paper's table.
func TestSources(t *testing.T) {
	s := Sources()[0]
	if len(s.Accuracy) != 67 {
		t.Errorf("%d sets of BLiMP, want 67", len(s.Accuracy))
	}
	want := []float64{0.612403, 0.698119, 0.696254, 0.830239} // "overall" of models_summary.jsonl
	for k, x := range want {
		sum := 0.0
		for _, row := range s.Accuracy {
			sum += row[k]
		}
		if mean := sum / 67; math.Abs(mean-x) > 1e-5 {
			t.Errorf("%s: mean %.6f, want %.6f", s.Models[k], mean, x)
		}
	}
	for k, percent := range []float64{44, 88, 91, 99, 96} { // the first row of table 4
		if got := s.Accuracy["anaphor_gender_agreement"][k]; math.Round(100*got) != percent {
			t.Errorf("anaphor_gender_agreement, %s: %v, the paper has %v %%", s.Models[k], got, percent)
		}
	}
	if s := Sources()[1]; len(s.Accuracy) != 31 {
		t.Errorf("%d suites, want 31", len(s.Accuracy))
	}
}
