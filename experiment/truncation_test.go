package experiment

import (
	"math"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/rnn"
)

var smallTruncations = truncationTest{reaches: []int{1, 4, 8}, full: 8, streams: 10, symbols: 8, hidden: 12, passes: 1, size: 3000}

// TestGradient: windows of any length give the decoder the same gradient, as it has no part in time; the recurrence gets
// more of it the longer they are.
func TestGradient(t *testing.T) {
	c, err := corpus.New(corpus.FromBytes("play", play(t, 3000)), corpus.Options{Closed: true})
	if err != nil {
		t.Fatal(err)
	}
	n, err := rnn.New(rnn.Config{Activation: "tanh", Symbols: c.Alphabet.Size(), Hidden: 12})
	if err != nil {
		t.Fatal(err)
	}
	n.Init(rnn.Init{Orthogonal: 1}, 1)
	decoder := 0
	for _, p := range n.Params()[:4] {
		decoder += len(p.Value)
	}
	gradients := map[int][]float64{}
	for _, k := range []int{8, 4, 1} {
		if gradients[k], err = gradient(n, c, smallTruncations, k); err != nil {
			t.Fatal(err)
		}
		if l := like(gradients[k][decoder:], gradients[8][decoder:]); math.Abs(l.cosine-1) > 1e-9 || math.Abs(l.ratio-1) > 1e-6 {
			t.Errorf("windows of %d: the decoder's gradient is %+v", k, l)
		}
	}
	all, err := agreements(n, c, smallTruncations)
	if err != nil {
		t.Fatal(err)
	}
	if !(all[0].recurrence.cosine < all[1].recurrence.cosine && all[1].recurrence.cosine < all[2].recurrence.cosine) || math.Abs(all[2].recurrence.cosine-1) > 1e-12 || all[2].all.ratio != 1 {
		t.Errorf("windows of 1, 4 and 8 beside 8: %+v", all)
	}
}

// A small run gives the same on every set of kernels with any number of threads, and what it says fits together.
func TestTruncations(t *testing.T) {
	threads := 0
	r := onKernels(t, func() *Result {
		threads++
		l := newSession(Experiment{Name: "srn-vs-bptt", Seeds: 10}, Options{Seeds: 2, Threads: threads})
		if err := l.truncations(t.Context(), smallTruncations); err != nil {
			t.Fatal(err)
		}
		return l.result
	})
	losses := r.Tables[2]
	checkColumn(t, losses, "k", "1", "4", "8")
	for i, row := range losses.Rows {
		loss, gain := row[1].Value.(report.Spread), row[2].Value.(report.Spread)
		if !(loss.Low > 1 && loss.High < 4.1) || math.Abs(losses.Rows[0][1].Value.(report.Spread).Mean-loss.Mean-gain.Mean) > 1e-9 {
			t.Errorf("row %d: a loss of %v, %v below the SRN's", i, loss, gain)
		}
	}
	last := r.Tables[0].Rows[2] // windows as long as the full ones
	for i, cell := range last[1:] {
		if s := cell.Value.(report.Spread); math.Abs(s.Low-1) > 1e-12 {
			t.Errorf("column %d: cosine %v of a gradient with itself", i, s)
		}
	}
	if len(r.Targets) != 2 || len(r.Figures) != 2 || r.Targets[0].Of != 2 {
		t.Errorf("targets %+v, figures %+v", r.Targets, r.Figures)
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestTruncationsShortText(t *testing.T) {
	l := newSession(Experiment{Name: "srn-vs-bptt", Seeds: 1}, Options{Text: play(t, 150)})
	if err := l.truncations(t.Context(), smallTruncations); err == nil || err.Error() != "the text is too short for gradients: 135 characters to learn from, want at least 161" {
		t.Errorf("error %v", err)
	}
}
