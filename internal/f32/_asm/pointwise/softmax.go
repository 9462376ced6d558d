package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

func (m *kernels) softmax() {
	m.begin("softmax", "(dst, x []float32, scale float32) (m, sum float32)", "is softmaxGeneric in assembly.")
	n, p := slice("dst", "x")
	again := GP64()
	MOVQ(n, again)
	last := m.zero()
	total := m.maxExpSum(n, p[1], func(s step, e vec) {
		if s.tail != nil {
			move(last, e) // stays here until it is scaled: a load would wait for the stores of a tail
			return
		}
		s.store(e, p[0])
	})
	factor := XMM()
	VMOVSS(machine.Located(Param("scale")), factor)
	VDIVSS(total, factor, factor)
	by := m.spread(factor)
	m.loop(again, unroll, func(s step) {
		v := last
		if s.tail == nil {
			v = s.load(p[0])
		}
		mul(v, v, by)
		s.store(v, p[0])
	})
	m.End()

	m.begin("maxExpSum", "(x []float32) (m, sum float32)", "is maxExpSumGeneric in assembly.")
	n, p = slice("x")
	m.maxExpSum(n, p[0], func(step, vec) {})
	m.End()

	// The parts of both for rows too long for one call.
	m.begin("expStoreSum", "(dst, x []float32, m float32, l *[16]float32) float32", "is expStoreSumGeneric in assembly.")
	n, p = slice("dst", "x")
	m.expSumPiece(n, p[1], func(s step, e vec) { s.store(e, p[0]) })
	m.begin("expSum", "(x []float32, m float32, l *[16]float32) float32", "is expSumGeneric in assembly.")
	n, p = slice("x")
	m.expSumPiece(n, p[0], func(step, vec) {})
}

// maxExpSum sets the results m and sum, and returns the latter.
func (m *kernels) maxExpSum(n, x reg.Register, keep func(s step, e vec)) (total reg.Register) {
	left := GP64()
	MOVQ(n, left)
	acc := m.lowest()
	m.greatest(left, x, acc)
	greatest := m.fold(acc, VMAXPS)
	VMOVSS(greatest, machine.Located(Return("m")))
	e := m.exponential()
	sums := m.zero()
	m.expSum(e, n, x, m.spread(greatest), sums, keep)
	total = m.fold(sums, VADDPS)
	VMOVSS(total, machine.Located(Return("sum")))
	return total
}

// expSumPiece emits all of a function that sums exponentials but for its parameters.
func (m *kernels) expSumPiece(n, x reg.Register, keep func(s step, e vec)) {
	greatest := m.broadcast("m")
	e := m.exponential()
	r := m.lanes(m.zero)
	m.expSum(e, n, x, greatest, r.acc, keep)
	r.save()
	result(m.fold(r.acc, VADDPS))
	m.End()
}

// expSum adds e^(x[i]-greatest) to the lanes and hands it to keep. As x is not above greatest, the upper clamp of Exp is
// left out.
func (m *kernels) expSum(e exponential, n, x reg.Register, greatest, sums vec, keep func(s step, e vec)) {
	m.loop(n, 1, func(s step) {
		v := s.load(x)
		sub(v, v, greatest)
		v = e.exp(v)
		keep(s, v)
		if s.tail != nil {
			s.absent(v, m.zero())
		}
		add(sums, sums, v)
	})
}

// spread copies the lowest lane to all.
func (m *kernels) spread(x reg.Register) vec {
	v := m.same()
	VBROADCASTSS(x, v[0])
	return v
}
