package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/bench"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/train"
)

// serve is Elman's worker, as those in Python (see rounds.py): a run that each round resumes.
func serve(arg string, in io.Reader, out io.Writer) error {
	var j job
	if err := json.Unmarshal([]byte(arg), &j); err != nil {
		return err
	}
	if err := f32.Use(j.Kernels); err != nil {
		return err
	}
	text, err := corpus.Open(context.Background(), []string{j.Text}, nil)
	if err != nil {
		return err
	}
	defer text.Close()
	c, err := corpus.New(text, closed(j.Valid.Share))
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(j.Folder, "run-")
	if err != nil {
		return err
	}
	l := learner{corpus: c, settings: j.Settings, options: train.Options{Folder: filepath.Join(folder, "run"), Threads: j.Threads}}
	l.settings.ReportEvery, l.settings.ReportEpochs = 1<<40, false

	r, err := l.train(int64(j.Check / l.window()))
	if err != nil {
		return err
	}
	h := hello{About: "kernels " + f32.Active(), Loss: r.Loss}
	tell := json.NewEncoder(out)
	tell.Encode(h)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		seconds, err := strconv.ParseFloat(lines.Text(), 64)
		if err != nil {
			return err
		}
		a, err := l.round(seconds)
		if err != nil {
			return err
		}
		if err := tell.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

// A learner is a run in progress.
type learner struct {
	corpus   *corpus.Corpus
	settings train.Settings
	options  train.Options
	last     train.Report
	busy     time.Duration // processor time of the last call of train
}

// window returns the characters of a training step.
func (l *learner) window() int { return l.settings.Batch * l.settings.Window }

// train goes on with the run for this many training steps, as elman train --resume does.
func (l *learner) train(steps int64) (train.Report, error) {
	l.settings.Budget = train.Budget{Steps: l.last.Step + steps}
	var start time.Duration
	l.options.Start = func(train.Start) { start = bench.ProcessTime() }
	l.options.Sample = func(*model.Model) (string, error) { // called after the last training step
		l.busy = bench.ProcessTime() - start
		return "", nil
	}
	r, err := train.Run(context.Background(), l.corpus, l.settings, l.options)
	if err != nil {
		return train.Report{}, err
	}
	l.options.Resume, l.last = true, r.Report
	return r.Report, nil
}

// round trains for about this many seconds, at the speed of the last time. The peak is measured before and after, as the
// clock of a processor changes.
func (l *learner) round(seconds float64) (answer, error) {
	before, done := f32.Peak(), l.last.Symbols
	r, err := l.train(int64(math.Ceil(seconds * l.last.SymbolsPerSecond / float64(l.window()))))
	if err != nil {
		return answer{}, err
	}
	chars := float64(r.Symbols - done)
	a := answer{Chars: chars, Seconds: chars / r.SymbolsPerSecond, Peak: (before + f32.Peak()) / 2}
	switch {
	case r.ValidLoss != nil: // whose time counts in l.busy
		a.ValidLoss = *r.ValidLoss
	case bench.KnowsProcessorTime:
		a.CPU = l.busy.Seconds()
	}
	return a, nil
}

// closed reads a text as the peers' scripts do: by an alphabet of all of it, also of what is held out.
func closed(valid float64) corpus.Options {
	return corpus.Options{Closed: true, AllSymbols: true, Valid: valid}
}
