//go:build !amd64 || purego

package f32

// available lists the kernel sets of this processor: plain Go alone.
func available() []kernelSet { return []kernelSet{plainGo} }
