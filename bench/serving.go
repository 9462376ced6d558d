package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
)

// serving is the command that measures `elman serve` from outside: its speed beside that of generate.Text on the same cores, what
// a streamed symbol costs, how long streams wait between symbols, and whether every text is the one that the request gets alone.
func serving(ctx context.Context, args []string) error {
	var b servingBench
	fl := flag.NewFlagSet("serving", flag.ContinueOnError)
	program := fl.String("elman", "elman", "the program that serves")
	fl.IntVar(&b.rounds, "rounds", 5, "turns of each side")
	fl.IntVar(&b.streams, "streams", 1000, "streams side by side, in the last part")
	fl.DurationVar(&b.length, "length", time.Minute, "of the last part")
	if err := parse(fl, args, "usage: go run ./bench serving [flags] MODEL\n"); err != nil {
		return err
	}
	if fl.NArg() != 1 || b.rounds < 1 || b.streams < 1 || b.length <= 0 {
		return usagef("serving takes one model, and -rounds, -streams and -length must be positive")
	}
	m, err := model.Load(fl.Arg(0))
	if err != nil {
		return err
	}
	b.g = generate.New(m)
	if err := b.start(ctx, *program, fl.Arg(0)); err != nil {
		return err
	}
	err = errors.Join(b.measure(ctx), b.stop())
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

// A servingBench is a server and those who ask it.
type servingBench struct {
	rounds, streams int
	length          time.Duration
	g               *generate.Generator

	server *exec.Cmd
	url    string
	client http.Client
	log    bytes.Buffer
}

func (b *servingBench) measure(ctx context.Context) error {
	for _, n := range []int{1, 64} {
		if err := b.unstreamed(ctx, n); err != nil {
			return err
		}
	}
	if err := b.cost(ctx, 64); err != nil {
		return err
	}
	if err := b.crowd(ctx, 256, min(b.length, 20*time.Second)); err != nil {
		return err
	}
	return b.crowd(ctx, b.streams, b.length)
}

// unstreamed writes n samples by one request and by generate.Text, in turns.
func (b *servingBench) unstreamed(ctx context.Context, n int) error {
	length := 20_000
	if n > 1 {
		length = 2_000
	}
	var there, here []float64
	for range b.rounds + 1 { // one to warm up
		start := time.Now()
		texts, err := b.ask(ctx, fmt.Sprintf(`{"model": "bench", "max_tokens": %d, "n": %d, "seed": 1}`, length, n))
		if err != nil {
			return err
		}
		there = append(there, time.Since(start).Seconds())
		start = time.Now()
		alone, err := b.texts(ctx, length, n, 1)
		if err != nil {
			return err
		}
		here = append(here, time.Since(start).Seconds())
		if !bytes.Contains(texts, quoted(alone[n-1])) {
			return errors.New("the server writes other texts than generate.Text")
		}
	}
	ratios := make([]float64, b.rounds)
	for i := range ratios {
		ratios[i] = here[i+1] / there[i+1]
	}
	slices.Sort(ratios)
	fmt.Printf("%d unstreamed: %.0f symbols/s, %.2f of generate.Text's speed (%.2f to %.2f)\n", n,
		float64(n*length)/slices.Min(there[1:]), ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	return nil
}

// texts returns samples as the library draws them.
func (b *servingBench) texts(ctx context.Context, length, count int, seed uint64) ([]string, error) {
	o := generate.Defaults()
	o.Length, o.Count, o.Seed, o.Threads = length, count, seed, runtime.NumCPU()
	texts := make([]strings.Builder, count)
	err := b.g.Text(ctx, o, func(p generate.Piece) error {
		texts[p.Sample].WriteString(p.Text)
		return nil
	})
	all := make([]string, count)
	for i := range all {
		all[i] = texts[i].String()
	}
	return all, err
}

// cost compares the server's processor time for n streams with that for the same texts unstreamed.
func (b *servingBench) cost(ctx context.Context, n int) error {
	const length = 1500
	var times [2][]float64 // microseconds a symbol, unstreamed and streamed
	for range b.rounds {
		for streamed := range times {
			before, err := b.metric(ctx, "process_cpu_seconds_total")
			if err != nil {
				return err
			}
			group, clients := errgroup.WithContext(ctx)
			for i := range n {
				group.Go(func() error {
					return b.discard(clients, fmt.Sprintf(`{"model": "bench", "max_tokens": %d, "seed": %d, "stream": %t}`, length, i, streamed == 1))
				})
			}
			if err := group.Wait(); err != nil {
				return err
			}
			after, err := b.metric(ctx, "process_cpu_seconds_total")
			if err != nil {
				return err
			}
			times[streamed] = append(times[streamed], (after-before)*1e6/float64(n*length))
		}
	}
	plain, streamed := slices.Min(times[0]), slices.Min(times[1])
	fmt.Printf("%d requests, processor time of the server: unstreamed %.1f us a symbol, streamed %.1f, %.1f more\n", n, plain, streamed, streamed-plain)
	return nil
}

// crowd lets n clients ask for streams, again and again, and compares every text with the one that it is alone.
func (b *servingBench) crowd(ctx context.Context, n int, length time.Duration) error {
	symbols := func(i int) int { return 200 + i*37%400 } // so that texts begin and end at all times
	want := make([]string, n)
	for i := range want {
		alone, err := b.texts(ctx, symbols(i), 1, uint64(i))
		if err != nil {
			return err
		}
		want[i] = alone[0]
	}
	var texts, written, busy, other atomic.Int64
	waits := make([][]time.Duration, n)
	end := time.Now().Add(length)
	top := make(chan float64)
	go func() { top <- b.highest(ctx, "process_resident_memory_bytes", end) }()
	group, clients := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error {
			request := fmt.Sprintf(`{"model": "bench", "max_tokens": %d, "seed": %d, "stream": true}`, symbols(i), i)
			for time.Now().Before(end) {
				text, err := b.listen(clients, request, &waits[i])
				switch {
				case errors.Is(err, errBusy):
					busy.Add(1)
					time.Sleep(100 * time.Millisecond)
				case err != nil:
					return err
				case text != want[i]:
					other.Add(1)
				default:
					texts.Add(1)
					written.Add(int64(symbols(i)))
				}
			}
			return nil
		})
	}
	start := time.Now()
	before, _ := b.metric(ctx, "process_cpu_seconds_total")
	err := group.Wait()
	seconds := time.Since(start).Seconds()
	after, _ := b.metric(ctx, "process_cpu_seconds_total")
	all := slices.Sorted(slices.Values(slices.Concat(waits...)))
	memory := <-top
	if err != nil {
		return err
	}
	at := func(q float64) float64 { return all[int(q*float64(len(all)-1))].Seconds() * 1e3 }
	fmt.Printf("%d streams for %.0f s: %d whole texts, all equal to the same request alone; %d answers 429; %.0f symbols/s, %.1f us of the server's processor time each; between events %.1f ms (median), %.1f (p99), %.1f (most); %.0f MB\n",
		n, seconds, texts.Load(), busy.Load(), float64(written.Load())/seconds, (after-before)*1e6/float64(written.Load()), at(.5), at(.99), at(1), memory/1e6)
	if other.Load() > 0 {
		return fmt.Errorf("%d texts differ from the same request alone", other.Load())
	}
	return nil
}
