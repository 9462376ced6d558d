package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func text() *corpus.Text {
	text := make([]byte, 1<<18)
	for i := range text {
		text[i] = '0' + byte((i*i+i/7)%65)
	}
	return corpus.FromBytes("bench", text)
}

const run = 12 * time.Millisecond

func best(name string, f func() float64) {
	b := 0.0
	f()
	for begin := time.Now(); time.Since(begin) < 3*time.Second; {
		b = max(b, f())
	}
	fmt.Printf("%s %s %.0f\n", f32.Active(), name, b)
}

func main() {
	if len(os.Args) > 1 {
		check(f32.Use(os.Args[1]))
	}
	c, err := corpus.New(text(), corpus.Options{Closed: true})
	check(err)
	net, err := rnn.New(rnn.Config{Cell: "lstm", Symbols: 65, Hidden: 256})
	check(err)
	net.Init(rnn.Init{}, 1)
	m := &model.Model{Network: net, Alphabet: c.Alphabet}
	for _, count := range []int{1, 64} {
		if len(os.Args) > 2 && os.Args[2] != fmt.Sprint(count) {
			continue
		}
		r := net.NewInferenceWindow(count, nil)
		x := make([]int32, count)
		best(fmt.Sprintf("forward B=%d", count), func() float64 {
			n := 0
			start := time.Now()
			for time.Since(start) < run {
				r.Forward(x)
				n += count
			}
			return float64(n) / time.Since(start).Seconds()
		})
		best(fmt.Sprintf("sample B=%d", count), func() float64 {
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			written, start, end := 0, time.Time{}, time.Time{}
			o := generate.Defaults()
			o.Count, o.Length, o.Seed, o.Threads = count, 1<<30, 1, 1
			err := generate.New(m).Text(ctx, o, func(generate.Piece) error {
				if written == 10*count-1 {
					start = time.Now()
				}
				if written++; written > 10*count && written%count == 0 {
					if end = time.Now(); end.Sub(start) >= run {
						stop()
					}
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				panic(err)
			}
			return float64(written-10*count) / end.Sub(start).Seconds()
		})
	}
	if len(os.Args) > 2 {
		return
	}
	for _, cell := range []string{"lstm", "gru"} {
		s, err := train.Defaults(train.Facts{Symbols: 65, Length: 1 << 18}, func(s *train.Settings) {
			s.Network.Cell, s.Network.Hidden, s.Network.Layers = cell, 128, 1
			s.Batch, s.Window, s.Optimizer.Optimizer, s.ClipNorm = 32, 50, "adam", 1
			s.ReportEvery, s.ReportEpochs, s.Budget.Epochs, s.Budget.Steps = 1, false, 0, 150
		})
		check(err)
		b := 0.0
		_, err = train.Run(context.Background(), c, s, train.Options{Threads: 1, Report: func(r train.Report) { b = max(b, r.SymbolsPerSecond) }})
		check(err)
		fmt.Printf("%s train %s %.0f\n", f32.Active(), cell, b)
	}
}
