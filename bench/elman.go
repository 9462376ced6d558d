package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/train"
)

// serve is Elman's worker, as those in Python (see rounds.py): a run that each round resumes.
func serve(arg string, in io.Reader, out io.Writer) error {
	var j job
	if err := json.Unmarshal([]byte(arg), &j); err != nil {
		return err
	}
	text, err := corpus.Open([]string{j.Text}, nil)
	if err != nil {
		return err
	}
	defer text.Close()
	c, err := corpus.New(text, corpus.Options{Closed: true, Valid: j.Valid.Share})
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(j.Folder, "run-")
	if err != nil {
		return err
	}
	l := learner{corpus: c, settings: j.Settings, options: train.Options{Folder: filepath.Join(folder, "run"), Threads: j.Threads}}
	l.settings.ReportEvery, l.settings.ReportEpochs = 1<<40, false

	h := hello{About: "kernels " + f32.Active()}
	if j.Check > 0 {
		r, err := l.train(train.HowLong{Steps: int64(j.Check / (j.Settings.Batch * j.Settings.Window))})
		if err != nil {
			return err
		}
		h.Loss = r.Loss
	}
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
	symbols  int64 // trained on so far
}

// train goes on with the run, as elman train --resume does.
func (l *learner) train(h train.HowLong) (train.Report, error) {
	l.settings.HowLong = h
	r, err := train.Run(context.Background(), l.corpus, l.settings, l.options)
	if err != nil {
		return train.Report{}, err
	}
	l.options.Resume = true
	return r.Report, nil
}

// round trains for so many seconds. The peak is measured before and after, as the clock of a processor changes.
func (l *learner) round(seconds float64) (answer, error) {
	before := f32.Peak()
	r, err := l.train(train.HowLong{Time: time.Duration(seconds * float64(time.Second))})
	if err != nil {
		return answer{}, err
	}
	a := answer{Chars: float64(r.Symbols - l.symbols), Peak: (before + f32.Peak()) / 2}
	if a.Chars == 0 {
		return a, fmt.Errorf("no training step in a round of %v s; choose a longer -length", seconds)
	}
	a.Seconds = a.Chars / r.SymbolsPerSecond
	if r.ValidLoss != nil {
		a.ValidLoss = *r.ValidLoss
	}
	l.symbols = r.Symbols
	return a, nil
}
