package serve

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
)

// resident returns how much memory the program takes when all is done, in bytes.
func resident(t *testing.T) float64 {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	for range 3 { // what pools hold goes with the second
		runtime.GC()
	}
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	var all, pages float64
	if err == nil {
		_, err = fmt.Sscan(string(text), &all, &pages)
	}
	if err != nil {
		t.Skip(err)
	}
	return pages * float64(os.Getpagesize())
}

// TestMemoryAfterFaults: when clients have gone that sent slowly, did not read, broke off or sent garbage, what they took is given back.
func TestMemoryAfterFaults(t *testing.T) {
	if !full {
		t.Skip("takes seconds; ELMAN_TEST_FULL=1 runs it")
	}
	ts := start(t, nil)
	friends := func() {
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				if _, err := ts.ask(body{"model": "verse", "max_tokens": 1000, "n": 2, "seed": i, "prompt": nil, "stop": nil, "temperature": nil}, i%2 == 0); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	idle := func() bool { return ts.connections.Load() == 0 && ts.running.Load() == 0 }
	storm := func() {
		ctx, end := context.WithCancel(context.Background())
		var enemies sync.WaitGroup
		for i := range 40 {
			enemies.Go(func() { ts.sendSlowly(ctx) })
			enemies.Go(func() { ts.neverRead(ctx) })
			enemies.Go(func() { ts.breakOff(ctx, i) })
		}
		enemies.Go(func() { ts.sendGarbage(100, 1) })
		friends()
		end()
		enemies.Wait()
		http.DefaultClient.CloseIdleConnections()
		until(t, "all have gone", idle)
	}
	storm() // for which the Go runtime makes itself ready, once
	before := resident(t)
	storm()
	storm()
	after := resident(t)
	t.Logf("%.1f MB are taken, %.1f before", after/1e6, before/1e6)
	if after > 1.1*before+2e6 { // its own books, which are not given back, vary by that
		t.Errorf("%.1f MB are taken, %.1f before", after/1e6, before/1e6)
	}
}
