// Package bench measures how fast this machine trains, as a share of what its processor can do at most. Every figure is
// the best of several short runs, since whatever else a machine does can only slow a run down.
package bench

import (
	"context"
	"runtime"

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

// A session measures one kernel set. The clock of a processor changes with time and heat, so the peak is measured anew
// after each figure; if something disturbs it, the one before still holds.
type session struct {
	set  string
	emit func(Figure)
	peak float64 // of one core, as it was last
}

func (s *session) report(f Figure) {
	before := s.peak
	s.peak = f32.Peak() / 1e9
	f.Kernels, f.OfPeak = s.set, f.GFLOPS/max(before, s.peak)/float64(f.Workers)
	s.emit(f)
}

// products measures on one processor, without moving to another in between.
func (s *session) products(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.peak = f32.Peak() / 1e9
	s.emit(Figure{Kernels: s.set, What: "peak of multiply-adds", Workers: 1, GFLOPS: s.peak, OfPeak: 1})
	for _, p := range products {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.report(Figure{What: p.String(), Workers: 1, GFLOPS: p.measure()})
	}
	return nil
}

func (s *session) trainings(ctx context.Context, workers int) error {
	for _, t := range trainings {
		for _, n := range t.workers(workers) {
			chars, err := t.measure(ctx, n)
			if err != nil {
				return err
			}
			s.report(Figure{What: t.name, Workers: n, GFLOPS: chars * t.operations() / 1e9, Chars: chars})
		}
	}
	return nil
}
