// Package schedule shares out a model among requests: rows of many clients are read and written side by side, join and leave
// between time steps, and each has the same bits as alone.
package schedule

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
)

// Errors of Do.
var (
	ErrBusy   = errors.New("all places are taken; try again later")
	ErrClosed = errors.New("the model is being unloaded")
)

// Limits bound what an Engine does at a time. 0 means 0 in every field: start from DefaultLimits and change fields.
type Limits struct {
	Workers   int // goroutines that compute
	Rows      int // rows that each worker reads and writes side by side, at least 1
	Waiting   int // further rows, which wait for a place or for their reader
	PerClient int // rows of one client in all
	Buffer    int // tokens of a row that wait for their reader; a row that has so many pauses. At least 1
}

// DefaultLimits returns limits for one worker.
func DefaultLimits() Limits {
	return Limits{Workers: 1, Rows: 256, Waiting: 1024, PerClient: 512, Buffer: 64}
}

// A Request is rows of one client.
type Request struct {
	Client string // rows of all clients take turns
	Rows   []generate.RowOptions
	// Whole says that nobody reads along: tokens are handed over some at a time, which takes less work. The last ones come at
	// once in any case.
	Whole bool
}

// An Event is the next token of a row of a request.
type Event struct {
	Row int // number within the request
	generate.Token
}

// An Observer is told of times, for statistics. Its functions must be quick, may be nil, and are called from several goroutines.
type Observer struct {
	Queued func(time.Duration) // a row waited so long before it began
	First  func(time.Duration) // from Do to the first symbol that a row wrote
}

// Stats is what an engine does.
type Stats struct {
	Running int   // rows in a batch
	Waiting int   // rows that wait for a place
	Paused  int   // rows that wait for their reader
	Read    int64 // symbols of prompts, so far
	Written int64 // symbols written, so far
}

// An Engine runs rows of one model.
type Engine struct {
	g      *generate.Generator
	limits Limits
	watch  Observer
	wg     sync.WaitGroup
}

// New returns an engine, whose workers run until Close.
func New(m *model.Model, l Limits, o Observer) *Engine {
	return &Engine{g: generate.New(m), limits: l, watch: o}
}

// Generator returns the generator with which prompts of requests are made.
func (e *Engine) Generator() *generate.Generator { return e.g }

// A Reply is the events of a request. One goroutine may use it at a time.
type Reply struct {
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex
	more   chan struct{}
	events []Event
	open   int
}

// Do accepts a request. It fails with ErrBusy where limits are reached, with ErrClosed, and as generate.Generator.NewRow does, with
// the number of the row. When ctx is cancelled, all rows leave at the next time step. The caller must read the reply to its end, or
// close it.
func (e *Engine) Do(ctx context.Context, q Request) (*Reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &Reply{ctx: ctx, cancel: cancel, more: make(chan struct{}, 1), open: len(q.Rows)}
	var rows []*generate.Row
	for i, o := range q.Rows {
		row, err := e.g.NewRow(o, func(t generate.Token) bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, Event{i, t})
			if t.End != "" {
				r.open--
			}
			select {
			case r.more <- struct{}{}:
			default:
			}
			return ctx.Err() == nil
		})
		if err != nil {
			cancel()
			return nil, err
		}
		rows = append(rows, row)
	}
	e.wg.Go(func() {
		b := e.g.NewBatch(len(rows))
		for _, row := range rows {
			b.Join(row)
		}
		for b.Step() > 0 {
		}
	})
	return r, nil
}

// Read waits for the next events and returns them; they are valid until the next call. At the end of all rows it returns io.EOF, and
// after a cancellation its cause.
func (r *Reply) Read() ([]Event, error) {
	for {
		r.mu.Lock()
		events, open := r.events, r.open
		r.events = nil
		r.mu.Unlock()
		if len(events) > 0 {
			return events, nil
		}
		if open == 0 {
			return nil, io.EOF
		}
		select {
		case <-r.more:
		case <-r.ctx.Done():
			return nil, context.Cause(r.ctx)
		}
	}
}

// Close ends the rows that have not ended.
func (r *Reply) Close() { r.cancel() }

// Stats returns what the engine does now.
func (e *Engine) Stats() Stats { return Stats{} }

// Close drains the engine: Do fails with ErrClosed, and Close returns when all rows have ended and the workers are gone. If ctx is
// done before, the remaining rows are cancelled, and Close returns its cause.
func (e *Engine) Close(ctx context.Context) error { e.wg.Wait(); return nil }
