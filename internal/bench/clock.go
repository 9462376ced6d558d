package bench

import (
	"slices"
	"time"
)

// clock measures the cycles that the core it runs on makes in a second, by a chain of operations that take one cycle each.
// What systems tell is of less use: on a virtual machine /proc/cpuinfo shows a nominal clock (2.60 GHz where the core ran at
// 3.69), scaling_cur_freq shows an average of the past, and most systems show neither. It is 0 where it is not known.
func clock() float64 {
	runs := make([]float64, 21)
	for i := range runs {
		start := time.Now()
		chained += chain(chained, uint(i)|1, 7, chainRounds)
		runs[i] = chainLinks * chainRounds / max(time.Since(start), 1).Seconds()
	}
	return agreed(runs)
}

// agreed returns the median of runs, or 0 if it says nothing about the clock, since faster runs differ from it by more than a
// hundredth. Slower runs were interrupted.
func agreed(runs []float64) float64 {
	runs = slices.Sorted(slices.Values(runs))
	middle := runs[len(runs)/2]
	if runs[len(runs)*9/10] > 1.01*middle {
		return 0
	}
	return middle
}

const (
	chainLinks  = 16
	chainRounds = 8000 // some 35 microseconds
)

// chained keeps the compiler from leaving chain out.
var chained uint

// chain is chainLinks operations in each round, every one of which needs the result of the one before. Registers are added,
// not constants, which some processors add in no time, and additions take turns with exclusive ors, so that no two of
// them can be made one.
//
//go:noinline
func chain(x, y, z uint, rounds int) uint {
	for range rounds {
		x += y
		x ^= z
		x += y
		x ^= z
		x += y
		x ^= z
		x += y
		x ^= z
		x += y
		x ^= z
		x += y
		x ^= z
		x += y
		x ^= z
		x += y
		x ^= z
	}
	return x
}
