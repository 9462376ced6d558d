package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/train"
)

// serve is Elman's worker: as those in Python (see rounds.py), but each round is a training from the start. It measures
// the peak before and after a round and tells the higher.
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
	c, err := corpus.New(text, corpus.Options{})
	if err != nil {
		return err
	}
	s := j.Settings
	s.ReportEvery, s.ReportEpochs = 1<<40, false
	run := func(h train.HowLong) (train.Report, error) {
		s.HowLong = h
		r, err := train.Run(context.Background(), c, s, train.Options{Threads: j.Threads})
		if err != nil {
			return train.Report{}, err
		}
		return r.Report, nil
	}

	r, err := run(train.HowLong{Steps: int64(j.Check / (s.Batch * s.Window))})
	if err != nil {
		return err
	}
	tell := json.NewEncoder(out)
	tell.Encode(hello{About: "kernels " + f32.Active(), Loss: r.Loss})
	for lines := bufio.NewScanner(in); lines.Scan(); {
		seconds, err := strconv.ParseFloat(lines.Text(), 64)
		if err != nil {
			return err
		}
		peak := f32.Peak()
		r, err := run(train.HowLong{Time: time.Duration(seconds * float64(time.Second))})
		if err != nil {
			return err
		}
		if err := tell.Encode(answer{Chars: r.SymbolsPerSecond, Peak: max(peak, f32.Peak())}); err != nil {
			return err
		}
	}
	return nil
}
