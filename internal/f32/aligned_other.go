//go:build !linux

package f32

// hugePages does nothing: the system decides by itself.
func hugePages(memory []byte) {}
