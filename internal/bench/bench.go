// Package bench measures how fast this machine trains, as a share of what its processor can do at most. Every figure is
// the best of several short runs, since whatever else a machine does can only slow a run down.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/f32"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/train"
)

// A Figure is one measurement.
type Figure struct {
	Kernels string  `json:"kernels"` // the kernel set
	What    string  `json:"what"`
	Workers int     `json:"workers"`
	GFLOPS  float64 `json:"gflops"`                     // 10^9 operations per second, a multiply-add counting two
	OfPeak  float64 `json:"of_peak"`                    // share of the workers' peak
	Chars   float64 `json:"chars_per_second,omitempty"` // of training
}

// Run measures on the kernel sets named and hands each figure to emit as it comes. It leaves another kernel set in use than
// it found. It fails with ctx.Err() when ctx is cancelled.
func Run(ctx context.Context, sets []string, workers int, emit func(Figure)) error {
	for _, set := range sets {
		if err := f32.Use(set); err != nil {
			return err
		}
		runtime.LockOSThread()
		peak := f32.Peak() / 1e9
		emit(Figure{Kernels: set, What: "peak of multiply-adds", Workers: 1, GFLOPS: peak, OfPeak: 1})
		for _, p := range products {
			if err := ctx.Err(); err != nil {
				return err
			}
			g := p.measure()
			emit(Figure{Kernels: set, What: p.String(), Workers: 1, GFLOPS: g, OfPeak: g / peak})
		}
		runtime.UnlockOSThread()
		for _, w := range trainings {
			for _, n := range w.workers(workers) {
				chars, err := w.measure(ctx, n)
				if err != nil {
					return err
				}
				g := chars * w.flops() / 1e9
				emit(Figure{Kernels: set, What: w.name, Workers: n, GFLOPS: g, OfPeak: g / peak / float64(n), Chars: chars})
			}
		}
	}
	return nil
}

// A product is a matrix product of [m x k] and [k x n], or for a weight gradient the one of a transposed [k x m].
type product struct {
	m, n, k    int
	transposed bool
}

var products = []product{
	{m: 1, n: 128, k: 128}, {m: 8, n: 128, k: 128}, {m: 32, n: 256, k: 256}, {m: 64, n: 1024, k: 1024},
	{m: 128, n: 128, k: 15, transposed: true}, {m: 256, n: 256, k: 2048, transposed: true},
}

func (p product) String() string {
	if p.transposed {
		return fmt.Sprintf("weight gradient %dx%d of %d rows", p.m, p.n, p.k)
	}
	return fmt.Sprintf("product of %d rows by %dx%d", p.m, p.k, p.n)
}

// measure returns 10^9 operations per second.
func (p product) measure() float64 {
	c := f32.Mat(f32.Aligned(p.m*p.n), p.m, p.n)
	run := func() {}
	if p.transposed {
		a, b, scratch := f32.Mat(f32.Aligned(p.k*p.m), p.k, p.m), f32.Mat(f32.Aligned(p.k*p.n), p.k, p.n), f32.NewPacked(128, 48)
		run = func() { f32.MulTransA(c, a, b, false, scratch) }
	} else {
		a, b := f32.Mat(f32.Aligned(p.m*p.k), p.m, p.k), f32.NewPacked(p.k, p.n)
		run = func() { f32.MulPacked(c, a, b, false) }
	}
	return 2 * float64(p.m) * float64(p.n) * float64(p.k) / best(run) / 1e9
}

// best returns the seconds that run takes, at best.
func best(run func()) float64 {
	run()
	least, times := time.Hour, 1
	for begin := time.Now(); time.Since(begin) < 60*time.Millisecond; {
		start := time.Now()
		for range times {
			run()
		}
		took := time.Since(start)
		least = min(least, took/time.Duration(times))
		if took < 200*time.Microsecond { // long enough for the clock, short enough to slip through between disturbances
			times *= 2
			least = time.Hour
		}
	}
	return least.Seconds()
}

// A training is a workload of whole training steps.
type training struct {
	name     string
	settings func() train.Settings
	parallel bool // worth several workers
}

var trainings = []training{
	{name: "train notebook-srn (H=128, B=1, T=1)", settings: recipe("notebook-srn")},
	{name: "train notebook-rnn (H=128, B=1, T=15)", settings: recipe("notebook-rnn")},
	{name: "train tanh, H=256, B=32, T=64", parallel: true, settings: func() train.Settings {
		return train.Settings{Network: rnn.Config{Hidden: 256}, Batch: 32, Window: 64}
	}},
}

func recipe(name string) func() train.Settings {
	return func() train.Settings {
		r, err := train.FindRecipe(name)
		if err != nil {
			panic(err)
		}
		return r.Settings
	}
}

func (w training) workers(most int) []int {
	if w.parallel && most > 1 {
		return []int{1, most}
	}
	return []int{1}
}

// flops returns the operations for each character: forward, and twice as many back. The first layer looks its input up, so
// that its matrix counts for nothing.
func (w training) flops() float64 {
	h := float64(w.settings().Network.Hidden)
	return 6 * (h*h + h*symbols)
}

// symbols is the size of the alphabet, that of tinyshakespeare.
const symbols = 65

// measure returns characters per second.
func (w training) measure(ctx context.Context, workers int) (float64, error) {
	text := make([]byte, 1<<18)
	for i := range text {
		text[i] = '0' + byte((i*i+i/7)%symbols) // all of them occur, in no order worth learning
	}
	c, err := corpus.New(corpus.FromBytes("bench", text), corpus.Options{})
	if err != nil {
		return 0, err
	}
	s := w.settings()
	s.ReportEvery, s.ReportEpochs = 1<<40, false
	s.HowLong = train.HowLong{Time: 120 * time.Millisecond}
	fastest := 0.0
	for range 5 {
		r, err := train.Run(ctx, c, s, train.Options{Threads: workers})
		if err != nil {
			return 0, err
		}
		fastest = max(fastest, r.Report.SymbolsPerSecond)
	}
	return fastest, nil
}
