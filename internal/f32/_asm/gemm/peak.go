package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// peakSums is the number of chains of multiply-adds that run side by side: the latency of the slowest processor, 5 or 6
// cycles, times the two it can start in each.
const peakSums = 12

// peak emits a loop of nothing but multiply-adds on registers.
func (m *kernels) peak() {
	m.Begin("peak", "(n int)", "runs 12 independent multiply-adds of vectors, n times.")
	n := Load(Param("n"), GP64())
	x := m.Register()
	VXORPS(x, x, x)
	var sums []reg.VecVirtual
	for range peakSums {
		s := m.Register()
		VXORPS(s, s, s)
		sums = append(sums, s)
	}
	Label("again")
	for _, s := range sums {
		VFMADD231PS(x, x, s)
	}
	DECQ(n)
	jump(JNE, "again")
	m.End()
}
