package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/optim"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train/run"
)

// ratesOf trains and returns the learning rate of each report.
func ratesOf(t *testing.T, s Settings) (rates []float64) {
	t.Helper()
	mustRun(t, chars(t, rhyme(20)), s, Options{Report: func(r Report) { rates = append(rates, r.LearningRate) }})
	return rates
}

// TestReportsTellTheRate: the one of the training step before the report, as the schedule has it. Passes have 13 steps.
func TestReportsTellTheRate(t *testing.T) {
	base := Settings{Network: rnn.Config{Hidden: 4}, Batch: 2, Window: 20, ReportEvery: 5, Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 0.4}}
	for _, tt := range []struct {
		name     string
		schedule optim.Schedule
		howLong  Budget
		want     []float64
	}{
		{"constant", optim.Schedule{}, Budget{Steps: 10}, []float64{0.4, 0.4}},
		{"warm-up", optim.Schedule{Warmup: 10}, Budget{Steps: 15}, []float64{0.2, 0.4, 0.4}},
		{"steps", optim.Schedule{Name: "cosine"}, Budget{Steps: 10}, []float64{0.2, 0}},
		{"passes", optim.Schedule{Name: "cosine", Warmup: 2}, Budget{Epochs: 2}, []float64{
			0.2 * (1 + math.Cos(math.Pi*3/24)), 0.2 * (1 + math.Cos(math.Pi*8/24)), 0.2 * (1 + math.Cos(math.Pi*13/24)),
			0.2 * (1 + math.Cos(math.Pi*18/24)), 0.2 * (1 + math.Cos(math.Pi*23/24)), 0,
		}},
		{"steps before passes", optim.Schedule{Name: "cosine"}, Budget{Epochs: 2, Steps: 10}, []float64{0.2, 0}},
		{"passes before steps", optim.Schedule{Name: "cosine"}, Budget{Epochs: 1, Steps: 100}, []float64{
			0.2 * (1 + math.Cos(math.Pi*5/13)), 0.2 * (1 + math.Cos(math.Pi*10/13)), 0,
		}},
		{"drops", optim.Schedule{Name: "step", Every: 5}, Budget{Steps: 11}, []float64{0.4, 0.2, 0.1}},
	} {
		s := base
		s.Schedule, s.Budget = tt.schedule, tt.howLong
		got := ratesOf(t, s)
		if !slices.EqualFunc(got, tt.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-15 }) {
			t.Errorf("%s: rates %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestPlateauFollowsTheValidationLoss: of a patience of 1, each second report in a row without a new lowest loss halves the
// rate.
func TestPlateauFollowsTheValidationLoss(t *testing.T) {
	s := Settings{
		Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 20, ReportEvery: 3, Budget: Budget{Steps: 100},
		Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 8}, Schedule: optim.Schedule{Name: "plateau", Patience: 1}, ClipNorm: 1,
	}
	rate, best, bad, drops := 8.0, math.Inf(1), 0, 0
	mustRun(t, chars(t, rhyme(20)), s, Options{Report: func(r Report) {
		if r.LearningRate != rate {
			t.Errorf("step %d: rate %v, want %v", r.Step, r.LearningRate, rate)
		}
		if *r.ValidLoss < best {
			best, bad = *r.ValidLoss, 0
		} else if bad++; bad == 2 {
			rate /= 2
			bad = 0
			drops++
		}
	}})
	if drops < 2 {
		t.Errorf("%d drops, too few to show anything", drops)
	}
}

// TestLongerPlateau: the report that ends a call is none that the schedule hears of, so a run that is made longer ends as
// one that was long from the start.
func TestLongerPlateau(t *testing.T) {
	c := chars(t, rhyme(20))
	s := Settings{
		Network: rnn.Config{Hidden: 8}, Batch: 2, Window: 20, ReportEvery: 10, Budget: Budget{Steps: 90},
		Optimizer: optim.Settings{Optimizer: "sgd", LearningRate: 8}, Schedule: optim.Schedule{Name: "plateau", Patience: 1}, ClipNorm: 1,
	}
	want := mustRun(t, c, s, Options{})
	folder := filepath.Join(t.TempDir(), "run")
	var got *Result
	for _, steps := range []int64{24, 48, 55, 90} {
		s.Budget.Steps = steps
		got = mustRun(t, c, s, Options{Folder: folder, Resume: steps > 24})
	}
	if got.Model.Hash() != want.Model.Hash() {
		t.Errorf("hash %s, in one go %s", got.Model.Hash(), want.Model.Hash())
	}
}

func TestScheduleErrors(t *testing.T) {
	c := chars(t, rhyme(20))
	cosine := Settings{Network: rnn.Config{Hidden: 4}, Batch: 2, Window: 20, Schedule: optim.Schedule{Name: "cosine"}}
	for _, tt := range []struct {
		change func(s *Settings)
		want   string
	}{
		{func(s *Settings) { s.Budget.Steps, s.Schedule.Warmup = 50, 50 }, "warmup is 50, must be less than the 50 training steps in all"},
		{func(s *Settings) { s.Budget.Epochs, s.Schedule.Warmup = 2, 30 }, "warmup is 30, must be less than the 26 training steps in all"},
		{func(s *Settings) { s.Average = 1 }, "average is 1, must be 0 (none) or below 1"},
		{func(s *Settings) { s.Average = math.NaN() }, "average is NaN, must be 0 (none) or below 1"},
	} {
		s, folder := cosine, filepath.Join(t.TempDir(), "run")
		tt.change(&s)
		if _, err := runPartial(t.Context(), c, s, Options{Folder: folder}); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %s", err, tt.want)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Error("a folder is left")
		}
	}
}

// TestOtherLength: a rate that depends on the length follows the new one of a run that is resumed, and from then on the run
// is that one.
func TestOtherLength(t *testing.T) {
	c := chars(t, rhyme(20))
	s := Settings{Network: rnn.Config{Hidden: 4}, Batch: 2, Window: 20, Budget: Budget{Steps: 8}, Schedule: optim.Schedule{Name: "cosine"}}
	folder := filepath.Join(t.TempDir(), "run")
	mustRun(t, c, s, Options{Folder: folder})
	s.Budget = Budget{Epochs: 2}
	s.ReportEvery = 250
	var rates []float64
	mustRun(t, c, s, Options{Folder: folder, Resume: true, Report: func(r Report) { rates = append(rates, r.LearningRate) }})
	if !slices.Equal(rates, []float64{0}) {
		t.Errorf("rates %v, want 0 at the end", rates)
	}
	saved, err := RunSettings(folder)
	if err != nil {
		t.Fatal(err)
	}
	if saved.Budget != s.Budget {
		t.Errorf("the run is said to take %+v, want %+v", saved.Budget, s.Budget)
	}
	before := contents(t, folder)
	if r := mustRun(t, c, saved, Options{Folder: folder, Resume: true}); r.Step != 26 {
		t.Errorf("ends after %d training steps, want 26", r.Step)
	}
	if after := contents(t, folder); after != before {
		t.Errorf("at its end already, the folder was\n%sand is\n%s", before, after)
	}
}

// TestRunOfAnEarlierVersion resumes a run whose run.json is of the first form: budget was how_long, and -1 meant none.
func TestRunOfAnEarlierVersion(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "run")
	c, s, _ := hostileRun(t, folder)
	path := filepath.Join(folder, run.InfoName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var run map[string]any
	if err := json.Unmarshal(b, &run); err != nil {
		t.Fatal(err)
	}
	settings := run["settings"].(map[string]any)
	settings["how_long"] = map[string]any{"steps": 30, "early_stop": -1}
	settings["retries"] = -1
	delete(settings, "budget")
	delete(run, "sha256")
	if b, err = json.Marshal(run); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	if old, err := RunSettings(folder); err != nil || old.Budget != (Budget{Steps: 30}) || old.Retries != 0 {
		t.Errorf("%+v, %d retries, %v", old.Budget, old.Retries, err)
	}
	s.Budget.Steps = 31
	if r := mustRun(t, c, s, Options{Folder: folder, Resume: true}); r.Step != 31 {
		t.Errorf("ends after %d training steps, want 31", r.Step)
	}
}

// TestAverage: the model, what is measured and the file are the running mean of the weights after each training step, and
// the training itself is as without.
func TestAverage(t *testing.T) {
	const steps, keep = 12, 0.75
	c := chars(t, rhyme(20))
	s := Settings{Network: rnn.Config{Hidden: 6}, Batch: 2, Window: 7, ReportEvery: 1, Budget: Budget{Steps: steps},
		Optimizer: optim.Settings{Optimizer: "adagrad"}}
	var mean [][]float64
	over := 0.0
	mustRun(t, c, s, Options{Sample: sampleWeights(func(params []*rnn.Param) {
		over = keep*over + 1
		for i, p := range params {
			if len(mean) <= i {
				mean = append(mean, make([]float64, len(p.Value)))
			}
			for j, w := range p.Value {
				mean[i][j] = keep*mean[i][j] + float64(w)
			}
		}
	})})
	s.Average = keep
	folder := filepath.Join(t.TempDir(), "run")
	r := mustRun(t, c, s, Options{Folder: folder})
	for i, p := range r.Model.Network.Params() {
		for j, got := range p.Value {
			if want := mean[i][j] / over; math.Abs(float64(got)-want) > 1e-6 {
				t.Fatalf("%s: weight %d is %v, want %v", p.Name, j, got, want)
			}
		}
	}
	saved, err := os.ReadFile(filepath.Join(folder, run.StateName))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(saved, []byte("average.rnn.weight_hh_l0")) {
		t.Error("the state holds no averages")
	}
	whole, err := c.Valid().Streams(1)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]int32, whole.Length()), make([]int32, whole.Length())
	n, err := whole.Next(x, y)
	if err != nil {
		t.Fatal(err)
	}
	loss := r.Model.Network.NewWindow(n, 1, nil).Loss(x[:n], y[:n]) / float64(n)
	if math.Abs(loss-*r.Report.ValidLoss) > 1e-6 {
		t.Errorf("the validation loss is told as %v, that of the model is %v", *r.Report.ValidLoss, loss)
	}
}

// TestRetriesOfEverything: means, averages, what the schedule remembers and its rate all go back with the weights, and all
// of it survives interruptions.
func TestRetriesOfEverything(t *testing.T) {
	c := chars(t, rhyme(60))
	for _, tt := range []struct {
		schedule optim.Schedule
		momentum float64
		rate     float64
		steps    int64
	}{
		{optim.Schedule{Name: "plateau", Patience: 1, Warmup: 30}, 0.9, 1, 150},
		{optim.Schedule{Name: "cosine", Final: 0.9}, 0.9, 10, 400},
	} {
		s, schedule := wild(), tt.schedule
		s.Optimizer.Momentum, s.Optimizer.LearningRate, s.Average, s.Schedule, s.Budget.Steps = tt.momentum, tt.rate, 0.9, schedule, tt.steps
		retries := 0
		whole, broken := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "broken")
		want := mustRun(t, c, s, Options{Folder: whole, Sample: hashSample, Diverged: func(d Divergence) {
			n, full := d.Back+1, tt.rate
			if schedule.Name == "cosine" {
				full *= 0.9 + 0.1*(1+math.Cos(math.Pi*float64(n)/400))/2
			} else {
				full *= min(1, float64(n)/30)
			}
			drops := math.Log2(full / d.Rate) // those of a plateau halve the rate too
			if retries++; drops < float64(retries)-1e-9 || math.Abs(drops-math.Round(drops)) > 1e-9 || schedule.Name == "cosine" && drops > float64(retries)+1e-9 {
				t.Errorf("%s: retry %d goes on after step %d at a rate of %v", schedule.Name, retries, d.Back, d.Rate)
			}
		}})
		if retries == 0 {
			t.Errorf("%s: no divergence, nothing is shown", schedule.Name)
		}
		for resume := false; ; resume = true {
			got, err := runPartial(&fewChecks{Context: t.Context(), left: 23}, c, s, Options{Folder: broken, Resume: resume, Threads: 2, Sample: hashSample})
			if errors.Is(err, ErrInterrupted) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Model.Hash() != want.Model.Hash() {
				t.Errorf("%s: hash %s, undisturbed %s", schedule.Name, got.Model.Hash(), want.Model.Hash())
			}
			break
		}
		sameFolders(t, schedule.Name, whole, broken)
	}
}

// sampleWeights lets look at the weights at each report.
func sampleWeights(look func([]*rnn.Param)) func(*model.Model) (string, error) {
	return func(m *model.Model) (string, error) {
		look(m.Network.Params())
		return "", nil
	}
}
