package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// KnowsProcessorTime says whether ThreadTime and ProcessTime leave out the time in which other work has the core.
const KnowsProcessorTime = true

// ThreadTime is the processor time of this thread. Two of them have to be from one thread.
func ThreadTime() time.Duration { return processorTime(unix.CLOCK_THREAD_CPUTIME_ID) }

// ProcessTime is the processor time of all threads of this process.
func ProcessTime() time.Duration { return processorTime(unix.CLOCK_PROCESS_CPUTIME_ID) }

func processorTime(clock int32) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(clock, &t); err != nil {
		panic(err) // these clocks exist since Linux 2.6.12
	}
	return time.Duration(t.Nano())
}
