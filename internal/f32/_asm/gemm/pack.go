package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panelVectors is the width of the widest panel in units of 16 columns.
const panelVectors = 3

// packPanel emits the copy of rows into a panel. All of a row is loaded before it is stored, so that the copy runs at the
// speed of the caches.
func (m *kernels) packPanel() {
	m.Begin("packPanel", "(dst, src *float32, rows, stride, vectors, last int)",
		"copies rows of 16*(vectors-1)+last columns, padded with zeros.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	rows, vectors, last := Load(Param("rows"), GP64()), Load(Param("vectors"), GP64()), Load(Param("last"), GP64())
	by := stride("stride")
	tail := m.lastLanes(last)
	for v := 1; v <= panelVectors; v++ {
		more, row := fmt.Sprintf("more%d", v), fmt.Sprintf("row%d", v)
		if v < panelVectors {
			CMPQ(vectors, operand.Imm(uint64(v)))
			jump(JNE, more)
		}
		Label(row)
		whole := (v - 1) * 16 / m.Lanes
		var line []reg.VecVirtual
		for j := range v * 16 / m.Lanes {
			r := m.Register()
			from := operand.Mem{Base: src, Disp: 4 * m.Lanes * j}
			if j < whole {
				VMOVUPS(from, r)
			} else {
				tail[j-whole].load(from, r)
			}
			line = append(line, r)
		}
		for j, r := range line {
			VMOVUPS(r, operand.Mem{Base: dst, Disp: 4 * m.Lanes * j})
		}
		ADDQ(by, src)
		ADDQ(operand.U32(64*v), dst)
		DECQ(rows)
		jump(JNE, row)
		m.End()
		Label(more)
	}
}

// lastLanes chooses the first n of 16 lanes, in one vector or two. It uses n up.
func (m *kernels) lastLanes(n reg.Register) []choice {
	if m.Lanes == 16 {
		return []choice{m.firstLanes(n)}
	}
	low, high, eight, none := GP64(), GP64(), GP64(), GP64()
	MOVQ(operand.U32(8), eight)
	XORQ(none, none)
	MOVQ(n, low)
	CMPQ(low, eight)
	CMOVQGT(eight, low)
	MOVQ(n, high)
	SUBQ(eight, high)
	CMOVQLT(none, high)
	return []choice{m.firstLanes(low), m.firstLanes(high)}
}

// A grid is a square of elements in memory: rows base, base+stride, ... in bytes.
type grid struct {
	base, stride, times3 reg.Register
}

func newGrid(base, by string) grid {
	g := grid{Load(Param(base), GP64()), stride(by), GP64()}
	LEAQ(operand.Mem{Base: g.stride, Index: g.stride, Scale: 2}, g.times3)
	return g
}

// rows calls f with the address of each of n rows, a multiple of 4, and returns that of the row below them.
func (g grid) rows(n int, f func(i int, at operand.Mem)) (below reg.Register) {
	row := GP64()
	MOVQ(g.base, row)
	for i := range n {
		switch i % 4 {
		case 0:
			f(i, operand.Mem{Base: row})
		case 3:
			f(i, operand.Mem{Base: row, Index: g.times3, Scale: 1})
			LEAQ(operand.Mem{Base: row, Index: g.stride, Scale: 4}, row)
		default:
			f(i, operand.Mem{Base: row, Index: g.stride, Scale: uint8(i % 4)})
		}
	}
	return row
}

// transpose emits a function that transposes a block of squares of n x n. It goes down in src, and so along the rows of
// dst, before it goes right: a few squares then fill whole neighbouring lines of dst.
func (m *kernels) transpose(n int, square func(rows []reg.VecVirtual) []reg.VecVirtual) {
	m.Begin(fmt.Sprintf("transpose%d", n), "(dst *float32, dstStride int, src *float32, srcStride, high, wide int)",
		fmt.Sprintf("transposes a block of squares of %d x %d, so many high and wide in src.", n, n))
	to, from := newGrid("dst", "dstStride"), newGrid("src", "srcStride")
	top, left, high := GP64(), GP64(), GP64()
	side := operand.U32(4 * n)
	Label("column")
	MOVQ(from.base, top)
	MOVQ(to.base, left)
	MOVQ(parameter("high"), high)
	Label("square")
	rows := make([]reg.VecVirtual, n)
	below := from.rows(n, func(i int, at operand.Mem) {
		rows[i] = m.Register()
		VMOVUPS(at, rows[i])
	})
	MOVQ(below, from.base)
	rows = square(rows)
	nextColumn := to.rows(n, func(i int, at operand.Mem) { VMOVUPS(rows[i], at) })
	ADDQ(side, to.base)
	DECQ(high)
	jump(JNE, "square")
	MOVQ(top, from.base)
	ADDQ(side, from.base)
	SUBQ(to.base, left)
	ADDQ(side, left)
	LEAQ(operand.Mem{Base: nextColumn, Index: left, Scale: 1}, to.base)
	DECQ(parameter("wide"))
	jump(JNE, "column")
	m.End()
}

func (m *kernels) transpose8() {
	m.transpose(8, func(rows []reg.VecVirtual) []reg.VecVirtual {
		rows = m.fours(rows)
		return m.exchange(rows, 4,
			func(a, b, dst reg.Register) { VPERM2F128(operand.U8(0x20), b, a, dst) },
			func(a, b, dst reg.Register) { VPERM2F128(operand.U8(0x31), b, a, dst) })
	})
}

func (m *kernels) transpose16() {
	// Lanes 0 and 2 of both, lanes 1 and 3 of both; twice that sorts the fours.
	even := func(a, b, dst reg.Register) { VSHUFF32X4(operand.U8(0x88), b, a, dst) }
	odd := func(a, b, dst reg.Register) { VSHUFF32X4(operand.U8(0xdd), b, a, dst) }
	m.transpose(16, func(rows []reg.VecVirtual) []reg.VecVirtual {
		rows = m.exchange(m.fours(rows), 4, even, odd)
		return m.exchange(rows, 8, even, odd)
	})
}

// exchange returns what low and high make of each pair of vectors i and i+distance, in their places.
func (m *kernels) exchange(v []reg.VecVirtual, distance int, low, high func(a, b, dst reg.Register)) []reg.VecVirtual {
	out := make([]reg.VecVirtual, len(v))
	for i := range v {
		if i&distance == 0 {
			out[i], out[i+distance] = m.Register(), m.Register()
			low(v[i], v[i+distance], out[i])
			high(v[i], v[i+distance], out[i+distance])
		}
	}
	return out
}

// fours transposes squares of 4 x 4: vector 4i+j of the result holds columns j, j+4, ... of rows 4i to 4i+3.
func (m *kernels) fours(rows []reg.VecVirtual) []reg.VecVirtual {
	v := m.exchange(rows, 1,
		func(a, b, dst reg.Register) { VUNPCKLPS(b, a, dst) },
		func(a, b, dst reg.Register) { VUNPCKHPS(b, a, dst) })
	v = m.exchange(v, 2,
		func(a, b, dst reg.Register) { VUNPCKLPD(b, a, dst) },
		func(a, b, dst reg.Register) { VUNPCKHPD(b, a, dst) })
	for i := 0; i < len(v); i += 4 {
		v[i+1], v[i+2] = v[i+2], v[i+1]
	}
	return v
}
