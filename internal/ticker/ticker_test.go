package ticker

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var due atomic.Bool
		stop := Every(time.Second, &due)
		for range 2 {
			time.Sleep(900 * time.Millisecond)
			if synctest.Wait(); due.Load() {
				t.Error("due before its time")
			}
			time.Sleep(100 * time.Millisecond)
			if synctest.Wait(); !due.Swap(false) {
				t.Error("not due in time")
			}
		}
		stop()
		stop()
		time.Sleep(time.Minute)
		if synctest.Wait(); due.Load() {
			t.Error("due after stop")
		}
	})
}
