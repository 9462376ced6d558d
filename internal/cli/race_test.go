//go:build linux && race

package cli_test

// The race detector makes memory of its own, and lets package json's pools forget theirs.
const raceDetector = true
