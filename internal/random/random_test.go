package random

import "testing"

// The numbers are part of the promise "same seed, same bits": a change of key or generator changes every run.
func TestNewIsKeyedAndStable(t *testing.T) {
	for _, tt := range []struct {
		seed    uint64
		purpose string
		step    uint64
		want    uint64
	}{
		{1, "init", 0, 0xd4053726fa7a2adb},
		{1, "init", 1, 0xc59408de5dea3ef5},
		{1, "sample", 0, 0xa7f5d13f26ce03cb},
		{2, "init", 0, 0x7e2a195261d6bd5a},
	} {
		if got := New(tt.seed, tt.purpose, tt.step).Uint64(); got != tt.want {
			t.Errorf("New(%d, %q, %d).Uint64() = %#x, want %#x", tt.seed, tt.purpose, tt.step, got, tt.want)
		}
	}
}
