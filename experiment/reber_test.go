package experiment

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// onKernels runs f with each set of kernels and wants the same result of all.
func onKernels[T any](t *testing.T, f func() T) T {
	t.Helper()
	active := f32.Active()
	t.Cleanup(func() {
		if err := f32.Use(active); err != nil {
			t.Error(err)
		}
	})
	var first T
	for i, kernels := range f32.Kernels() {
		if err := f32.Use(kernels); err != nil {
			t.Fatal(err)
		}
		result := f()
		if i == 0 {
			first = result
		} else if !reflect.DeepEqual(result, first) {
			t.Errorf("%s kernels give %+v, %s kernels %+v", kernels, result, f32.Kernels()[0], first)
		}
	}
	return first
}

// runReber runs a small one.
func runReber(t *testing.T, threads int, test reberTest) *Result {
	t.Helper()
	l := newSession(Experiment{Name: "reber", Seeds: 10}, Options{Seed: 4, Seeds: 2, Threads: threads})
	if err := l.reber(t.Context(), test); err != nil {
		t.Fatal(err)
	}
	return l.result
}

// In a small run the LSTM learns the dependency and the SRN does not; tables and figures say the same.
func TestReber(t *testing.T) {
	r := runReber(t, 2, reberTest{learn: 1500, held: 300, passes: 6, look: 6})
	shares, speed := r.Tables[0], r.Tables[1]
	if want := []string{"% right after", "1500 strings", "3000 strings", "7500 strings"}; !slices.Equal(shares.Columns, want) {
		t.Errorf("columns %q, want %q", shares.Columns, want)
	}
	checkColumn(t, speed, "network", "SRN", "BPTT", "LSTM")
	checkColumn(t, speed, "source: strings", "over 200,000", nil, "8,440 to 39,740")
	for _, row := range shares.Rows {
		s := row[3].Value.(report.Spread)
		if s.Low < 30 || s.High > 100 || row[0].Text == "LSTM" && s.Low < 70 || row[0].Text == "SRN" && s.High > 75 {
			t.Errorf("%s: %v %% right", row[0].Text, s)
		}
	}
	if learning := r.Figures[0].Charts[0].Lines[2]; len(learning.X) != 6 || learning.X[4] != 7500 || learning.High[4] != shares.Rows[2][3].Value.(report.Spread).High {
		t.Errorf("the LSTM learns by %v, %v", learning.X, learning.High)
	}
	if len(r.Targets) != 2 || r.Targets[1].Met != 2 {
		t.Errorf("targets %+v", r.Targets)
	}
}

func TestReberSameNumbers(t *testing.T) {
	threads := 0
	onKernels(t, func() *Result {
		threads++
		return runReber(t, threads, reberTest{learn: 100, held: 50, passes: 2, look: 1})
	})
}

// TestPredictReber counts by hand what a network that always holds T for likelier than P gets right.
func TestPredictReber(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("test", []byte("BPTVXSE\n")), corpus.Options{Closed: true, Documents: corpus.Lines})
	if err != nil {
		t.Fatal(err)
	}
	n, err := rnn.New(rnn.Config{Symbols: c.Alphabet.Size(), Hidden: 1})
	if err != nil {
		t.Fatal(err)
	}
	symbol, err := c.Alphabet.Encode("T")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range n.Params() {
		if strings.HasSuffix(p.Name, "decoder.bias") {
			p.Value[symbol[0]] = 1
		}
	}
	n.Updated()
	all, byDistance, err := predictReber(t.Context(), &model.Model{Network: n, Alphabet: c.Alphabet, Documents: corpus.Lines},
		[]string{"BTBTXSETE", "BPBTXSEPE", "BPBPVVEPE", "BTBTSXSETE"})
	want := map[int]lagged{6: {1, 3}, 7: {1, 1}}
	if err != nil || (all != lagged{2, 4}) || !maps.Equal(byDistance, want) {
		t.Errorf("all %v, by distance %v, error %v; want 2 of 4, %v", all, byDistance, err, want)
	}
}
