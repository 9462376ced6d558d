//go:build !linux

package main

import "time"

var started = time.Now()

// threadTime is the time, other work's included.
func threadTime() time.Duration { return time.Since(started) }

// processTime is not known: the difference of two is 0.
func processTime() time.Duration { return 0 }
