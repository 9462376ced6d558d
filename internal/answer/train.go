package answer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/score"
	"github.com/seed-f4dd853e/elman/train"
)

// TrainOptions say where a training works. They change nothing that is learned.
type TrainOptions struct {
	ID      string
	Folder  string // run folder; "" keeps nothing
	Threads int
	Version string // of the program, for run.json
	Limits  Limits
}

// Train trains what is asked for and emits the events, from one goroutine at a time. When ctx is cancelled, or Limits.Seconds
// have passed, it returns what it has learned so far. Its errors are those of TrainRequest.Check, corpus.New, train.Resolve
// and train.Run; before the first training step also train.ErrInterrupted and ctx.Err().
func Train(ctx context.Context, r TrainRequest, o TrainOptions, emit func(event any)) (*model.Model, error) {
	if err := r.Check(o.Limits); err != nil {
		return nil, err
	}
	data, generated, err := r.corpus()
	if err != nil {
		return nil, err
	}
	t := &training{r: r, o: o, emit: emit, data: data}
	if generated != "" {
		if t.floor, err = score.FloorOf(generated, data.Alphabet.Kind()); err != nil {
			return nil, err
		}
	}
	if err := t.resolve(ctx); err != nil {
		return nil, err
	}
	t.start()
	if err := t.baselines(ctx); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(o.Limits.Seconds*float64(time.Second)))
	defer cancel()
	return t.run(turnsOf(ctx, limited), generated)
}

// A training is one in progress.
type training struct {
	r    TrainRequest
	o    TrainOptions
	emit func(event any)

	data     *corpus.Corpus
	settings train.Settings
	floor    *score.Floor
	best     score.Baseline // the best n-gram
	began    time.Time

	sample []Symbol // for the report that is due
	units  *Units
}

// change makes the settings those of the request.
func (t *training) change(s *train.Settings) {
	own := t.r.Settings
	s.Budget = train.Budget{Steps: own.Steps}
	if own.Steps == 0 {
		s.Budget.Time = time.Duration(own.Seconds * float64(time.Second))
	}
	s.Network.Cell, s.Network.Hidden, s.Network.Layers, s.Seed = own.Cell, own.Hidden, own.Layers, own.Seed
	if own.ReportEvery > 0 {
		s.ReportEvery = own.ReportEvery
	}
}

// Reports of a training where nobody says how often, fewer where they would take more than a quarter of the time; and the most,
// since each has a sample and its units.
const (
	reports     = 50
	fewReports  = 10
	mostReports = 200
)

// resolve completes the settings. A time becomes training steps, so that the settings repeat the training wherever.
func (t *training) resolve(ctx context.Context) (err error) {
	own := &t.r.Settings
	if own.Cell == "" {
		own.Cell = "lstm"
	}
	if own.Steps == 0 {
		if err := t.fit(ctx); err != nil {
			return err
		}
	}
	if own.ReportEvery == 0 {
		own.ReportEvery = (own.Steps + reports - 1) / reports
	}
	if own.Steps/own.ReportEvery > mostReports {
		return fmt.Errorf("report_every is %d, must be at least %d for %d training steps", own.ReportEvery, (own.Steps+mostReports-1)/mostReports, own.Steps)
	}
	t.settings, err = train.Choice{Change: t.change}.Settings(train.FactsOf(t.data))
	return err
}

// fit turns the seconds of the request into training steps, with the time that reports take: a sample and a validation may take
// as long as many steps.
func (t *training) fit(ctx context.Context) error {
	own := &t.r.Settings
	p, err := train.NewPlan(ctx, t.data, train.Choice{Change: t.change}, train.Options{Threads: t.o.Threads,
		Sample: func(m *model.Model) (string, error) { return t.draw(ctx, m) }})
	if err != nil {
		return err
	}
	allowed, step, report := own.Seconds, p.StepTime.Step.Seconds(), p.StepTime.Report.Seconds()
	count := reports
	if own.ReportEvery == 0 {
		count = min(reports, max(fewReports, int(allowed/4/report)))
	}
	own.Steps = min(max(int64(count), int64((allowed-float64(count)*report)/step)), t.o.Limits.Steps)
	if own.ReportEvery == 0 {
		own.ReportEvery = (own.Steps + int64(count) - 1) / int64(count)
	}
	return nil
}

func (t *training) start() {
	t.emit(Start{
		Kind: "start", ID: t.o.ID, Title: t.r.Title, Hash: t.data.Hash(), Learn: t.data.Train().Len(), Held: t.data.Valid().Len(),
		Alphabet: t.data.Alphabet.String(), Uniform: math.Log(float64(t.data.Alphabet.Size())), Settings: t.r.Settings,
		About: network(t.settings.Network), Command: t.r.command(t.r.Settings), Floor: t.floor,
	})
}

// baselines measures what n-grams that learn the same text lose, without what all pay alike for symbols that the alphabet
// lacks, since no training counts that.
func (t *training) baselines(ctx context.Context) error {
	v, err := score.Evaluate(ctx, nil, t.data, score.VerdictOptions{})
	if errors.Is(err, score.ErrNothingHeldOut) {
		return nil
	} else if err != nil {
		return err
	}
	var grams []score.Baseline
	for _, b := range v.Baselines {
		if b.Loss -= v.Spelling; b.Name == "gzip" {
			continue
		}
		if grams = append(grams, b); b.Name == v.Best {
			t.best = b
		}
	}
	t.emit(Baselines{"baselines", grams, v.Best})
	return nil
}

func (t *training) run(ctx context.Context, generated string) (*model.Model, error) {
	t.began = time.Now()
	o := train.Options{
		Folder: t.o.Folder, Threads: t.o.Threads, Version: t.o.Version, Source: t.r.Title, Language: generated, KeepBest: true,
		Sample: func(m *model.Model) (string, error) { return t.draw(ctx, m) },
		Report: t.report, Progress: t.progress,
	}
	r, err := train.Run(ctx, t.data, t.settings, o)
	stopped := errors.Is(err, train.ErrInterrupted)
	if err != nil && !stopped {
		return nil, err
	}
	m := r.Best
	if stopped {
		if m, err = t.unfinished(r); err != nil {
			return nil, err
		}
	}
	end := End{Kind: "end", Model: t.o.ID, Hash: m.Hash(), Step: r.Step, Loss: r.Report.Loss, Seconds: time.Since(t.began).Seconds(), Stopped: stopped}
	if r.BestStep > 0 && t.data.Valid().Len() > 0 {
		end.Valid = &r.BestLoss
		end.Verdict = t.verdict(r.BestLoss)
	}
	t.emit(end)
	return m, nil
}

// unfinished returns the model of a training that was stopped: the best of its folder, or else what there was in the end.
func (t *training) unfinished(r *train.Result) (*model.Model, error) {
	if t.o.Folder == "" {
		r.Model.Network.Updated()
		return r.Model, nil
	}
	file := filepath.Join(t.o.Folder, model.FileName)
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) { // there was no report yet
		r.Model.Network.Updated()
		return r.Model, r.Model.Save(file)
	}
	return model.Load(file)
}

// verdict says how good a loss is, beside what is known of the text.
func (t *training) verdict(loss float64) string {
	text := fmt.Sprintf("%.3f nats per symbol on text that it has not seen", loss)
	if t.best.Name != "" {
		how := "better than"
		if loss > t.best.Loss {
			how = "not yet as good as"
		}
		text += fmt.Sprintf(", %s the best n-gram (%s, %.3f)", how, t.best.Name, t.best.Loss)
	}
	if t.floor != nil {
		text += fmt.Sprintf("; the language itself has %.3f", t.floor.Nats)
	}
	return text + "."
}

// The sample of a report has so many symbols, and tells of so many units.
const (
	drawn      = 120
	drawnUnits = 128
)

// draw draws the sample of a report and reads it: its bits, and what the units of the first layer did.
func (t *training) draw(ctx context.Context, m *model.Model) (string, error) {
	o := generate.Defaults()
	o.Length, o.Temperature, o.Seed = drawn, 0.8, t.r.Settings.Seed
	texts, err := generate.New(m).Strings(ctx, o)
	if err != nil {
		return "", err
	}
	t.sample, t.units = nil, nil
	if _, err := Score(ctx, m, TextRequest{Text: texts[0]}, func(s Symbol) error { t.sample = append(t.sample, s); return nil }); err != nil {
		return "", err
	}
	units, err := States(ctx, m, TextRequest{Text: texts[0]}, false)
	if err != nil {
		return "", err
	}
	units.keep(drawnUnits)
	t.units = &units
	return texts[0], nil
}

func (t *training) report(r train.Report) {
	t.emit(Report{
		Kind: "report", Step: r.Step, Steps: t.settings.Budget.Steps, Loss: r.Loss, Valid: r.ValidLoss, Seconds: r.Seconds,
		SymbolsPerSecond: r.SymbolsPerSecond, Sample: t.sample, Units: t.units,
	})
}

func (t *training) progress(p train.Progress) {
	if p.Phase != train.Training || math.IsNaN(p.Loss) {
		return
	}
	t.emit(Progress{"progress", p.Step, t.settings.Budget.Steps, p.Loss, time.Since(t.began).Seconds()})
}
