// Package bench measures how fast this machine trains, as a share of what its processor can do at most. Every figure is
// the median of short runs, and every run is compared with the peak just before and after it: a processor's clock, and what
// else the machine does, change from one moment to the next.
package bench

import (
	"context"
	"runtime"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32"
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
		s := session{set: set, emit: emit}
		if err := s.products(ctx); err != nil {
			return err
		}
		if err := s.trainings(ctx, workers); err != nil {
			return err
		}
	}
	return nil
}

// A session measures one kernel set.
type session struct {
	set  string
	emit func(Figure)
}

// A series is short runs of one kind.
type series struct {
	speeds, shares []float64
	before         float64 // the peak before the next run
}

// newSeries begins one.
func newSeries() *series {
	return &series{before: f32.Peak()}
}

// add takes in a run that has just ended, in operations per second and core.
func (s *series) add(speed float64) {
	after := f32.Peak()
	s.speeds, s.shares = append(s.speeds, speed), append(s.shares, 2*speed/(s.before+after))
	s.before = after
}

// figure returns the medians.
func (s *series) figure(what string, workers int) Figure {
	slices.Sort(s.speeds)
	slices.Sort(s.shares)
	i := len(s.speeds) / 2
	return Figure{What: what, Workers: workers, GFLOPS: s.speeds[i] * float64(workers) / 1e9, OfPeak: s.shares[i]}
}

func (s *session) report(f Figure) {
	f.Kernels = s.set
	s.emit(f)
}

// products measures on one processor, without moving to another in between.
func (s *session) products(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f32.Peak() // wakes the processor up: the first multiply-adds of a new kind are slow
	s.report(Figure{What: "peak of multiply-adds", Workers: 1, GFLOPS: f32.Peak() / 1e9, OfPeak: 1})
	for _, p := range products {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.report(p.measure())
	}
	return nil
}

func (s *session) trainings(ctx context.Context, workers int) error {
	for _, t := range trainings {
		for _, n := range t.workers(workers) {
			f, err := t.measure(ctx, n)
			if err != nil {
				return err
			}
			s.report(f)
		}
	}
	return nil
}
