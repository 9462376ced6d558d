package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

// What a row of a block goes through between products: the sequences are those of norm_generic.go, dropout.go and mulAddsGeneric.

func (m *kernels) rowKernels() {
	m.rmsNorm("rmsNorm", false)
	m.rmsNorm("addRMSNorm", true)
	m.rmsNormGrad()
	m.dropout()
	m.mulAdds()
}

func (m *kernels) rmsNorm(name string, sum bool) {
	if sum {
		m.begin(name, "(y, inv, x, h []float32, n int)", "is "+name+"Generic in assembly.")
	} else {
		m.begin(name, "(y, inv, x []float32, n int)", "is "+name+"Generic in assembly.")
	}
	y, x, inv := bases("y")[0], bases("x")[0], bases("inv")[0]
	rows := []reg.Register{y, x}
	if sum {
		rows = append(rows, bases("h")[0])
	}
	m.eachRow("inv", rows, func(n func() reg.GPVirtual) {
		squares := m.zero()
		m.loop(n(), unroll, func(s step) {
			v := s.load(x)
			if sum {
				add(v, v, s.load(rows[2]))
				s.store(v, x)
			}
			addMul(squares, v, v)
		})
		total := m.fold(squares, VADDPS)
		m.divideByCount(total)
		VADDSS(m.constant("normEpsilon", 0x3727c5ac), total, total)
		VSQRTSS(total, total, total)
		r := XMM()
		VMOVSS(m.constant("one", 0x3f800000), r)
		VDIVSS(total, r, r)
		VMOVSS(r, operand.Mem{Base: inv})
		ADDQ(operand.Imm(4), inv)
		by := m.spread(r)
		m.loop(n(), unroll, func(s step) {
			v := s.load(x)
			mul(v, v, by)
			s.store(v, y)
		})
	})
}

func (m *kernels) rmsNormGrad() {
	m.begin("rmsNormGrad", "(dx, dh, dy, y, inv []float32, n int)", "is rmsNormGradGeneric in assembly.")
	rows := bases("dx", "dh", "dy", "y")
	inv := bases("inv")[0]
	m.eachRow("inv", rows, func(n func() reg.GPVirtual) {
		dots := m.zero()
		m.loop(n(), unroll, func(s step) { addMul(dots, s.load(rows[2]), s.load(rows[3])) })
		c := m.fold(dots, VADDPS)
		m.divideByCount(c)
		mean, by := m.spread(c), m.same()
		VBROADCASTSS(operand.Mem{Base: inv}, by[0])
		ADDQ(operand.Imm(4), inv)
		m.loop(n(), 2, func(s step) {
			d := s.load(rows[2])
			subMul(d, mean, s.load(rows[3]))
			mulAdd(d, by, s.load(rows[0]))
			s.store(d, rows[0])
			s.store(d, rows[1])
		})
	})
}

// divideByCount divides by the parameter n.
func (m *kernels) divideByCount(x reg.Register) {
	count := XMM()
	VXORPS(count, count, count)
	VCVTSI2SSQ(machine.Located(Param("n")), count, count)
	VDIVSS(count, x, x)
}

// eachRow ends a function with a loop of body over rows of n elements, as many as the given slice has elements. In it, n()
// is a register to use up.
func (m *kernels) eachRow(counted string, pointers []reg.Register, body func(n func() reg.GPVirtual)) {
	left := Load(Param(counted).Len(), GP64()).(reg.GPVirtual)
	n := func() reg.GPVirtual { return Load(Param("n"), GP64()).(reg.GPVirtual) }
	again := m.label("row")
	Label(again)
	body(n)
	width := n()
	SHLQ(operand.Imm(2), width)
	for _, p := range pointers {
		ADDQ(width, p)
	}
	DECQ(left)
	JNE(operand.LabelRef(again))
	m.End()
}

func (m *kernels) dropout() {
	m.begin("dropout", "(dst, x []float32, drawn []byte, zeros uint32, keep float32)", "is dropoutGeneric in assembly.")
	n, p := slice("dst", "x")
	drawn := bases("drawn")[0]
	keep, zero, zeros := m.broadcast("keep"), m.zero(), m.same()
	low := XMM()
	VMOVD(Load(Param("zeros"), GP32()), low)
	VPBROADCASTD(low, zeros[0])
	m.loop(n, 1, func(s step) {
		factor, bytes := m.vec(), m.vec()
		for i := range bytes {
			VPMOVZXBD(operand.Mem{Base: drawn, Disp: 8 * i}, bytes[i])
		}
		ADDQ(operand.Imm(16), drawn)
		m.choose(factor, m.aboveInts(zeros, bytes), zero, keep)
		v := s.load(p[1])
		mul(v, v, factor)
		s.store(v, p[0])
	})
	m.End()
}

// aboveInts returns where a > b, as signed integers.
func (m *kernels) aboveInts(a, b vec) choice {
	c := make(choice, len(a))
	for i := range c {
		if m.parts == 1 {
			c[i] = K()
		} else {
			c[i] = YMM()
		}
		VPCMPGTD(b[i], a[i], c[i])
	}
	return c
}

// mulAdds keeps some columns of y in registers while it runs down the slices of a and b.
func (m *kernels) mulAdds() {
	m.begin("mulAdds", "(y, start []float32, a, b [][]float32)", "is mulAddsGeneric in assembly.")
	n, p := slice("y", "start")
	count, lists := slice("a", "b")
	sums := make([]vec, unroll)
	m.blocks(n, unroll, func(first step, columns int) {
		at := func(i int) step {
			s := first
			s.unroll = i
			return s
		}
		for i := range columns {
			sums[i] = at(i).load(p[1])
		}
		left, a, b := GP64(), GP64(), GP64()
		MOVQ(count, left)
		MOVQ(lists[0], a)
		MOVQ(lists[1], b)
		down, done := m.label("down"), m.label("done")
		TESTQ(left, left)
		JEQ(operand.LabelRef(done))
		Label(down)
		x, y := GP64(), GP64()
		MOVQ(operand.Mem{Base: a}, x)
		MOVQ(operand.Mem{Base: b}, y)
		for i := range columns {
			addMul(sums[i], at(i).load(x), at(i).load(y))
		}
		ADDQ(operand.Imm(sliceHeader), a)
		ADDQ(operand.Imm(sliceHeader), b)
		DECQ(left)
		JNE(operand.LabelRef(down))
		Label(done)
		for i := range columns {
			at(i).store(sums[i], p[0])
		}
	})
	m.End()
}

// sliceHeader is the size of a slice's pointer, length and capacity.
const sliceHeader = 24
