// Package bench measures how fast this machine trains and samples, as a share of what its processor can do at most. Every
// figure is the median of short runs, and every run is compared with the peak just before and after it: a processor's
// clock, and what else the machine does, change from one moment to the next. Where the system tells it, the time of one
// worker is processor time, which stands still while other work has the core.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-f4dd853e/elman/internal/f32"
)

// A Figure is one measurement.
type Figure struct {
	Kernels  string  `json:"kernels"` // the kernel set
	What     string  `json:"what"`
	Workers  int     `json:"workers"`
	GFLOPS   float64 `json:"gflops,omitempty"`             // of matrix products: 10^9 operations per second, a multiply-add counting two
	OfPeak   float64 `json:"of_peak,omitempty"`            // share of the workers' peak that they are
	Chars    float64 `json:"chars_per_second,omitempty"`   // of training, sampling and scoring
	Numbers  float64 `json:"numbers_per_second,omitempty"` // of pointwise kernels: results
	Clock    float64 `json:"clock,omitempty"`              // cycles per second meanwhile; 0 if it is not known
	PerCycle float64 `json:"per_cycle,omitempty"`          // operations, of pointwise kernels results, in a cycle of one worker
}

// A Benchmark is one thing to measure.
type Benchmark interface {
	String() string
	workers(most int) []int // numbers of workers worth a figure each
	measure(ctx context.Context, workers int) (Figure, error)
}

// All returns every benchmark but the products: kernels, then whole training steps of every cell, then sampling and
// scoring.
func All() []Benchmark {
	list := []Benchmark{peak{}}
	for _, p := range pointwises {
		list = append(list, p)
	}
	for _, t := range trainings() {
		list = append(list, t)
	}
	for _, s := range samplings {
		list = append(list, s)
	}
	for _, s := range scorings {
		list = append(list, s)
	}
	return list
}

// Select returns the products and the other benchmarks that have any of the names as a part of theirs, or all. A name that
// none has is an error.
func Select(names []string) ([]Product, []Benchmark, error) {
	products, others := Products(), All()
	if len(names) == 0 {
		return products, others, nil
	}
	for _, name := range names {
		one := []string{name}
		if !slices.ContainsFunc(products, func(p Product) bool { return has(p, one) }) &&
			!slices.ContainsFunc(others, func(b Benchmark) bool { return has(b, one) }) {
			return nil, nil, fmt.Errorf("%.40q is in no benchmark's name, such as %q", name, others[len(others)-1])
		}
	}
	return slices.DeleteFunc(products, func(p Product) bool { return !has(p, names) }),
		slices.DeleteFunc(others, func(b Benchmark) bool { return !has(b, names) }), nil
}

// has reports whether any of the names is a part of a benchmark's.
func has(b fmt.Stringer, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(b.String(), name) })
}

// Run measures on the kernel sets named and hands each figure to emit as it comes. It leaves another kernel set in use than
// it found. It fails with ctx.Err() when ctx is cancelled.
func Run(ctx context.Context, list []Benchmark, sets []string, workers int, emit func(Figure)) error {
	for _, set := range sets {
		if err := f32.Use(set); err != nil {
			return err
		}
		f32.Peak() // wakes the processor up: the first multiply-adds of a new kind are slow
		for _, b := range list {
			for _, n := range b.workers(workers) {
				if err := ctx.Err(); err != nil {
					return err
				}
				f, err := b.measure(ctx, n)
				if err != nil {
					return err
				}
				f.Kernels, f.What, f.Workers = set, b.String(), n
				emit(f)
			}
		}
	}
	return nil
}

// peak is the benchmark of what the others are compared with.
type peak struct{}

func (peak) String() string    { return "peak of multiply-adds" }
func (peak) workers(int) []int { return []int{1} }

func (peak) measure(context.Context, int) (Figure, error) {
	runs := newSeries()
	for range 5 {
		runs.add(f32.Peak())
	}
	f := runs.figure(1, 1)
	f.OfPeak = 1
	return f, nil
}

// A series is short runs of one kind.
type series struct {
	speeds, peaks, clocks []float64
	before                float64 // the peak before the next run
}

// newSeries begins one.
func newSeries() *series {
	s := &series{}
	s.begin()
	return s
}

// begin is called before a run that does not follow the one before at once.
func (s *series) begin() { s.before = f32.Peak() }

// add takes in a run that has just ended: how much was done in a second.
func (s *series) add(speed float64) {
	cycles, after := clock(), f32.Peak()
	s.speeds, s.peaks, s.clocks = append(s.speeds, speed), append(s.peaks, (s.before+after)/2), append(s.clocks, cycles)
	s.before = after
}

// speed returns the median.
func (s *series) speed() float64 { return median(s.speeds) }

// figure returns the medians for a unit of work that takes this many operations of products.
func (s *series) figure(operations float64, workers int) Figure {
	f := s.cycles(operations / float64(workers))
	shares := make([]float64, len(s.speeds))
	for i := range shares {
		shares[i] = s.speeds[i] * operations / (s.peaks[i] * float64(workers))
	}
	f.GFLOPS, f.OfPeak = s.speed()*operations/1e9, median(shares)
	return f
}

// cycles returns the clock, and how much is done in a cycle if a unit of work is this much; nothing if the clock was mostly
// unknown.
func (s *series) cycles(unit float64) Figure {
	var clocks, perCycle []float64
	for i, hz := range s.clocks {
		if hz > 0 {
			clocks, perCycle = append(clocks, hz), append(perCycle, s.speeds[i]*unit/hz)
		}
	}
	if len(clocks) <= len(s.clocks)/2 {
		return Figure{}
	}
	return Figure{Clock: median(clocks), PerCycle: median(perCycle)}
}

func median(x []float64) float64 { return slices.Sorted(slices.Values(x))[len(x)/2] }

// kernel returns runs of what takes little time, on one processor, without moving to another in between; a unit is one call.
func kernel(run func()) *series {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times := repeats(run)
	runs := newSeries()
	for begin := time.Now(); len(runs.speeds) < 5 || time.Since(begin) < 100*time.Millisecond; {
		start := ThreadTime()
		for range times {
			run()
		}
		runs.add(float64(times) / (ThreadTime() - start).Seconds())
	}
	return runs
}

// repeats returns how often to repeat what takes little time, so that the clock can measure it.
func repeats(run func()) int {
	for times := 1; ; times *= 2 {
		start := ThreadTime()
		for range times {
			run()
		}
		if ThreadTime()-start > time.Millisecond {
			return times
		}
	}
}

const (
	wholeRun  = 60 * time.Millisecond // of training, sampling or scoring
	wholeRuns = 11
)

// timer returns what tells the time of work by this many workers: of one alone, the processor time.
func timer(workers int) func() time.Duration {
	if workers == 1 {
		return ProcessTime
	}
	begin := time.Now()
	return func() time.Duration { return time.Since(begin) }
}

// wholeMost is when there is no further run: a training step in plain Go takes longer. The test has less patience.
var wholeMost = time.Second

// whole returns runs of training, sampling or scoring; run returns its characters per second.
func whole(run func() (float64, error)) (*series, error) {
	runs := newSeries()
	for begin := time.Now(); len(runs.speeds) == 0 || len(runs.speeds) < wholeRuns && time.Since(begin) < wholeMost; {
		speed, err := run()
		if err != nil {
			return nil, err
		}
		runs.add(speed)
	}
	return runs, nil
}

// charsFigure returns the figure of whole runs, each of which returns its characters per second, given the operations that one
// takes.
func charsFigure(operations float64, workers int, run func() (float64, error)) (Figure, error) {
	runs, err := whole(run)
	if err != nil {
		return Figure{}, err
	}
	f := runs.figure(operations, workers)
	f.Chars = runs.speed()
	return f, nil
}
