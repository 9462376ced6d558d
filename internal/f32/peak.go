package f32

import (
	"slices"
	"time"
)

// Peak measures the speed that no product can exceed, in floating-point operations per second of one core: a loop of
// nothing but independent multiply-adds on the registers of the active kernel set. A multiply-add is two operations. For
// plain Go it is the innermost loop of the product on data in the first-level cache. It takes a few milliseconds.
//
// It returns the median of many short runs: what other work of the same moment can be compared with, since a processor's
// clock changes and other programs disturb.
func Peak() float64 {
	speeds := make([]float64, 51)
	for i := range speeds {
		start := time.Now()
		operations := multiplyAdds()
		speeds[i] = operations / max(time.Since(start), 1).Seconds()
	}
	slices.Sort(speeds)
	return speeds[len(speeds)/2]
}

// peakAdds is how many multiply-adds the kernel makes in a round.
const peakAdds = 24

// multiplyAdds keeps the multipliers busy for some 60 microseconds and returns the number of operations.
func multiplyAdds() float64 {
	rounds, lanes := 20000, active.tiling().lanes
	if lanes == 1 { // plain Go, which takes six cycles for a multiply-add
		rounds = 1000
	}
	peak(rounds)
	return float64(2 * peakAdds * rounds * lanes)
}
