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

// serve is Elman's worker: as those in Python (see rounds.py), but a round is several trainings from the start.
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
	c, err := corpus.New(text, corpus.Options{Closed: true})
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
		a, err := round(seconds, run)
		if err != nil {
			return err
		}
		if err := tell.Encode(a); err != nil {
			return err
		}
	}
	return nil
}

// round trains for so many seconds, in slices: the peak is measured before and after each, as the clock of a processor
// changes within a round.
func round(seconds float64, run func(train.HowLong) (train.Report, error)) (answer, error) {
	const slices = 3
	var chars, took, peaks float64
	for range slices {
		before := f32.Peak()
		r, err := run(train.HowLong{Time: time.Duration(seconds / slices * float64(time.Second))})
		if err != nil {
			return answer{}, err
		}
		chars, took, peaks = chars+float64(r.Symbols), took+r.Seconds, peaks+(before+f32.Peak())/2
	}
	return answer{Chars: chars / took, Peak: peaks / slices}, nil
}
