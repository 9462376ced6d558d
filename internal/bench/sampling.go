package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
)

// A sampling is a workload of text written by a model, in several streams side by side.
type sampling struct {
	cell       string
	H, streams int
	precision  rnn.Precision
}

var samplings = []sampling{
	{"lstm", 128, 1, rnn.Float32},
	{"lstm", 128, 64, rnn.Float32},
	{"lstm", 256, 1, rnn.Float32},
	{"lstm", 256, 64, rnn.Float32},
	{"lstm", 512, 1, rnn.Float32},
	{"lstm", 512, 1, rnn.BF16},
	{"lstm", 512, 1, rnn.Int8},
	{"lstm", 512, 64, rnn.Float32},
	{"lstm", 512, 64, rnn.Int8},
}

func (s sampling) String() string {
	name := fmt.Sprintf("sample %s, H=%d, B=%d", s.cell, s.H, s.streams)
	if s.precision != rnn.Float32 {
		name += ", " + s.precision.String()
	}
	return name
}

func (s sampling) workers(most int) []int {
	if s.streams > 1 && most > 1 {
		return []int{1, most}
	}
	return []int{1}
}

func (s sampling) measure(ctx context.Context, workers int) (Figure, error) {
	m, err := newModel(s.cell, s.H, s.precision)
	if err != nil {
		return Figure{}, err
	}
	return charsFigure(operationsOf(m), workers, func() (float64, error) { return s.run(ctx, m, workers) })
}

// run samples for a while and returns the characters per second. The first of each stream come from what the prompt left
// and take no time step; the clock starts with them.
func (s sampling) run(ctx context.Context, m *model.Model, workers int) (float64, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	written, now := 0, timer(workers)
	var start, end time.Duration
	o := generate.Defaults()
	o.Count, o.Length, o.Seed, o.Threads = s.streams, 1<<30, 1, workers
	err := generate.New(m).Text(ctx, o, func(generate.Piece) error {
		if written == s.streams-1 {
			start = now()
		}
		// A look at the clock takes a fifth of a time step of one stream.
		if written++; written > s.streams && written%(64*s.streams) == 0 {
			if end = now(); end-start >= wholeRun {
				stop()
			}
		}
		return nil
	})
	if end <= start || !errors.Is(err, context.Canceled) {
		return 0, err
	}
	return float64(written-s.streams) / (end - start).Seconds(), nil
}
