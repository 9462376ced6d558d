package serve

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// A pool bounds the work that is done beside the engines: scoring and predicting. So many tasks run as there are processors, some more
// wait, and what comes then is refused.
type pool struct {
	turns chan struct{}
	most  int64
	tasks atomic.Int64 // run and wait
}

func newPool(waiting int) *pool {
	n := runtime.GOMAXPROCS(0)
	return &pool{turns: make(chan struct{}, n), most: int64(n + waiting)}
}

func (p *pool) len() int64 { return p.tasks.Load() }

// do runs a task when it is its turn.
func (p *pool) do(ctx context.Context, task func() error) error {
	defer p.tasks.Add(-1)
	if p.tasks.Add(1) > p.most {
		return Busy(time.Second, "%d requests to score or predict run or wait, the most that this server takes; try again", p.most)
	}
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.turns }()
	return task()
}

// yieldAfter is how many symbols are scored before others get the processor: some two milliseconds' worth.
const yieldAfter = 64

// A yielder lets other goroutines go on now and then, above all the engines, whose clients watch symbol for symbol.
type yielder struct{ n int }

func (y *yielder) symbol() {
	if y.n++; y.n%yieldAfter == 0 {
		runtime.Gosched()
	}
}
