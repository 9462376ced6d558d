package schedule

import (
	"io"
	"sync"
	"time"

	"github.com/seed-f4dd853e/elman/generate"
)

// An Event is the next token of a row of a request.
type Event struct {
	Row int // its number within the request
	generate.Token
}

// A Reply is the events of a request. One goroutine may read it at a time; any may close it.
type Reply struct {
	e    *Engine
	rows []*row
	left int // rows that have not ended; guarded by e.mu
	stop func() bool

	mu     sync.Mutex // guards all that follows; may be locked while e.mu is, never the other way about
	more   sync.Cond
	events []Event
	spare  []Event // those that Read returned
	whole  bool    // nobody reads along
	listed bool    // among those that the worker wakes soon
	ready  bool    // the reader has something to do
	open   int     // rows whose last token is not yet among the events
	full   []*row  // rows that have so many unread tokens that they pause
	err    error   // of a cancellation
}

func newReply(e *Engine, whole bool, rows int) *Reply {
	r := &Reply{e: e, left: rows, open: rows, whole: whole, stop: func() bool { return true }}
	r.more.L = &r.mu
	return r
}

// Read waits for the next events and returns them. They are valid until the next call. After the last it returns io.EOF, and after a
// cancellation its cause, or io.ErrClosedPipe after Close.
func (r *Reply) Read() ([]Event, error) {
	r.mu.Lock()
	for r.err == nil && r.open > 0 && !r.ready {
		r.more.Wait()
	}
	if r.err != nil {
		defer r.mu.Unlock()
		return nil, r.err
	}
	if len(r.events) == 0 {
		r.mu.Unlock()
		r.stop()
		return nil, io.EOF
	}
	clear(r.spare)
	events, full := r.events, r.full
	r.events, r.spare, r.full, r.ready = r.spare[:0], events, nil, false
	for _, x := range r.rows {
		x.unread = 0
	}
	r.mu.Unlock()
	if len(full) > 0 {
		r.e.resume(full)
	}
	return events, nil
}

// Close ends the rows that have not ended.
func (r *Reply) Close() {
	r.stop()
	r.cancel(io.ErrClosedPipe)
}

// cancel takes out all rows.
func (r *Reply) cancel(cause error) {
	r.mu.Lock()
	if r.err == nil {
		r.err = cause
	}
	r.events, r.spare, r.full = nil, nil, nil
	r.more.Broadcast()
	r.mu.Unlock()
	e := r.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range r.rows {
		if x.state == running {
			x.worker.cancelled = append(x.worker.cancelled, x)
		} else {
			e.takeOut(x)
		}
	}
}

// A row is a row of a request.
type row struct {
	*generate.Row
	reply   *Reply
	number  int
	client  *client
	arrived time.Time

	state  state   // guarded by Engine.mu
	worker *worker // in whose batch it is
	since  int64   // time step of the worker with which it joined
	begun  bool

	unread int  // tokens, and guesses that take their place; guarded by Reply.mu
	wrote  bool // a symbol; known to the worker
}

// A state is where a row is.
type state int

const (
	waiting state = iota // for a place in a batch
	running              // in a batch
	paused               // until its tokens are read
	over                 // ended, or cancelled
)

// emit takes the next token of a row from its batch.
func (x *row) emit(t generate.Token) bool {
	w, r := x.worker, x.reply
	if !x.wrote && !t.Prompt && t.ID >= 0 {
		if x.wrote = true; w.e.observe.First != nil {
			w.e.observe.First(time.Since(x.arrived))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil { // it was cancelled: the worker will see
		return true
	}
	r.events = append(r.events, Event{x.number, t})
	x.unread += 1 + len(t.Top)/guessesPerToken
	goesOn := true
	switch {
	case t.End != "":
		r.open--
		w.left = append(w.left, x)
	case x.unread >= w.e.limits.Buffer:
		r.full = append(r.full, x)
		w.left = append(w.left, x)
		goesOn = false
	}
	switch {
	case r.ready:
	case r.open == 0 || x.unread >= (w.e.limits.Buffer+1)/2:
		r.wake()
		w.woke = true
	case !r.whole && !r.listed:
		r.listed = true
		w.unread = append(w.unread, r)
	}
	return goesOn
}

// guessesPerToken is how many guesses take the place of a token among those that wait for a reader: memory is what is bounded there.
const guessesPerToken = 16

// wake lets the reader read.
func (r *Reply) wake() {
	r.ready = true
	r.more.Signal()
}
