package experiment

import (
	"context"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/train"
)

// A trial is an experiment for one seed: it trains, and leaves it to the lab to print.
type trial struct{ Options }

// train trains on a corpus with the trial's seed; what says which network that is. Of the options, threads and progress are
// the trial's.
func (t trial) train(ctx context.Context, what string, c *corpus.Corpus, s train.Settings, o train.Options) (*train.Result, error) {
	s.Seed = t.Seed
	s, err := s.WithDefaults(c.Alphabet.Size(), c.Train().Len())
	if err != nil {
		return nil, err
	}
	o.Threads = s.Workers(max(1, t.Threads))
	if t.Progress != nil {
		o.Progress = func(p train.Progress) { t.Progress("training "+what, p.Done) }
	}
	result, err := train.Run(ctx, c, s, o)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return result, err
}

// perSeed runs f for each seed of the result, several side by side where there are threads for that, and returns what they
// gave in the order of the seeds. The first error in that order ends it.
func perSeed[T any](ctx context.Context, l *lab, f func(context.Context, trial) (T, error)) ([]T, error) {
	seeds := l.result.Seeds
	workers := min(len(seeds), max(1, l.Threads))
	results, errs := make([]T, len(seeds)), make([]error, len(seeds))
	all, cancel := context.WithCancel(ctx)
	defer cancel()
	tell := l.progressOfSeeds()
	next := make(chan int)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				t := trial{l.Options}
				t.Seed, t.Threads, t.Out, t.Progress = seeds[i], max(1, l.Threads/workers), io.Discard, tell.progress
				if results[i], errs[i] = f(all, t); errs[i] != nil {
					cancel()
				}
				tell.finished()
			}
		})
	}
	for i := range seeds {
		next <- i
	}
	close(next)
	wait.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var first error
	for _, err := range errs {
		if err != nil && (first == nil || first == context.Canceled) { // what the others were ended with is not the reason
			first = err
		}
	}
	return results, first
}

// A seedsProgress tells of seeds that run side by side.
type seedsProgress struct {
	tell    func(what string, done float64)
	lock    sync.Mutex
	of, end int
}

func (l *lab) progressOfSeeds() *seedsProgress {
	return &seedsProgress{tell: l.Progress, of: len(l.result.Seeds)}
}

func (p *seedsProgress) progress(what string, done float64) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.tell == nil {
		return
	}
	if p.of > 1 {
		what = fmt.Sprintf("%s, %d of %d seeds done", what, p.end, p.of)
	}
	p.tell(what, done)
}

func (p *seedsProgress) finished() {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.end++
}

// A Spread is a number over several seeds.
type Spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // standard deviation of the sample; 0 of a single seed
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// spread returns that of some numbers, at least one. Products are rounded before sums, so that it is the same everywhere.
func spread(numbers []float64) Spread {
	s := Spread{Low: math.Inf(1), High: math.Inf(-1)}
	n := float64(len(numbers))
	for _, x := range numbers {
		s.Mean += x / n
		s.Low, s.High = min(s.Low, x), max(s.High, x)
	}
	if n > 1 {
		squares := 0.0
		for _, x := range numbers {
			squares += float64((x - s.Mean) * (x - s.Mean))
		}
		s.SD = math.Sqrt(squares / (n - 1))
	}
	return s
}

// String writes the mean, and in brackets the range, with as many digits as the largest needs.
func (s Spread) String() string {
	write := number
	switch size := max(math.Abs(s.Low), math.Abs(s.High)); {
	case size >= 1000 && size < 1e6:
		write = func(v float64) string { return fmt.Sprintf("%.0f", v) }
	case size >= 100 && size < 1000:
		write = func(v float64) string { return fmt.Sprintf("%.1f", v) }
	case size >= 10 && size < 100:
		write = func(v float64) string { return fmt.Sprintf("%.2f", v) }
	}
	if s.Low == s.High {
		return write(s.Low)
	}
	return fmt.Sprintf("%s (%s to %s)", write(s.Mean), write(s.Low), write(s.High))
}

// over returns a number of each seed.
func over[T any](results []T, of func(T) float64) []float64 {
	numbers := make([]float64, len(results))
	for i, r := range results {
		numbers[i] = of(r)
	}
	return numbers
}

// each says of each seed whether it is so.
func each[T any](results []T, so func(T) bool) []bool {
	all := make([]bool, len(results))
	for i, r := range results {
		all[i] = so(r)
	}
	return all
}
