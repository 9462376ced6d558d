package schedule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
	"github.com/seed-f4dd853e/elman/rnn"
	"github.com/seed-f4dd853e/elman/score"
)

const verse = "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"

// untrained returns a model of the symbols of a verse, with weights drawn far apart, so that it has decided tastes.
func untrained(t testing.TB, o corpus.Options) *model.Model {
	t.Helper()
	c, err := corpus.New(corpus.FromBytes("test", []byte(verse)), o)
	if err != nil {
		t.Fatal(err)
	}
	network, err := rnn.New(rnn.Config{Cell: "gru", Symbols: c.Alphabet.Size(), Hidden: 19})
	if err != nil {
		t.Fatal(err)
	}
	network.Init(rnn.Init{Normal: 0.7}, 1)
	return &model.Model{Network: network, Alphabet: c.Alphabet, Documents: o.Documents}
}

// start returns an engine that is closed when the test ends, which then fails if goroutines are left.
func start(t *testing.T, m *model.Model, l Limits) *Engine {
	t.Helper()
	before := runtime.NumGoroutine()
	e := New(m, l, Observer{})
	t.Cleanup(func() {
		if err := e.Close(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Close: %v", err)
		}
		for i := 0; runtime.NumGoroutine() > before && i < 1000; i++ { // those that end need a moment
			time.Sleep(time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, %d before", n, before)
		}
		if s := e.Stats(); s.Running+s.Waiting+s.Paused != 0 || e.rows != 0 || len(e.queue.clients)+len(e.queue.turns)+len(e.replies) != 0 {
			t.Errorf("a closed engine has %+v, %d rows, %+v, %d replies", s, e.rows, e.queue, len(e.replies))
		}
	})
	return e
}

func limits(workers, rows, waiting int) Limits {
	return Limits{Workers: workers, Rows: rows, Waiting: waiting, PerClient: math.MaxInt, Buffer: 8, Turn: 4}
}

func options(length int, seed uint64) generate.RowOptions {
	o := generate.RowDefaults()
	o.Length, o.Seed = length, seed
	return o
}

// read reads a reply to its end, and returns the text of each row.
func read(r *Reply, rows int) ([]string, error) {
	texts := make([]strings.Builder, rows)
	ended := 0
	for {
		events, err := r.Read()
		if err == io.EOF && ended == rows {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("with %d rows of %d ended: %w", ended, rows, err)
		}
		for _, x := range events {
			if texts[x.Row].WriteString(x.Text); x.End != "" {
				ended++
			}
		}
	}
	all := make([]string, rows)
	for i := range all {
		all[i] = texts[i].String()
	}
	return all, nil
}

// TestManyStreams runs 1,000 requests side by side, of clients that read slowly, cancel or do not read at all, and compares each text
// with that of the same request alone.
func TestManyStreams(t *testing.T) {
	m := untrained(t, corpus.Options{Closed: true, Documents: corpus.Lines})
	e := start(t, m, limits(2, 64, 2000))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	errs := make(chan error, 1000)
	for i := range 1000 {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		o := generate.Defaults()
		o.Length, o.Seed, o.Count, o.Temperature = 1+r.IntN(60), uint64(i), 1+r.IntN(2), []float64{0, 0.8, 1}[r.IntN(3)]
		o.Prompt, o.Stops = []string{"", "Thou", strings.Repeat(verse, 3)}[r.IntN(3)], [][]string{nil, {"e"}, {"th", "e\n"}}[r.IntN(3)]
		prompt, err := e.Generator().NewPrompt(nil, o.Prompt)
		if err != nil {
			t.Fatal(err)
		}
		q := Request{Client: fmt.Sprint(r.IntN(30)), Whole: r.IntN(2) == 0}
		for sample := range o.Count {
			q.Rows = append(q.Rows, generate.RowOptions{
				Prompt: prompt, Length: o.Length, Stops: o.Stops, Temperature: o.Temperature, TopP: 1, Seed: o.Seed, Sample: sample, Logprobs: -1,
			})
		}
		patience := r.IntN(10)
		all.Go(func() {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			reply, err := e.Do(ctx, q)
			if err != nil {
				errs <- err
				return
			}
			switch {
			case patience == 0: // reads nothing
				reply.Close()
				return
			case patience == 1: // breaks off
				reply.Read()
				cancel()
				for err == nil {
					_, err = reply.Read()
				}
				if err != io.EOF && !errors.Is(err, context.Canceled) {
					errs <- err
				}
				return
			case patience < 5:
				time.Sleep(time.Duration(patience) * time.Millisecond)
			}
			got, err := read(reply, o.Count)
			if err != nil {
				errs <- err
				return
			}
			want, err := generate.New(m).Strings(ctx, o)
			if err != nil {
				errs <- err
				return
			}
			for i := range got {
				if got[i] != want[i][len(o.Prompt):] {
					errs <- fmt.Errorf("%+v: sample %d is %q, want %q", o, i, got[i], want[i][len(o.Prompt):])
				}
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

// TestLogprobsAsScored reads texts with the engine and with a Scorer, and compares all bits.
func TestLogprobsAsScored(t *testing.T) {
	for _, o := range []corpus.Options{
		{}, {MinCount: 2}, {Documents: corpus.Lines}, {Documents: corpus.Paragraphs, Lowercase: true, MinCount: 2},
		{Kind: corpus.Words}, {Kind: corpus.Words, Documents: corpus.Lines, MinCount: 2}, {Kind: corpus.Bytes}, {Kind: corpus.Subwords, AlphabetSize: 270},
	} {
		m := untrained(t, o)
		e := start(t, m, limits(1, 8, 8))
		text := verse + "\n\n {unknown}  symbols, NOT in it;\n \n\n" + strings.Repeat(verse, 2)
		prompt, err := e.Generator().NewPrompt(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		row := generate.RowDefaults()
		row.Prompt, row.Length, row.Echo, row.Logprobs = prompt, 0, true, 0
		reply, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{row}})
		if err != nil {
			t.Fatal(err)
		}
		var got []score.Bits
		echo := ""
		for events, err := reply.Read(); err != io.EOF; events, err = reply.Read() {
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range events {
				echo += x.Text
				got = append(got, score.Bits(math.Round(-x.Logprob*math.Log2E*(1<<24)))+score.Bits(x.Spelling*(1<<24)))
			}
		}
		i := 0
		if err := score.New(m, score.Extras{}).Text(t.Context(), []byte(text), func(x score.Symbol) error {
			if i >= len(got) || got[i] != x.Bits {
				t.Fatalf("%+v: symbol %d, %q, of %d takes %v bits, want %v", o, i, x.Text, len(got), got[min(i, len(got)-1)], x.Bits)
			}
			i++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if i != len(got) || echo != text {
			t.Errorf("%+v: %d symbols, want %d; echo %q", o, len(got), i, echo)
		}
	}
}

// TestBusy fills an engine, whose rows nobody reads, up to its limits.
func TestBusy(t *testing.T) {
	l := limits(1, 2, 3)
	l.PerClient = 4
	e := start(t, untrained(t, corpus.Options{}), l)
	do := func(client string, rows int) error {
		q := Request{Client: client}
		for i := range rows {
			q.Rows = append(q.Rows, options(100, uint64(i)))
		}
		_, err := e.Do(t.Context(), q)
		return err
	}
	if _, err := e.Do(t.Context(), Request{Client: "a", Rows: []generate.RowOptions{options(1, 1), options(-1, 1)}}); err == nil || errors.Is(err, ErrBusy) {
		t.Errorf("a row of length -1: error %v", err)
	}
	for _, tt := range []struct {
		client string
		rows   int
		want   error
	}{{"a", 5, ErrTooMany}, {"a", 3, nil}, {"a", 2, ErrBusy}, {"a", 1, nil}, {"b", 2, ErrBusy}, {"b", 1, nil}, {"c", 1, ErrBusy}, {"c", 0, nil}} {
		if err := do(tt.client, tt.rows); !errors.Is(err, tt.want) {
			t.Errorf("%d rows of %s: error %v, want %v", tt.rows, tt.client, err, tt.want)
		}
	}
	wait(t, e, func(s Stats) bool { return s.Paused == 5 }) // and nobody reads
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Close(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
	if err := do("a", 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// wait waits until an engine's statistics are as they should.
func wait(t *testing.T, e *Engine, as func(Stats) bool) {
	t.Helper()
	for i := 0; !as(e.Stats()); i++ {
		if i == 10000 {
			t.Fatalf("stays at %+v", e.Stats())
		}
		time.Sleep(time.Millisecond)
	}
}

// TestSlowReader: a row that nobody reads pauses, makes place for others, and goes on when it is read.
func TestSlowReader(t *testing.T) {
	m := untrained(t, corpus.Options{Closed: true})
	e := start(t, m, limits(1, 1, 10))
	var replies []*Reply
	for i := range 3 {
		r, err := e.Do(t.Context(), Request{Client: "a", Rows: []generate.RowOptions{options(100, uint64(i))}})
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, r)
	}
	wait(t, e, func(s Stats) bool { return s.Paused == 3 })
	if s := e.Stats(); s.Written != 3*8 {
		t.Errorf("%+v; want 8 symbols of each", s)
	}
	for i, r := range replies {
		got, err := read(r, 1)
		o := generate.Defaults()
		o.Length, o.Seed = 100, uint64(i)
		want, _ := generate.New(m).Strings(t.Context(), o)
		if err != nil || got[0] != want[0] {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
}

// TestGuessesTakePlace: rows that tell of many likely symbols pause sooner, since it is memory that is bounded.
func TestGuessesTakePlace(t *testing.T) {
	e := start(t, untrained(t, corpus.Options{}), limits(1, 2, 2))
	o := options(100, 1)
	o.Logprobs = 100
	if _, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{o}}); err != nil {
		t.Fatal(err)
	}
	wait(t, e, func(s Stats) bool { return s.Paused == 1 })
	if s := e.Stats(); s.Written != 4 { // each with guesses that take the place of one more
		t.Errorf("%d tokens wait for their reader, want 4", s.Written)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	e.Close(cancelled)
}

// TestObserver counts what an observer is told.
func TestObserver(t *testing.T) {
	queued, first := make(chan time.Duration, 9), make(chan time.Duration, 9)
	e := New(untrained(t, corpus.Options{}), limits(1, 1, 9), Observer{
		Queued: func(d time.Duration) { queued <- d }, First: func(d time.Duration) { first <- d },
	})
	echoed := options(0, 4)
	echoed.Echo = true
	if echoed.Prompt, _ = e.Generator().NewPrompt(nil, "Thou"); echoed.Prompt == nil {
		t.Fatal("no prompt")
	}
	r, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{options(40, 1), options(1, 2), options(0, 3), echoed}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(r, 4); err != nil {
		t.Error(err)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if s := e.Stats(); len(queued) != 4 || len(first) != 2 || s.Written != 41 || s.Read != 3+5 {
		t.Errorf("%d rows queued, %d have a first symbol, %+v", len(queued), len(first), s)
	}
}
