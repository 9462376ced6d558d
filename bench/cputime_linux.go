package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the processor time of this thread: while other work has the core it stands still.
func threadTime() time.Duration {
	return processorTime(unix.CLOCK_THREAD_CPUTIME_ID)
}

// processTime is that of all threads of this process.
func processTime() time.Duration { return processorTime(unix.CLOCK_PROCESS_CPUTIME_ID) }

func processorTime(clock int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		panic(err) // these clocks exist since Linux 2.6.12
	}
	return time.Duration(t.Nano())
}
