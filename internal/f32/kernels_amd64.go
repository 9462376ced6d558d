//go:build amd64 && !purego

package f32

import "golang.org/x/sys/cpu"

// available lists the kernel sets of this processor, fastest first.
func available() []kernelSet {
	x := &cpu.X86
	hasAVX2 := x.HasAVX2 && x.HasFMA
	switch {
	case hasAVX2 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL:
		return []kernelSet{avx512, avx2, plainGo}
	case hasAVX2:
		return []kernelSet{avx2, plainGo}
	}
	return []kernelSet{plainGo}
}
