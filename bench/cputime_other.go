//go:build !linux

package main

import "time"

var started = time.Now()

// cpuTime is the time, other work's included.
func cpuTime() time.Duration { return time.Since(started) }
