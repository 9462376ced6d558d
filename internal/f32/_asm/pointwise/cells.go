package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

// The sequences below are those of cells_generic.go, statement by statement; the comments give its names.

func (m *kernels) cells() {
	m.lstm()
	m.lstmGrad()
	m.gru()
	m.gruGrad()
	m.minGRU()
	m.minGRUGrad()
}

func (m *kernels) lstm() {
	m.begin("lstm", "(z, c, cPrev, tanhC, h []float32, rows, H int)", "is lstmGeneric in assembly.")
	z, p := m.blockBases("z", 4), bases("c", "cPrev", "tanhC", "h")
	sigmoid, tanh := m.function(m.sigmoid), m.function(m.tanh)
	m.rows(4, z, p, func(s step) {
		gates := make([]func() vec, 4)
		activate := func(gate int, f func(vec) vec) func() {
			return func() {
				v := f(s.load(z[gate]))
				s.store(v, z[gate])
				gates[gate] = m.recall(s, v, z[gate])
			}
		}
		m.interleave(activate(0, sigmoid), activate(1, sigmoid), activate(2, tanh), activate(3, sigmoid))
		c := m.vec()
		mul(c, gates[0](), gates[2]())
		addMul(c, gates[1](), s.load(p[1]))
		s.store(c, p[0])
		t := tanh(c)
		s.store(t, p[2])
		mul(t, t, gates[3]())
		s.store(t, p[3])
	})
}

func (m *kernels) lstmGrad() {
	m.begin("lstmGrad", "(z, dc, dh, cPrev, tanhC []float32, rows, H int)", "is lstmGradGeneric in assembly.")
	z, p := m.blockBases("z", 4), bases("dc", "dh", "cPrev", "tanhC")
	one := m.float("one", 1)
	m.rows(4, z, p, func(s step) {
		o, t, dh := s.load(z[3]), s.load(p[3]), s.load(p[1])
		dt, dc := m.vec(), s.load(p[0])
		mul(dt, dh, o)
		addMul(dc, dt, m.oneMinusSquare(t, one))
		mul(dh, dh, t)
		mul(dh, dh, m.minusSquare(o))
		s.store(dh, z[3])
		i, g := s.load(z[0]), s.load(z[2])
		d := m.vec()
		mul(d, dc, g)
		mul(d, d, m.minusSquare(i))
		s.store(d, z[0])
		d = m.vec()
		mul(d, dc, i)
		mul(d, d, m.oneMinusSquare(g, one))
		s.store(d, z[2])
		f := s.load(z[1])
		d = m.vec()
		mul(d, dc, s.load(p[2]))
		mul(d, d, m.minusSquare(f))
		s.store(d, z[1])
		mul(dc, dc, f)
		s.store(dc, p[0])
	})
}

func (m *kernels) gru() {
	m.begin("gru", "(z, u, bias, hPrev, h []float32, rows, H int)", "is gruGeneric in assembly.")
	z, u, bias, p := m.blockBases("z", 3), m.blockBases("u", 3), bases("bias")[0], bases("hPrev", "h")
	sigmoid, tanh := m.function(m.sigmoid), m.function(m.tanh)
	m.rows(3, append(z[:3:3], u...), p, func(s step) {
		activate := func(gate int, x vec, f func(vec) vec) vec {
			x = f(x)
			s.store(x, z[gate])
			return x
		}
		sum := func(gate int) vec {
			x := s.load(z[gate])
			add(x, x, s.load(u[gate]))
			return x
		}
		var r, update vec
		m.interleave(
			func() { update = activate(1, sum(1), sigmoid) },
			func() { r = activate(0, sum(0), sigmoid) })
		recalled := m.recall(s, update, z[1])
		un := s.load(u[2])
		add(un, un, s.load(bias))
		s.store(un, u[2])
		mulAdd(r, un, s.load(z[2]))
		n := activate(2, r, tanh)
		h := s.load(p[0])
		sub(h, h, n)
		mulAdd(h, recalled(), n)
		s.store(h, p[1])
	})
}

func (m *kernels) gruGrad() {
	m.begin("gruGrad", "(z, u, dh, dy, hPrev []float32, rows, H int)", "is gruGradGeneric in assembly.")
	z, u, p := m.blockBases("z", 3), m.blockBases("u", 3), bases("dh", "dy", "hPrev")
	one := m.float("one", 1)
	m.rows(3, append(z[:3:3], u...), p, func(s step) {
		dh, update, n := s.load(p[0]), s.load(z[1]), s.load(z[2])
		add(dh, dh, s.load(p[1]))
		du := s.load(p[2])
		sub(du, du, n)
		mul(du, dh, du)
		mul(du, du, m.minusSquare(update))
		s.store(du, z[1])
		s.store(du, u[1])
		dn := m.vec()
		move(dn, dh)
		subMul(dn, update, dh)
		mul(dn, dn, m.oneMinusSquare(n, one))
		s.store(dn, z[2])
		mul(dh, dh, update)
		s.store(dh, p[0])
		r, dr := s.load(z[0]), m.vec()
		mul(dr, dn, s.load(u[2]))
		mul(dn, dn, r)
		s.store(dn, u[2])
		mul(dr, dr, m.minusSquare(r))
		s.store(dr, z[0])
		s.store(dr, u[0])
	})
}

func (m *kernels) minGRU() {
	m.begin("minGRU", "(z, hPrev, h []float32, rows, H int)", "is minGRUGeneric in assembly.")
	z, p := m.blockBases("z", 2), bases("hPrev", "h")
	sigmoid := m.function(m.sigmoid)
	m.rows(2, z, p, func(s step) {
		update := sigmoid(s.load(z[0]))
		s.store(update, z[0])
		h, old := s.load(z[1]), s.load(p[0])
		sub(h, h, old)
		mulAdd(h, update, old)
		s.store(h, p[1])
	})
}

func (m *kernels) minGRUGrad() {
	m.begin("minGRUGrad", "(z, dh, dy, hPrev []float32, rows, H int)", "is minGRUGradGeneric in assembly.")
	z, p := m.blockBases("z", 2), bases("dh", "dy", "hPrev")
	m.rows(2, z, p, func(s step) {
		dh, update, du := s.load(p[0]), s.load(z[0]), s.load(z[1])
		add(dh, dh, s.load(p[1]))
		sub(du, du, s.load(p[2]))
		mul(du, dh, du)
		mul(du, du, m.minusSquare(update))
		s.store(du, z[0])
		dn := m.vec()
		mul(dn, dh, update)
		s.store(dn, z[1])
		keep := m.vec()
		move(keep, dh)
		subMul(keep, update, dh)
		s.store(keep, p[0])
	})
}

// minusSquare returns y - y*y, the derivative of y = sigmoid x.
func (m *kernels) minusSquare(y vec) vec {
	f := m.vec()
	move(f, y)
	subMul(f, y, y)
	return f
}

// oneMinusSquare returns 1 - y*y, the derivative of y = tanh x.
func (m *kernels) oneMinusSquare(y, one vec) vec {
	f := m.vec()
	move(f, one)
	subMul(f, y, y)
	return f
}

// function prepares a function for use beside others. With 32 registers its constants stay there; with 16 each use loads
// them anew.
func (m *kernels) function(prepare func() func(x vec) vec) func(x vec) vec {
	if m.parts == 1 {
		return prepare()
	}
	return func(x vec) vec {
		m.loaded = map[string]vec{}
		return prepare()(x)
	}
}

// recall returns what was just stored: from its register, or where those are few from memory.
func (m *kernels) recall(s step, v vec, base reg.Register) func() vec {
	if m.parts == 1 {
		return func() vec { return v }
	}
	return func() vec { return s.load(base) }
}

// bases loads the base pointers of slices.
func bases(params ...string) (regs []reg.Register) {
	for _, p := range params {
		regs = append(regs, Load(Param(p).Base(), GP64()))
	}
	return regs
}

// blockBases returns where the blocks of H elements begin that make a row of a slice.
func (m *kernels) blockBases(param string, blocks int) []reg.Register {
	regs := bases(param)
	width := Load(Param("H"), GP64())
	for range blocks - 1 {
		next := GP64()
		LEAQ(operand.Mem{Base: regs[len(regs)-1], Index: width, Scale: 4}, next)
		regs = append(regs, next)
	}
	return regs
}

// rows ends a function with a loop of body over all rows: of slices with so many blocks of H elements to a row, and of
// slices with one. What the inner loop does not need stays in memory, as pointers take most registers.
func (m *kernels) rows(perRow int, blocks, narrow []reg.Register, body func(s step)) {
	again := m.label("row")
	Label(again)
	n := GP64()
	Load(Param("H"), n)
	m.loop(n, 1, body)
	width := GP64()
	Load(Param("H"), width)
	SHLQ(operand.Imm(2), width)
	for _, p := range narrow {
		ADDQ(width, p)
	}
	IMUL3Q(operand.Imm(uint64(perRow)), width, width)
	for _, p := range blocks {
		ADDQ(width, p)
	}
	DECQ(machine.Located(Param("rows")))
	JNE(operand.LabelRef(again))
	m.End()
}
