package experiment

import (
	"math"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/inspect"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/rnn"
)

var smallPascanu = pascanuTest{size: 2500, hidden: 8, passes: 1, course: 2, reach: 20, positions: 8, clipPasses: 2, clipStreams: 4, clipWindow: 20}

// A small run gives the same on every set of kernels with any number of threads, and its gradients are those of the
// networks that are named: before training a recurrence with sigmoid units loses at least three quarters of a gradient in each
// time step, since no slope is above 1/4.
func TestPascanu(t *testing.T) {
	threads := 0
	r := onKernels(t, func() *Result {
		threads++
		l := newSession(Experiment{Name: "pascanu2013", Seeds: 10}, Options{Seeds: 2, Threads: threads})
		if err := l.pascanu(t.Context(), smallPascanu); err != nil {
			t.Fatal(err)
		}
		return l.result
	})
	gradients, decays, course, recurrences, clips := r.Tables[0], r.Tables[1], r.Tables[2], r.Tables[3], r.Tables[4]
	if want := []string{"G(k) at k =", "1", "5", "10", "20"}; !slices.Equal(gradients.Columns, want) {
		t.Errorf("columns %q, want %q", gradients.Columns, want)
	}
	names := []any{"SRN", "SRN, numpy", "RNN", "RNN, numpy", "GRU", "LSTM", "LSTM, numpy"}
	checkColumn(t, gradients, "G(k) at k =", names...)
	checkColumn(t, decays, "network", names...)
	checkColumn(t, course, "passes", "1", "2")
	for i, name := range []string{"RNN, G(20)", "LSTM, G(20)"} { // after the first pass the gradients are those of the first table
		first, whole := column(t, course, name)[0].(report.Spread), column(t, gradients, "20")[[]int{2, 5}[i]].(float64)
		if first.Mean != whole {
			t.Errorf("%s is %v after pass 1, and %v in the first table", name, first.Mean, whole)
		}
	}
	checkColumn(t, recurrences, "network", names[:4]...)
	checkColumn(t, clips, "clipping", "no clipping", "norm to 1", "values to 0.1")
	start := r.Figures[1].Charts[0].Lines
	for k := range smallPascanu.reach {
		if got, most := start[0].High[k+1], start[0].High[k]/4; got > most {
			t.Errorf("SRN before training: G(%d) is %v, want at most %v", k+1, got, most)
		}
	}
	for _, l := range r.Figures[0].Charts[0].Lines {
		if len(l.X) != smallPascanu.reach+1 || !(l.Low[20] > 0 && l.Low[20] <= l.Y[20] && l.Y[20] <= l.High[20]) {
			t.Errorf("%s: %d points, at the end %v to %v", l.Name, len(l.X), l.Low[20], l.High[20])
		}
	}
	if len(r.Targets) != 3 || len(r.Figures) != 4 {
		t.Errorf("targets %+v, figures %+v", r.Targets, r.Figures)
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// TestClipping: seeds that diverge are counted, even before their first report, and cannot win.
func TestClipping(t *testing.T) {
	l := newSession(Experiment{Name: "x", Seeds: 3}, Options{})
	learns := clipRun{steps: []float64{10, 20}, losses: []float64{3, 2}, norms: []float64{1, 4}, loss: 2}
	worse, gone, late := learns, clipRun{diverged: true}, clipRun{steps: []float64{10}, losses: []float64{9}, norms: []float64{100}, diverged: true}
	worse.loss = 2.5
	l.clipping(smallPascanu, []*pascanuRun{
		{clips: []clipRun{gone, learns, worse}},
		{clips: []clipRun{late, worse, learns}},
		{clips: []clipRun{gone, late, gone}},
	})
	table := l.result.Tables[0]
	checkColumn(t, table, "seeds that diverged", 3, 1, 1)
	checkColumn(t, table, "loss of the last pass, nats/char", nil, spread([]float64{2, 2.5}), spread([]float64{2.5, 2}))
	checkColumn(t, table, "largest norm reported", spread([]float64{100}), spread([]float64{4, 4, 100}), spread([]float64{4, 4}))
	if target := l.result.Targets[0]; target.Met != 1 || !slices.Equal(target.Missed, []uint64{2, 3}) {
		t.Errorf("target %+v, want it met by seed 1 alone", target)
	}
}

// TestActivity: units without weights are at their steepest; with large biases they are saturated.
func TestActivity(t *testing.T) {
	for _, tt := range []struct {
		activation       string
		bias             float32
		slope, saturated float64
	}{
		{"sigmoid", 0, 0.25, 0},
		{"tanh", 0, 1, 0},
		{"sigmoid", 2, 0.104994, 0}, // 0.881 (1 - 0.881)
		{"tanh", 1, 0.419974, 0},    // 1 - 0.762^2
		{"sigmoid", 4, 0.0176627, 1},
		{"tanh", -2, 0.0706508, 1},
	} {
		n, err := rnn.New(rnn.Config{Activation: tt.activation, Symbols: 2, Hidden: 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range n.Params() {
			if p.Name == "rnn.bias_ih_l0" {
				for i := range p.Value {
					p.Value[i] = tt.bias
				}
			}
		}
		n.Updated()
		slope, saturated := activity(n, inspect.SequenceOf([]int32{0, 1, 0, 0, 1}))
		if math.Abs(slope-tt.slope) > 1e-6 || saturated != tt.saturated {
			t.Errorf("%s, a bias of %v: slope %v, saturated %v; want %v, %v", tt.activation, tt.bias, slope, saturated, tt.slope, tt.saturated)
		}
	}
}
