package schedule

import (
	"runtime"
	"slices"
	"time"

	"github.com/seed-f4dd853e/elman/generate"
)

// A worker runs rows in a batch of its own.
type worker struct {
	e     *Engine
	batch *generate.Batch
	rows  []*row // in the batch
	step  int64

	cancelled []*row // guarded by Engine.mu

	left   []*row   // the batch, with the last step
	unread []*Reply // that have tokens for a reader who reads along
	waked  time.Time
	woke   bool // a reader, with the last step
}

// wakeEvery is how often readers are woken. Each time takes as long as a time step of a small network, and nobody reads faster.
const wakeEvery = time.Millisecond

func (w *worker) run() {
	for w.prepare() {
		w.batch.Step()
		w.wake(w.batch.Len() == 0)
		if w.woke { // readers need not wait until the Go scheduler interrupts the worker
			w.woke = false
			runtime.Gosched()
		}
		w.step++
	}
}

// wake wakes those who read along, if it is time or must be now.
func (w *worker) wake(must bool) {
	if len(w.unread) == 0 {
		return
	}
	now := time.Now()
	if !must && now.Sub(w.waked) < wakeEvery {
		return
	}
	w.waked, w.woke = now, true
	for i, r := range w.unread {
		r.mu.Lock()
		if r.listed = false; len(r.events) > 0 {
			r.wake()
		}
		r.mu.Unlock()
		w.unread[i] = nil
	}
	w.unread = w.unread[:0]
}

// prepare lets rows leave and join between two steps. It waits for rows if there are none, and reports whether there are some, or
// the engine was closed.
func (w *worker) prepare() bool {
	e := w.e
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Read, e.stats.Written = e.stats.Read+w.batch.Read, e.stats.Written+w.batch.Written
	w.batch.Read, w.batch.Written = 0, 0
	w.letGo()
	for {
		w.share()
		w.fill()
		w.takeTurns()
		if len(w.rows) > 0 {
			return true
		}
		if e.closed && e.rows == 0 {
			return false
		}
		w.wake(true)
		e.idle++
		e.work.Wait()
		e.idle--
	}
}

// letGo lets go of rows that left the batch with the last step, or were cancelled.
func (w *worker) letGo() {
	for i, x := range w.left {
		w.drop(x)
		switch {
		case x.Done():
			w.e.end(x)
		default:
			w.e.pause(x)
		}
		w.left[i] = nil
	}
	w.left = w.left[:0]
	for i, x := range w.cancelled {
		w.batch.Leave(x.Row)
		w.drop(x)
		w.e.takeOut(x)
		w.cancelled[i] = nil
	}
	w.cancelled = w.cancelled[:0]
}

func (w *worker) drop(x *row) {
	if i := slices.Index(w.rows, x); i >= 0 {
		last := len(w.rows) - 1
		w.rows[i], w.rows[last] = w.rows[last], nil
		w.rows = w.rows[:last]
	}
}

// pause lets a row wait until its tokens are read, unless they have been meanwhile.
func (e *Engine) pause(x *row) {
	e.leave(x)
	x.reply.mu.Lock()
	defer x.reply.mu.Unlock()
	if x.unread == 0 {
		e.wait(x)
		return
	}
	x.state = paused
	e.stats.Paused++
}

// resume lets rows go on whose tokens have been read.
func (e *Engine) resume(rows []*row) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range rows {
		if x.state == paused {
			e.leave(x)
			e.wait(x)
		}
	}
}

// fill lets waiting rows join, but leaves others their share.
func (w *worker) fill() {
	for len(w.rows) < min(w.e.limits.Rows, w.e.fairShare()) {
		x := w.e.queue.next()
		if x == nil {
			return
		}
		w.join(x)
	}
}

// fairShare returns how many rows a worker has if they are shared out equally.
func (e *Engine) fairShare() int {
	return (e.stats.Running + e.stats.Waiting + e.limits.Workers - 1) / e.limits.Workers
}

func (w *worker) join(x *row) {
	e := w.e
	e.leave(x)
	x.state, x.worker, x.since = running, w, w.step
	e.stats.Running++
	x.client.running++
	if !x.begun {
		if x.begun = true; e.observe.Queued != nil {
			e.observe.Queued(time.Since(x.arrived))
		}
	}
	w.rows = append(w.rows, x)
	w.batch.Join(x.Row)
}

// sendBack makes a row wait once more.
func (w *worker) sendBack(x *row) {
	w.batch.Leave(x.Row)
	w.drop(x)
	w.e.leave(x)
	w.e.wait(x)
}

// share sends some rows back if another worker has nothing to do.
func (w *worker) share() {
	if w.e.idle == 0 || w.e.stats.Waiting > 0 {
		return
	}
	for len(w.rows) > w.e.fairShare() {
		w.sendBack(w.rows[len(w.rows)-1])
	}
}

// takeTurns lets waiting rows of clients that have few running take the places of clients that have more, in a full batch.
func (w *worker) takeTurns() {
	e := w.e
	for i := 0; len(w.rows) == e.limits.Rows && len(e.queue.turns) > 0 && i < len(w.rows); i++ {
		x := w.rows[i]
		if next := e.queue.fewest(); x.client.running > next.running+1 && w.step-x.since >= int64(e.limits.Turn) {
			e.queue.first(next)
			joins := e.queue.next()
			w.sendBack(x)
			w.join(joins)
		}
	}
}
