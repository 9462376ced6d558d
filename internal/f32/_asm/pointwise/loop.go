package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

// A step is one run of a loop's body over 16 elements, or fewer in the tail.
type step struct {
	m      *kernels
	index  reg.Register // bytes behind the loop so far
	unroll int          // which of the bodies in a row this is
	tail   choice       // the lanes that exist; nil means all
	left   reg.Register // how many lanes exist in the tail
}

// loop emits body over n elements: several bodies in a row while they last, then one at a time, then one for the tail
// of 1 to 15 elements. It uses n up, but for the tail's length.
func (m *kernels) loop(n reg.Register, unroll int, body func(s step)) {
	m.blocks(n, unroll, func(s step, count int) {
		for s.unroll = range count {
			body(s)
		}
	})
}

// blocks is loop for a body that takes count vectors together.
func (m *kernels) blocks(n reg.Register, unroll int, body func(s step, count int)) {
	s := step{m: m, index: GP64()}
	XORL(s.index.(reg.GP).As32(), s.index.(reg.GP).As32())
	run := func(count int) {
		again, next := m.label("again"), m.label("next")
		CMPQ(n, operand.Imm(uint64(16*count)))
		JLT(operand.LabelRef(next))
		Label(again)
		body(s, count)
		ADDQ(operand.U32(64*count), s.index)
		SUBQ(operand.U32(16*count), n)
		CMPQ(n, operand.Imm(uint64(16*count)))
		JGE(operand.LabelRef(again))
		Label(next)
	}
	if unroll > 1 {
		run(unroll)
	}
	run(1)
	done := m.label("done")
	TESTQ(n, n)
	JEQ(operand.LabelRef(done))
	s.tail, s.left = m.firstLanes(n), n
	body(s, 1)
	Label(done)
}

// label returns a label that this function does not have yet.
func (m *kernels) label(name string) string {
	m.labels++
	return fmt.Sprintf("%s%d", name, m.labels)
}

// firstLanes chooses the first n lanes, 0 < n < 16.
func (m *kernels) firstLanes(n reg.Register) choice {
	if m.parts == 1 {
		return choice{machine.FirstBits(n)}
	}
	if _, ok := m.data["lanes"]; !ok {
		m.data["lanes"] = GLOBL("lanes", machine.ReadOnly)
		for i := range 32 {
			DATA(4*i, operand.U32(0xffffffff*uint64((31-i)/16)))
		}
	}
	table, back := GP64(), GP64()
	LEAQ(m.data["lanes"], table)
	MOVQ(n, back)
	NEGQ(back)
	c := choice{YMM(), YMM()}
	for i := range c {
		VMOVUPS(operand.Mem{Base: table, Index: back, Scale: 4, Disp: 64 + 32*i}, c[i])
	}
	return c
}

// at returns the memory of this step's elements. Only a step with all lanes may use it directly.
func (s step) at(base reg.Register) vec {
	v := make(vec, s.m.parts)
	for i := range v {
		v[i] = operand.Mem{Base: base, Index: s.index, Scale: 1, Disp: 64*s.unroll + 32*i}
	}
	return v
}

// load fetches this step's elements; lanes that do not exist become +0.
func (s step) load(base reg.Register) vec {
	v := s.m.vec()
	for i, mem := range s.at(base) {
		switch {
		case s.tail == nil:
			VMOVUPS(mem, v[i])
		case s.m.parts == 1:
			VMOVUPS_Z(mem, s.tail[i], v[i])
		default:
			VMASKMOVPS(mem, s.tail[i], v[i])
		}
	}
	return v
}

// store writes the lanes that exist. The tail goes out in stores of 8, 4, 2 and 1 elements: processors take a masked
// store for one of all 64 bytes, so that a load of the next row soon after would wait for it (22 instead of 42 ns for
// the softmax of adjacent rows of 65), and on AVX2 it is slow by itself.
func (s step) store(v vec, base reg.Register) {
	if s.tail == nil {
		for i, mem := range s.at(base) {
			VMOVUPS(v[i], mem)
		}
		return
	}
	to, rest := GP64(), YMM()
	LEAQ(s.at(base)[0], to)
	if s.m.parts == 1 {
		whole := v[0].(reg.VecVirtual)
		VMOVAPS(whole.AsY(), rest)
		s.piece(8, func() {
			VMOVUPS(rest, operand.Mem{Base: to})
			VEXTRACTF64X4(operand.Imm(1), whole, rest)
			ADDQ(operand.Imm(32), to)
		})
	} else {
		VMOVAPS(v[0], rest)
		s.piece(8, func() {
			VMOVUPS(rest, operand.Mem{Base: to})
			VMOVAPS(v[1], rest)
			ADDQ(operand.Imm(32), to)
		})
	}
	x := rest.AsX()
	s.piece(4, func() {
		VMOVUPS(x, operand.Mem{Base: to})
		if s.m.parts == 1 { // which may be a register that only AVX-512 has
			VEXTRACTF32X4(operand.Imm(1), rest, x)
		} else {
			VEXTRACTF128(operand.Imm(1), rest, x)
		}
		ADDQ(operand.Imm(16), to)
	})
	s.piece(2, func() {
		VMOVLPS(x, operand.Mem{Base: to})
		VMOVHLPS(x, x, x)
		ADDQ(operand.Imm(8), to)
	})
	s.piece(1, func() { VMOVSS(x, operand.Mem{Base: to}) })
}

// piece runs body if the tail's length has this bit.
func (s step) piece(bit int, body func()) {
	skip := s.m.label("skip")
	TESTB(operand.Imm(uint64(bit)), s.left.(reg.GP).As8())
	JEQ(operand.LabelRef(skip))
	body()
	Label(skip)
}

// absent sets the lanes that do not exist to those of other.
func (s step) absent(v, other vec) {
	if s.tail != nil {
		s.m.choose(v, s.tail, v, other)
	}
}
