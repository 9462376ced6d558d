package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/internal/report"
	"github.com/seed-f4dd853e/elman/train"
)

// A seedRun is an experiment for one seed: it trains, and leaves printing to the session.
type seedRun struct{ Options }

// train trains on a corpus with defaults, the changes of change, and the run's seed, threads and progress. what names the
// network in the progress.
func (t seedRun) train(ctx context.Context, what string, c *corpus.Corpus, change func(*train.Settings), o train.Options) (*train.Result, error) {
	s, err := train.Defaults(train.FactsOf(c), func(s *train.Settings) {
		change(s)
		s.Seed = t.Seed
	})
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

// perSeed runs f for each seed, side by side if there are threads, and returns the results in the order of the seeds. The
// first error in that order ends it.
func perSeed[T any](ctx context.Context, s *session, f func(context.Context, seedRun) (T, error)) ([]T, error) {
	seeds := s.result.Seeds
	workers := min(len(seeds), max(1, s.Threads))
	results, errs := make([]T, len(seeds)), make([]error, len(seeds))
	all, cancel := context.WithCancel(ctx)
	defer cancel()
	tell := s.progressOfSeeds()
	next := make(chan int)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				t := seedRun{s.Options}
				t.Seed, t.Threads, t.Out, t.Progress = seeds[i], max(1, s.Threads/workers), io.Discard, tell.progress
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
		if err != nil && (first == nil || errors.Is(first, context.Canceled)) { // seeds that were cancelled are not the reason
			first = err
		}
	}
	return results, first
}

// A seedsProgress combines the progress of seeds that run side by side.
type seedsProgress struct {
	tell    func(what string, done float64)
	lock    sync.Mutex
	of, end int
}

func (s *session) progressOfSeeds() *seedsProgress {
	return &seedsProgress{tell: s.Progress, of: len(s.result.Seeds)}
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

// spread returns a number over several seeds.
func spread(numbers []float64) report.Spread { return report.SpreadOf(numbers) }

// over returns the number of each seed.
func over[T any](results []T, of func(T) float64) []float64 {
	numbers := make([]float64, len(results))
	for i, r := range results {
		numbers[i] = of(r)
	}
	return numbers
}

// each returns whether a condition holds for each seed.
func each[T any](results []T, so func(T) bool) []bool {
	all := make([]bool, len(results))
	for i, r := range results {
		all[i] = so(r)
	}
	return all
}
