package train

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
)

// wild trains so fast that it diverges, but not at half the rate, or a quarter.
func wild() Settings {
	return Settings{Network: rnn.Config{Activation: "relu", Hidden: 8}, Init: rnn.Init{Normal: 0.2}, Batch: 2, Window: 10, ReportEvery: 20,
		Budget: Budget{Steps: 400}, Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 2.5}}
}

// TestRetries goes back after each divergence and on at half the rate, and ends with the same bits whatever the number of
// workers, and however often it was interrupted.
func TestRetries(t *testing.T) {
	c := chars(t, rhyme(60))
	s := wild()
	var told []Divergence
	whole := filepath.Join(t.TempDir(), "whole")
	want := mustRun(t, c, s, Options{Folder: whole, Sample: hashSample, Diverged: func(d Divergence) { told = append(told, d) }})
	if len(told) == 0 || len(told) > 3 {
		t.Fatalf("%d divergences; the test wants one or two", len(told))
	}
	for i, d := range told {
		if d.Retry != i+1 || d.Retries != 3 || d.Rate != 2.5/float64(int(2)<<i) || d.Back%20 != 0 || d.Back > d.Step || d.Back < d.Step-20 || d.File != "test" || d.To <= d.From {
			t.Errorf("divergence %d: %+v", i, d)
		}
	}
	if rate := told[len(told)-1].Rate; want.Report.LearningRate != rate || want.Step != 400 {
		t.Errorf("ends after %d training steps at a rate of %v, want 400 at %v", want.Step, want.Report.LearningRate, rate)
	}
	rng := rand.New(rand.NewPCG(5, 1))
	times := 2
	if full {
		times = 5
	}
	for range times {
		broken := filepath.Join(t.TempDir(), "broken")
		for resume := false; ; resume = true {
			ctx := &fewChecks{Context: t.Context(), left: 1 + rng.IntN(50)}
			got, err := runPartial(ctx, c, s, Options{Folder: broken, Resume: resume, Threads: 1 + rng.IntN(3), Sample: hashSample})
			if errors.Is(err, ErrInterrupted) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Model.Hash() != want.Model.Hash() {
				t.Errorf("hash %s, undisturbed %s", got.Model.Hash(), want.Model.Hash())
			}
			break
		}
		sameFolders(t, "retries", whole, broken)
	}
}

// TestRetriesEnd gives up after the last retry with what was good, from where a gentler setting goes on.
func TestRetriesEnd(t *testing.T) {
	c := chars(t, rhyme(60))
	s := wild()
	s.Optimizer.LearningRate, s.Retries = 1000, 2
	retries := 0
	r, err := runPartial(t.Context(), c, s, Options{Diverged: func(Divergence) { retries++ }})
	var d *Divergence
	if !errors.As(err, &d) || retries != 2 || d.Retry != 0 || !strings.Contains(err.Error(), "after 2 retries each at half the rate; lower lr") {
		t.Errorf("after %d retries: error %v", retries, err)
	}
	start := s
	start.Budget.Steps = 1 // one step at a rate of nothing is the beginning
	start.Optimizer.LearningRate = 1e-50
	if want := mustRun(t, c, start, Options{}); r.Step != 0 || r.Model.Hash() != want.Model.Hash() {
		t.Errorf("it ends after step %d with %s, not with the network it began with, %s", r.Step, r.Model.Hash(), want.Model.Hash())
	}
}

// TestSpike makes sure that a loss far above ln V is found, at the same training step everywhere, and that
// nothing else is taken for it.
func TestSpike(t *testing.T) {
	c := chars(t, rhyme(400))
	s := Settings{Network: rnn.Config{Hidden: 8}, Batch: 16, Window: 50, Budget: Budget{Steps: 200},
		Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 300}}
	var first Divergence
	_, err := runPartial(t.Context(), c, s, Options{Diverged: func(d Divergence) {
		if first.Step == 0 {
			first = d
		}
	}})
	if first.Step != 100 || !strings.Contains(first.What, "worse than a uniform guess (3.") || first.Back != 0 || first.To <= first.From {
		t.Errorf("a rate of 300 diverges at first with %+v; in the end: %v", first, err)
	}
}

// TestRetriesAfterAReportOfAnExplosion: a rate and a momentum so high that the loss explodes before the first report, but ends
// as a spike only after it. What the report saw is nothing to go back to, and what it added to the spike does not count in
// the next retry, so that a rate that is low enough helps.
func TestRetriesAfterAReportOfAnExplosion(t *testing.T) {
	t.Parallel()
	c := chars(t, rhyme(400))
	s := Settings{Network: rnn.Config{Cell: "elman", Hidden: 8}, Batch: 16, Window: 50, ReportEvery: 40, Sum: true, Retries: 30, Budget: Budget{Steps: 600},
		Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 1, Momentum: 0.99}}
	retries, losses := 0, map[int64]float64{}
	whole := filepath.Join(t.TempDir(), "whole")
	r, err := runPartial(t.Context(), c, s, Options{Folder: whole, Sample: hashSample, Report: func(r Report) { losses[r.Step] = r.Loss }, Diverged: func(d Divergence) {
		retries++
		if losses[d.Back] > 3.26+spikeNats {
			t.Errorf("training step %d goes back to %d, where the loss was %v", d.Step, d.Back, losses[d.Back])
		}
	}})
	if err != nil || retries == 0 {
		t.Fatalf("after %d retries: error %v", retries, err)
	}
	if r.Report.Loss > 2 {
		t.Errorf("ends with a loss of %v nats", r.Report.Loss)
	}
	// A report that is no snapshot leaves one beside it in the state.
	broken := filepath.Join(t.TempDir(), "broken")
	resume := false
	for left := 247; ; left += 50 {
		got, err := runPartial(&fewChecks{t.Context(), left}, c, s, Options{Folder: broken, Resume: resume, Sample: hashSample})
		if errors.Is(err, ErrInterrupted) {
			resume = true
			continue
		}
		if err != nil || got.Model.Hash() != r.Model.Hash() {
			t.Errorf("interrupted: %v, hash %s, undisturbed %s", err, got.Model.Hash(), r.Model.Hash())
		}
		break
	}
	sameFolders(t, "retries", whole, broken)
}

// TestDivergenceNamesTheText plants a loss in one row of a window and asks whose bytes they were.
func TestDivergenceNamesTheText(t *testing.T) {
	text := rhyme(60)
	for _, documents := range []corpus.Documents{corpus.Whole, corpus.Lines} {
		c := charsOf(t, text, documents)
		s, err := Defaults(FactsOf(c), with(Settings{Network: rnn.Config{Hidden: 4}, Batch: 3, Window: 20}))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := newTrainer(c, s, Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 9 {
			if err := tr.advance(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		row := 7*3 + 1 // time step 7 of stream 1
		tr.window.Losses()[row] = float32(math.NaN())
		d := &Divergence{}
		if err := tr.diverged("loss"); !errors.As(err, &d) {
			t.Fatal(err)
		}
		var want string
		if documents == corpus.Whole {
			var ids []int32
			for r := 1; r < len(tr.y); r += 3 {
				ids = append(ids, tr.y[r])
			}
			want = c.Alphabet.Decode(ids)
		} else { // the line whose symbols surround the row
			from, to := row, row
			for ; from >= 0 && !tr.streams.Starts[from]; from -= 3 {
			}
			for ; to+3 < len(tr.y) && !tr.streams.Starts[to+3]; to += 3 {
			}
			for r := max(from, 1); r <= to; r += 3 {
				want += c.Alphabet.Symbol(tr.y[r])
			}
		}
		got := text[d.From:d.To]
		if !strings.Contains(got, want) || documents == corpus.Whole && got != want || documents == corpus.Lines && strings.Count(got, "\n") != 1 {
			t.Errorf("%s: bytes %d to %d are %q, want %q", documents, d.From, d.To, got, want)
		}
	}
}

func TestHighest(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		x    []float64
		want int
	}{{nil, 0}, {[]float64{1, 3, 3, 2}, 1}, {[]float64{1, nan, 9, nan}, 1}, {[]float64{-2, -1}, 1}} {
		if got := highest(slices.Clone(tt.x)); got != tt.want {
			t.Errorf("highest(%v) = %d, want %d", fmt.Sprint(tt.x), got, tt.want)
		}
	}
}
