// Package ticker tells busy loops that time has passed: loading an atomic bool costs them less than reading the clock.
package ticker

import (
	"sync"
	"sync/atomic"
	"time"
)

// Every sets due every d, until stop is called.
func Every(d time.Duration, due *atomic.Bool) (stop func()) {
	done := make(chan struct{})
	ticks := time.NewTicker(d)
	go func() {
		defer ticks.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticks.C:
				due.Store(true)
			}
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}
