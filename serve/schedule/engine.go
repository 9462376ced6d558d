// Package schedule shares out a model among requests. The rows of all of them are read and written side by side, join and leave
// between time steps, and each has the same text and numbers, bit for bit, as if it were alone.
//
// Clients take turns. A row whose reader is slow pauses, and takes no part until it is read. What an engine holds is bounded: rows
// beyond its limits are refused.
package schedule

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/generate"
	"github.com/seed-f4dd853e/elman/model"
)

// Errors of Do.
var (
	ErrBusy    = errors.New("all places are taken; try again later")
	ErrTooMany = errors.New("the request asks for more texts than there are places; ask for fewer")
	ErrClosed  = errors.New("the model is being unloaded")
)

// Limits bound what an Engine does at a time. 0 means 0 in every field: start from DefaultLimits and change fields.
type Limits struct {
	Workers   int // goroutines that compute, at least 1
	Rows      int // rows that each worker reads and writes side by side, at least 1
	Waiting   int // further rows: those that wait for a place, and those that wait for their reader
	PerClient int // rows of one client in all
	Buffer    int // tokens of a row that wait for their reader, at least 1, where 16 guesses count as one: with so many the row pauses
	Turn      int // time steps after which a row makes place for a waiting one, if its client has more rows than the other's
}

// DefaultLimits returns limits for one worker.
func DefaultLimits() Limits {
	return Limits{Workers: 1, Rows: 256, Waiting: 1024, PerClient: 512, Buffer: 64, Turn: 128}
}

// A Request is rows of one client.
type Request struct {
	Client string // clients take turns
	Rows   []generate.RowOptions
	// Whole says that nobody reads along. Tokens are then handed over some dozens at a time, which takes less work.
	Whole bool
}

// An Observer is told of times, for statistics. Its functions may be nil; they must be quick, and are called from several goroutines.
type Observer struct {
	Queued func(time.Duration) // how long a row waited before it began
	First  func(time.Duration) // from Do to the first symbol that a row wrote
}

// Stats is what an engine does.
type Stats struct {
	Running int   // rows in a batch
	Waiting int   // rows that wait for a place
	Paused  int   // rows that wait for their reader
	Read    int64 // symbols of prompts, so far
	Written int64 // symbols of texts, so far
}

// An Engine runs rows of one model. Any number of goroutines may use it.
type Engine struct {
	g       *generate.Generator
	limits  Limits
	observe Observer
	workers sync.WaitGroup

	mu      sync.Mutex // guards all that follows, and the states of rows
	work    sync.Cond  // there is a row to run, or nothing more to do
	queue   queue
	replies map[*Reply]bool // that have rows left
	rows    int             // that have not ended
	idle    int             // workers that wait for work
	stats   Stats
	closed  bool
	givenUp bool // rows that are left when it closes, and those that come
}

// New returns an engine, whose workers run until Close.
func New(m *model.Model, l Limits, o Observer) *Engine {
	e := &Engine{g: generate.New(m), limits: l, observe: o, replies: map[*Reply]bool{}}
	e.work.L = &e.mu
	e.queue.clients = map[string]*client{}
	for range l.Workers {
		w := &worker{e: e, batch: e.g.NewBatch(l.Rows)}
		e.workers.Go(w.run)
	}
	return e
}

// Generator returns the generator, which makes prompts of requests.
func (e *Engine) Generator() *generate.Generator { return e.g }

// Do accepts a request. It fails with ErrBusy where a limit is reached, with ErrTooMany where it always would be, with ErrClosed,
// and as generate.Generator.NewRow does. When ctx is cancelled, the rows leave before the next time step. The caller
// must read the reply to its end, or close it.
func (e *Engine) Do(ctx context.Context, q Request) (*Reply, error) {
	c, err := e.reserve(q.Client, len(q.Rows))
	if err != nil {
		return nil, err
	}
	r := newReply(e, q.Whole, len(q.Rows))
	for i, o := range q.Rows {
		x := &row{reply: r, number: i, client: c, arrived: time.Now()}
		if x.Row, err = e.g.NewRow(o, x.emit); err != nil {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.giveBack(c, len(q.Rows))
			return nil, err
		}
		r.rows = append(r.rows, x)
	}
	if len(r.rows) == 0 {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.giveBack(c, 0)
		return r, nil
	}
	e.mu.Lock()
	e.replies[r] = true
	for _, x := range r.rows {
		e.wait(x)
	}
	givenUp := e.givenUp
	e.mu.Unlock()
	r.stop = context.AfterFunc(ctx, func() { r.cancel(context.Cause(ctx)) })
	if givenUp { // between reserve and now
		r.cancel(ErrClosed)
	}
	return r, nil
}

// reserve makes place for the rows of a client.
func (e *Engine) reserve(name string, rows int) (*client, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.limits
	if e.closed {
		return nil, ErrClosed
	}
	places := l.Workers*l.Rows + l.Waiting
	if rows > min(places, l.PerClient) {
		return nil, ErrTooMany
	}
	if rows > places-e.rows || rows > l.PerClient-e.queue.rowsOf(name) {
		return nil, ErrBusy
	}
	c := e.queue.client(name)
	c.rows, e.rows = c.rows+rows, e.rows+rows
	return c, nil
}

// giveBack makes the places of rows free.
func (e *Engine) giveBack(c *client, rows int) {
	c.rows, e.rows = c.rows-rows, e.rows-rows
	e.queue.forget(c)
	if e.closed && e.rows == 0 {
		e.work.Broadcast()
	}
}

// wait lets a row wait for a place.
func (e *Engine) wait(x *row) {
	x.state = waiting
	e.stats.Waiting++
	e.queue.add(x)
	e.work.Signal()
}

// leave takes a row out of the state in which it is.
func (e *Engine) leave(x *row) {
	switch x.state {
	case waiting:
		e.stats.Waiting--
	case running:
		e.stats.Running--
		x.client.running--
	case paused:
		e.stats.Paused--
	}
}

// end lets a row go that has ended or was cancelled.
func (e *Engine) end(x *row) {
	e.leave(x)
	x.state = over
	r := x.reply
	if r.left--; r.left == 0 {
		delete(e.replies, r)
	}
	e.giveBack(x.client, 1)
}

// takeOut ends a row that is in no batch.
func (e *Engine) takeOut(x *row) {
	if x.state == waiting {
		e.queue.remove(x)
	}
	if x.state != over {
		e.end(x)
	}
}

// Stats returns what the engine does now.
func (e *Engine) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stats
}

// Close drains the engine: Do fails with ErrClosed from now on, and when the rows have ended and the workers are gone, Close returns.
// If ctx is done before, the rows that are left are cancelled, and Close returns the cause.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	e.work.Broadcast()
	e.mu.Unlock()
	stop := context.AfterFunc(ctx, e.cancelAll)
	e.workers.Wait()
	if !stop() {
		return context.Cause(ctx)
	}
	return nil
}

func (e *Engine) cancelAll() {
	e.mu.Lock()
	e.givenUp = true
	var replies []*Reply
	for r := range e.replies {
		replies = append(replies, r)
	}
	e.mu.Unlock()
	for _, r := range replies {
		r.cancel(ErrClosed)
	}
}
