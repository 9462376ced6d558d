package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

func (m *kernels) reductions() {
	m.begin("sum", "(x []float32, l *[16]float32) float32", "is sumGeneric in assembly.")
	n, p := slice("x")
	r := m.lanes(m.zero)
	m.loop(n, unroll, func(s step) { add(r.acc, r.acc, s.load(p[0])) })
	r.save()
	result(m.fold(r.acc, VADDPS))
	m.End()

	m.begin("sumSquares", "(x []float32, l *[16]float32) float32", "is sumSquaresGeneric in assembly.")
	n, p = slice("x")
	r = m.lanes(m.zero)
	m.loop(n, unroll, func(s step) {
		x := s.load(p[0])
		addMul(r.acc, x, x)
	})
	r.save()
	result(m.fold(r.acc, VADDPS))
	m.End()

	m.begin("dot", "(a, b []float32, l *[16]float32) float32", "is dotGeneric in assembly.")
	n, p = slice("a", "b")
	r = m.lanes(m.zero)
	m.loop(n, unroll, func(s step) { addMul(r.acc, s.load(p[0]), s.load(p[1])) })
	r.save()
	result(m.fold(r.acc, VADDPS))
	m.End()

	m.begin("max", "(x []float32, l *[16]float32) float32", "is maxGeneric in assembly.")
	n, p = slice("x")
	r = m.lanes(m.lowest)
	m.greatest(n, p[0], r.acc)
	r.save()
	result(m.fold(r.acc, VMAXPS))
	m.End()
}

// carried is the lanes of a reduction, which a pointer argument l, where it is not nil, carries from piece to piece.
type carried struct {
	m   *kernels
	acc vec
	l   reg.Register
}

// lanes fetches *l, or starts anew if l is nil.
func (m *kernels) lanes(start func() vec) carried {
	c := carried{m: m, acc: start(), l: Load(Param("l"), GP64())}
	c.unlessNil(func(i int, mem operand.Mem) { VMOVUPS(mem, c.acc[i]) })
	return c
}

// save stores the lanes for the next piece.
func (c carried) save() {
	c.unlessNil(func(i int, mem operand.Mem) { VMOVUPS(c.acc[i], mem) })
}

func (c carried) unlessNil(emit func(i int, mem operand.Mem)) {
	skip := c.m.label("nil")
	TESTQ(c.l, c.l)
	JEQ(operand.LabelRef(skip))
	for i := range c.acc {
		emit(i, operand.Mem{Base: c.l, Disp: 32 * i})
	}
	Label(skip)
}

// lowest returns lanes of -Inf.
func (m *kernels) lowest() vec {
	v := m.vec()
	for i := range v {
		move(v[i:i+1], m.bits("minusInf", 0xff800000)[:1])
	}
	return v
}

// greatest takes the maximum of acc and n elements, lane by lane: max1.
func (m *kernels) greatest(n, base reg.Register, acc vec) {
	m.loop(n, unroll, func(s step) {
		x := s.load(base)
		s.absent(x, acc)
		more(acc, x, acc)
	})
}

// fold combines 16 lanes 8 and 8, 4 and 4, 2 and 2, 1 and 1, the upper half as first source, and returns the result in
// the lowest lane.
func (m *kernels) fold(v vec, op func(...operand.Op)) reg.Register {
	upper := YMM()
	total := YMM()
	if m.parts == 1 {
		whole := v[0].(reg.VecVirtual)
		VEXTRACTF64X4(operand.Imm(1), whole, upper)
		op(whole.AsY(), upper, total)
	} else {
		op(v[0], v[1], total)
	}
	x, y := total.AsX(), upper.AsX()
	VEXTRACTF128(operand.Imm(1), total, y)
	op(x, y, x)
	VMOVHLPS(x, x, y)
	op(x, y, x)
	VMOVSHDUP(x, y)
	op(x, y, x)
	return x
}

// result sets the function's only result.
func result(x operand.Op) { VMOVSS(x, machine.Located(ReturnIndex(0))) }
