package serve

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A pool bounds the work that is done beside the engines: scoring and predicting. So many tasks run as there are processors, some more
// wait, and what comes then is refused. Clients take turns, and none has more than half of the places to wait.
type pool struct {
	most, each int // tasks that run and wait: of all clients, and of one

	mu    sync.Mutex
	free  int // turns that no task has; if there are some, none waits
	tasks int
	lines map[string]*line // of clients that have tasks
	turns []*line          // those with tasks that wait, the next one first
}

// A line is the tasks of one client.
type line struct {
	tasks   int
	waiting []chan struct{} // of each that waits; closed when it is its turn
}

func newPool(waiting int) *pool {
	n := runtime.GOMAXPROCS(0)
	return &pool{most: n + waiting, each: n + waiting/2, free: n, lines: map[string]*line{}}
}

func (p *pool) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tasks
}

// do runs a task of a client when it is its turn. If ctx is cancelled it returns the cause.
func (p *pool) do(ctx context.Context, client string, task func(*turn) error) error {
	t := &turn{p: p, client: client, ctx: yielding{ctx}}
	defer t.give()
	if err := t.take(true); err != nil {
		return err
	}
	err := task(t)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// inTurn runs a task of a request's client when it is its turn.
func (s *Server) inTurn(r *http.Request, task func(context.Context) error) error {
	return s.pool.do(r.Context(), note(r).client, func(t *turn) error { return task(t.ctx) })
}

// A turn is the right of a task to compute.
type turn struct {
	p      *pool
	client string
	ctx    context.Context
	line   *line // nil unless the task runs or waits
}

// without gives the turn to others while what waits for somebody, and then takes another.
func (t *turn) without(what func() error) error {
	t.give()
	err := what()
	if taken := t.take(false); err == nil {
		err = taken
	}
	return err
}

// take waits for the turn, unless it is the first one of a task and there are too many tasks. If it fails there may be a turn all the
// same, to give back.
func (t *turn) take(first bool) error {
	p := t.p
	p.mu.Lock()
	l := p.lines[t.client]
	if l == nil {
		l = &line{}
	}
	if first && (p.tasks >= p.most || l.tasks >= p.each) {
		p.mu.Unlock()
		return Busy(time.Second, "%d requests to score or predict run or wait, the most that this server takes at a time; try again", p.most)
	}
	p.lines[t.client] = l
	p.tasks, l.tasks, t.line = p.tasks+1, l.tasks+1, l
	if p.free > 0 {
		p.free--
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	if l.waiting = append(l.waiting, turn); len(l.waiting) == 1 {
		p.turns = append(p.turns, l)
	}
	p.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-t.ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(l.waiting, turn); i >= 0 {
		if l.waiting = slices.Delete(l.waiting, i, i+1); len(l.waiting) == 0 {
			p.turns = slices.DeleteFunc(p.turns, func(other *line) bool { return other == l })
		}
		t.end()
	}
	return context.Cause(t.ctx)
}

// give lets the next task have the turn, if this one has it.
func (t *turn) give() {
	if t.line == nil {
		return
	}
	p := t.p
	p.mu.Lock()
	defer p.mu.Unlock()
	t.end()
	if len(p.turns) == 0 {
		p.free++
		return
	}
	l := p.turns[0]
	p.turns = p.turns[1:]
	close(l.waiting[0])
	if l.waiting = l.waiting[1:]; len(l.waiting) > 0 {
		p.turns = append(p.turns, l)
	}
}

// end counts a task that runs or waits no more. p.mu is held.
func (t *turn) end() {
	p, l := t.p, t.line
	t.line = nil
	p.tasks--
	if l.tasks--; l.tasks == 0 {
		delete(p.lines, t.client)
	}
}

// A yielding context lets other goroutines go on whenever work asks whether it has been cancelled, every few symbols: above all the
// engines, whose clients watch symbol for symbol.
type yielding struct{ context.Context }

func (y yielding) Err() error {
	runtime.Gosched()
	return y.Context.Err()
}
