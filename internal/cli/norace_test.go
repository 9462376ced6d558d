//go:build linux && !race

package cli_test

const raceDetector = false
