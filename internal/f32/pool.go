package f32

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// A Pool is a team of workers that run the same task side by side, each on its own share of the work. Tasks are handed
// out through one atomic number: a worker spins for a moment, since the next task of a training step is microseconds
// away, and then sleeps until it is called.
//
// A nil Pool is a team of one.
type Pool struct {
	task  func(worker int)
	epoch atomic.Uint32 // counts tasks; a change is the call to work
	left  atomic.Int32  // workers that have not ended the present task
	stop  atomic.Bool
	fault atomic.Pointer[any] // what a worker's task panicked with
	team  []worker            // all but the caller, who is worker 0
}

// A worker sleeps on its own channel. The padding keeps the flags of two workers off one cache line.
type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [48]byte
}

// spin is how long a worker looks for the next task before it sleeps: as long as workers that had equal shares may end apart.
// To wake one takes 50 us, which with 30 us of spinning most phases of a training step of 3 ms began with; it now takes
// 1 to 4 % less.
const spin = 300 * time.Microsecond

// NewPool returns a team of n workers, the caller of Run among them. It must be closed. It panics if n < 1.
func NewPool(n int) *Pool {
	if n < 1 {
		panic(fmt.Sprintf("f32: a pool of %d workers", n))
	}
	p := &Pool{team: make([]worker, n-1)}
	for i := range p.team {
		p.team[i].wake = make(chan struct{}, 1)
		go p.work(i)
	}
	return p
}

// Workers returns the size of the team.
func (p *Pool) Workers() int {
	if p == nil {
		return 1
	}
	return len(p.team) + 1
}

// Run calls task once for each worker, with numbers 0 to Workers()-1, and returns when all have ended. A panic in any of
// them is a panic of Run. Run must not be called from two goroutines at a time, nor from inside a task.
func (p *Pool) Run(task func(worker int)) {
	if p == nil || len(p.team) == 0 {
		task(0)
		return
	}
	p.task = task
	p.left.Store(int32(len(p.team)))
	p.epoch.Add(1)
	for i := range p.team {
		if w := &p.team[i]; w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	defer p.wait() // also when task panics here: nobody may still be at work on the caller's data
	task(0)
}

// wait returns when every other worker has ended the task.
func (p *Pool) wait() {
	for n := 0; p.left.Load() != 0; n++ {
		if n > 100 {
			runtime.Gosched()
		}
	}
	p.task = nil
	if fault := p.fault.Swap(nil); fault != nil {
		panic(*fault)
	}
}

// work is the life of one worker.
func (p *Pool) work(i int) {
	w, seen := &p.team[i], uint32(0)
	for {
		p.await(w, seen)
		if p.stop.Load() {
			return
		}
		seen++
		p.perform(i + 1)
	}
}

// await returns when the epoch has moved on from seen.
func (p *Pool) await(w *worker, seen uint32) {
	start := time.Now()
	for n := 1; p.epoch.Load() == seen; n++ {
		if n%64 != 0 {
			continue
		}
		runtime.Gosched()
		if time.Since(start) < spin {
			continue
		}
		w.asleep.Store(true)
		// Between the last look and the flag a task may have come whose sender saw nobody asleep.
		if p.epoch.Load() != seen && w.asleep.CompareAndSwap(true, false) {
			return
		}
		<-w.wake
	}
}

// perform runs the task for one worker and hands a panic to the caller of Run.
func (p *Pool) perform(worker int) {
	defer func() {
		if fault := recover(); fault != nil {
			first := fault // a copy that may move to the heap, so that only a panic allocates
			p.fault.CompareAndSwap(nil, &first)
		}
		p.left.Add(-1)
	}()
	p.task(worker)
}

// Close ends the workers. The pool must be idle and must not be used again.
func (p *Pool) Close() {
	if p == nil || p.stop.Swap(true) {
		return
	}
	p.epoch.Add(1)
	for i := range p.team {
		if w := &p.team[i]; w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
}
