package schedule

import (
	"context"
	"errors"
	"io"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/seed-f4dd853e/elman/corpus"
	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
)

// TestDrain: Close lets rows end.
func TestDrain(t *testing.T) {
	e := start(t, untrained(t, corpus.Options{}), limits(2, 2, 10))
	r, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{options(3000, 1), options(50, 2), options(5, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	var closing sync.WaitGroup
	closing.Go(func() {
		if err := e.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if _, err := read(r, 3); err != nil {
		t.Error(err)
	}
	closing.Wait()
}

// TestCloseOfIdle: Close ends workers that wait for work.
func TestCloseOfIdle(t *testing.T) {
	e := start(t, untrained(t, corpus.Options{}), limits(2, 2, 10))
	for idle := 0; idle < 2; time.Sleep(time.Millisecond) {
		e.mu.Lock()
		idle = e.idle
		e.mu.Unlock()
	}
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLateRequest: a request that was accepted just before the engine gave up what was left is given up too.
func TestLateRequest(t *testing.T) {
	e := start(t, untrained(t, corpus.Options{}), limits(1, 2, 2))
	e.cancelAll()
	r, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{options(1<<30, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(); !errors.Is(err, ErrClosed) {
		t.Errorf("Read: %v", err)
	}
	other := start(t, untrained(t, corpus.Options{}), limits(1, 2, 2))
	ctx, cancel := context.WithCancelCause(t.Context())
	if r, err = other.Do(ctx, Request{Rows: []generate.RowOptions{options(1<<30, 1)}}); err != nil {
		t.Fatal(err)
	}
	cancel(io.ErrNoProgress)
	for err = nil; err == nil; _, err = r.Read() {
	}
	if err != io.ErrNoProgress {
		t.Errorf("Read after a cancellation: %v, want its cause", err)
	}
}

// TestFails: weights that are no numbers end a row with an error, and that row alone.
func TestFails(t *testing.T) {
	m := untrained(t, corpus.Options{Closed: true})
	weights := m.Network.Params()[0].Value
	row := weights[int(m.Alphabet.Size()-1)*len(weights)/m.Alphabet.Size():] // what the last symbol adds
	for i := range row {
		row[i] = float32(math.NaN())
	}
	e := start(t, m, limits(1, 4, 4))
	bad, err := e.Generator().NewPromptOf(nil, []int32{int32(m.Alphabet.Size() - 1)})
	if err != nil {
		t.Fatal(err)
	}
	o := options(20, 1)
	o.Temperature = 0
	broken := o
	broken.Prompt = bad
	r, err := e.Do(t.Context(), Request{Rows: []generate.RowOptions{broken, o}})
	if err != nil {
		t.Fatal(err)
	}
	ends := map[int]generate.Token{}
	for events, err := r.Read(); err == nil; events, err = r.Read() {
		for _, x := range events {
			if x.End != "" {
				ends[x.Row] = x.Token
			}
		}
	}
	if ends[0].End != generate.Failed || !errors.Is(ends[0].Err, model.ErrNotFinite) || ends[1].End != generate.Complete {
		t.Errorf("ends %+v", ends)
	}
}
