package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// unroll is how many vectors a loop takes at a time where memory, not arithmetic, is the limit.
const unroll = 4

func (m *kernels) gradients() {
	m.gradient("sigmoidGrad", func() func(dy, y vec) vec {
		return func(dy, y vec) vec {
			f := m.vec()
			move(f, y)
			subMul(f, y, y)
			mul(f, dy, f)
			return f
		}
	})
	m.gradient("tanhGrad", func() func(dy, y vec) vec {
		one := m.float("one", 1)
		return func(dy, y vec) vec {
			f := m.vec()
			move(f, one)
			subMul(f, y, y)
			mul(f, dy, f)
			return f
		}
	})
	m.gradient("reluGrad", func() func(dy, y vec) vec {
		zero := m.zero()
		return func(dy, y vec) vec {
			positive := m.compare(above, y, zero)
			more(y, zero, y)
			m.choose(y, positive, dy, y)
			return y
		}
	})
}

// gradient emits a function dz[i] = f(dy[i], y[i]). prepare loads the constants.
func (m *kernels) gradient(name string, prepare func() func(dy, y vec) vec) {
	m.begin(name, "(dz, dy, y []float32)", "is "+name+"Generic in assembly.")
	n, p := slice("dz", "dy", "y")
	f := prepare()
	m.loop(n, unroll, func(s step) { s.store(f(s.load(p[1]), s.load(p[2])), p[0]) })
	m.End()
}

func (m *kernels) pointwise() {
	for _, k := range []struct {
		name string
		op   func(dst, a, b vec)
	}{{"add", add}, {"multiply", mul}} {
		m.begin(k.name, "(dst, a, b []float32)", "is "+k.name+"Generic in assembly.")
		n, p := slice("dst", "a", "b")
		m.loop(n, unroll, func(s step) {
			v := s.load(p[1])
			k.op(v, v, s.load(p[2]))
			s.store(v, p[0])
		})
		m.End()
	}

	for _, k := range []struct {
		name, by string
		op       func(dst, a, b vec)
	}{{"subtract", "a", sub}, {"scale", "s", mul}} {
		m.begin(k.name, "(x []float32, "+k.by+" float32)", "is "+k.name+"Generic in assembly.")
		n, p := slice("x")
		by := m.broadcast(k.by)
		m.loop(n, unroll, func(s step) {
			v := s.load(p[0])
			k.op(v, v, by)
			s.store(v, p[0])
		})
		m.End()
	}

	m.begin("addScaled", "(y []float32, a float32, x []float32)", "is addScaledGeneric in assembly.")
	n, p := slice("y", "x")
	by := m.broadcast("a")
	m.loop(n, unroll, func(s step) {
		v := s.load(p[0])
		addMul(v, by, s.load(p[1]))
		s.store(v, p[0])
	})
	m.End()

	m.begin("mulAdd", "(y, a, b []float32)", "is mulAddGeneric in assembly.")
	n, p = slice("y", "a", "b")
	m.loop(n, unroll, func(s step) {
		v := s.load(p[0])
		addMul(v, s.load(p[1]), s.load(p[2]))
		s.store(v, p[0])
	})
	m.End()

	m.addRows()
}

// limits returns the parameter limit and its negative.
func (m *kernels) limits() (high, low vec) {
	high = m.broadcast("limit")
	low = m.same()
	VXORPS(m.bits("signBits", 1<<31)[0], high[0], low[0])
	return high, low
}

// A finiteCheck finds out whether all elements seen are finite: x*0 is NaN for those that are not, and stays in the sum.
type finiteCheck struct {
	m    *kernels
	zero vec
	sums []vec
}

// chains is how many sums a finiteCheck needs to be faster than memory, as each is one chain of additions.
func (m *kernels) chains() int { return 4 / m.parts }

// finiteCheck prepares for a loop of some bodies in a row.
func (m *kernels) finiteCheck(bodies int) finiteCheck {
	c := finiteCheck{m: m, zero: m.spare("zero", 0)}
	for range bodies {
		c.sums = append(c.sums, m.zero())
	}
	return c
}

// width is how many bodies a loop should have in a row.
func (c finiteCheck) width() int { return len(c.sums) }

func (c finiteCheck) see(s step, x vec) { addMul(c.sums[s.unroll], x, c.zero) }

// report returns the function's bool.
func (c finiteCheck) report() {
	total := c.sums[0]
	for _, v := range c.sums[1:] {
		add(total, total, v)
	}
	for _, r := range total[1:] {
		VADDPS(r, total[0], total[0])
	}
	bits := GP32()
	if nan := c.m.compare(unordered, total[:1], total[:1]); c.m.parts == 1 {
		KMOVW(nan[0], bits)
	} else {
		VMOVMSKPS(nan[0], bits)
	}
	ok := GP8()
	TESTL(bits, bits)
	SETEQ(ok)
	Store(ok, ReturnIndex(0))
}

// addRows keeps the sums of some columns in registers while it runs down the rows.
func (m *kernels) addRows() {
	m.begin("addRows", "(dst, data []float32, rows, stride int)", "is addRowsGeneric in assembly.")
	n, p := slice("dst", "data")
	rows := Load(Param("rows"), GP64())
	stride := Load(Param("stride"), GP64())
	SHLQ(operand.Imm(2), stride)
	sums := make([]vec, unroll)
	m.blocks(n, unroll, func(first step, count int) {
		left, row := GP64(), GP64()
		for i := range count {
			s := first
			s.unroll = i
			sums[i] = s.load(p[0])
		}
		MOVQ(rows, left)
		MOVQ(p[1], row)
		down := m.label("down")
		Label(down)
		for i := range count {
			s := first
			s.unroll = i
			add(sums[i], sums[i], s.load(row))
		}
		ADDQ(stride, row)
		DECQ(left)
		JNE(operand.LabelRef(down))
		for i := range count {
			s := first
			s.unroll = i
			s.store(sums[i], p[0])
		}
	})
	m.End()
}
