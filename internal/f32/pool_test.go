package f32

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestPoolRunsEveryWorkerOncePerTask(t *testing.T) {
	for _, n := range []int{1, 2, 7} {
		p := NewPool(n)
		counts := make([]int, n) // no lock: Run orders one task after another
		for round := range 2000 {
			p.Run(func(worker int) { counts[worker]++ })
			if round%500 == 0 {
				time.Sleep(time.Millisecond) // let the team fall asleep
			}
		}
		for worker, c := range counts {
			if c != 2000 {
				t.Errorf("%d workers: worker %d ran %d of 2000 tasks", n, worker, c)
			}
		}
		p.Close()
	}
}

func TestPoolNil(t *testing.T) {
	var p *Pool
	ran := 0
	p.Run(func(worker int) { ran += worker + 1 })
	if p.Close(); ran != 1 || p.Workers() != 1 {
		t.Errorf("a nil pool ran %d tasks with %d workers, want 1 and 1", ran, p.Workers())
	}
}

func TestPoolHandsOnAPanicAndLives(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	for guilty := range 3 {
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("worker %d panicked: Run panics with %v, want boom", guilty, got)
				}
			}()
			p.Run(func(worker int) {
				if worker == guilty {
					panic("boom")
				}
			})
		}()
		var ran atomic.Int32
		if p.Run(func(int) { ran.Add(1) }); ran.Load() != 3 {
			t.Errorf("after a panic %d of 3 workers run", ran.Load())
		}
	}
}

func TestPoolDoesNotAllocate(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	task := func(int) {}
	if n := testing.AllocsPerRun(100, func() { p.Run(task) }); n != 0 {
		t.Errorf("Run allocates %v times", n)
	}
}

func BenchmarkPoolRun(b *testing.B) {
	p := NewPool(2)
	defer p.Close()
	task := func(int) {}
	for b.Loop() {
		p.Run(task)
	}
}
