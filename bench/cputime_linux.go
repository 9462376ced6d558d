package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the processor time of this thread: while other work has the core it stands still.
func cpuTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // the clock exists since Linux 2.6.12
	}
	return time.Duration(t.Nano())
}
