//go:build !linux

package bench

import "time"

// KnowsProcessorTime says whether ThreadTime and ProcessTime leave out the time in which other work has the core.
const KnowsProcessorTime = false

var started = time.Now()

// ThreadTime is the time.
func ThreadTime() time.Duration { return time.Since(started) }

// ProcessTime is the time.
func ProcessTime() time.Duration { return time.Since(started) }
