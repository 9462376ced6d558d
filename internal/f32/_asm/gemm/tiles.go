package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unroll returns how many steps of k the main loop takes at a time: few enough rounds for the processor to foresee the
// last. Wide tiles wait for memory, and the prefetcher can follow no more than about 16 loads, each with its own stride
// (1 row, 128 x 128: 290 ns, with 4 steps 400; 256 x 256: 1.1 us, with 2 steps 1.8).
func (t *tile) unroll() int { return max(1, min(4, 16/t.vectors)) }

// tiles emits the function that computes a stack of tiles of C, one below the other. A tile is a block of C that stays in
// registers while k runs; there is a loop for each size.
func (m *machine) tiles() {
	m.begin("tiles", "(rows, vectors, last, tiles int, c *float32, cStride int, a *float32, rowStride, kStride int, "+
		"b *float32, bStride, k int, accumulate bool)",
		"computes tiles of C, one below the other: rows x vectors, of which the last has so many lanes; k > 0.")
	t := tile{m: m}
	t.c, t.a = Load(Param("c"), GP64()), Load(Param("a"), GP64())
	t.rowStride, t.kStride, t.bStride = stride("rowStride"), stride("kStride"), stride("bStride")
	SHLQ(operand.Imm(2), parameter("cStride"))
	t.times3, t.times5, t.times7 = GP64(), GP64(), GP64()
	LEAQ(operand.Mem{Base: t.rowStride, Index: t.rowStride, Scale: 2}, t.times3)
	LEAQ(operand.Mem{Base: t.rowStride, Index: t.rowStride, Scale: 4}, t.times5)
	LEAQ(operand.Mem{Base: t.times3, Index: t.rowStride, Scale: 4}, t.times7)

	// A masked load occupies one of the multipliers on some processors: 89 instead of 99 % of Peak.
	last := Load(Param("last"), GP64())
	CMPQ(last, operand.Imm(uint64(m.lanes)))
	jump(JNE, "ragged")
	t.sizes("")
	Label("ragged")
	t.tail = m.firstLanes(last)
	t.sizes("ragged")
}

// sizes emits the loops of all sizes, and the way to them.
func (t *tile) sizes(prefix string) {
	rows, vectors := Load(Param("rows"), GP64()), Load(Param("vectors"), GP64())
	search(prefix+"wider", vectors, 1, len(t.m.heights), func(n int) {
		t.vectors = n
		search(fmt.Sprintf("%shigher%d_", prefix, n), rows, 1, max(1, t.m.heights[n-1]), func(n int) {
			t.rows = n
			t.loop(prefix)
		})
	})
}

// search emits a binary search for the value of r, which is among low to high, and the code for each.
func search(prefix string, r reg.Register, low, high int, emit func(n int)) {
	if low == high {
		emit(low)
		return
	}
	middle := (low + high + 1) / 2
	upper := fmt.Sprintf("%s%d", prefix, middle)
	CMPQ(r, operand.Imm(uint64(middle)))
	jump(JGE, upper)
	search(prefix, r, low, middle-1, emit)
	Label(upper)
	search(prefix, r, middle, high, emit)
}

type tile struct {
	m                      *machine
	rows, vectors          int
	c, a                   reg.Register       // the tile's corner of C, its first row of A
	rowStride              reg.Register       // in bytes, as all strides
	times3, times5, times7 reg.Register       // multiples of rowStride
	kStride, bStride       reg.Register       // from one k to the next in A and B
	tail                   choice             // the lanes of a row's last vector
	sums                   [][]reg.VecVirtual // by row and vector
}

// loop emits the function's body for one size.
func (t *tile) loop(prefix string) {
	name := func(kind string) string { return label(prefix+kind, t.rows, t.vectors) }
	t.sums = nil
	for range t.rows {
		var row []reg.VecVirtual
		for range t.vectors {
			row = append(row, t.m.vec())
		}
		t.sums = append(t.sums, row)
	}
	Label(name("tile"))
	c, cStride := GP64(), GP64()
	MOVQ(t.c, c)
	MOVQ(parameter("cStride"), cStride)
	CMPB(parameter("accumulate"), operand.Imm(0))
	jump(JEQ, name("fresh"))
	t.each(c, cStride, func(s reg.Register, at operand.Mem, lanes choice) { lanes.load(at, s) })
	jump(JMP, name("start"))
	Label(name("fresh"))
	t.each(nil, nil, func(s reg.Register, _ operand.Mem, _ choice) { VXORPS(s, s, s) })

	Label(name("start"))
	a, b, k := GP64(), GP64(), GP64()
	MOVQ(t.a, a)
	MOVQ(parameter("b"), b)
	MOVQ(parameter("k"), k)
	steps := operand.Imm(uint64(t.unroll()))
	SUBQ(steps, k)
	jump(JLT, name("few"))
	Label(name("many"))
	for range t.unroll() {
		t.step(a, b)
	}
	SUBQ(steps, k)
	jump(JGE, name("many"))
	Label(name("few"))
	ADDQ(steps, k)
	jump(JEQ, name("store"))
	Label(name("one"))
	t.step(a, b)
	DECQ(k)
	jump(JNE, name("one"))

	Label(name("store"))
	MOVQ(parameter("cStride"), cStride)
	t.each(t.c, cStride, func(s reg.Register, at operand.Mem, lanes choice) { lanes.store(s, at) })
	LEAQ(t.row(t.a, t.rows), t.a)
	DECQ(parameter("tiles"))
	jump(JNE, name("tile"))
	t.m.end()
}

// each calls f with every sum and its place in C. It leaves c, if it is a register, one row below the tile.
func (t *tile) each(c, cStride reg.Register, f func(s reg.Register, at operand.Mem, lanes choice)) {
	for _, row := range t.sums {
		for j, s := range row {
			f(s, operand.Mem{Base: c, Disp: 4 * t.m.lanes * j}, t.lanes(j))
		}
		if c != nil {
			ADDQ(cStride, c)
		}
	}
}

// lanes returns the choice for vector j of a row.
func (t *tile) lanes(j int) choice {
	if j < t.vectors-1 {
		return choice{}
	}
	return t.tail
}

// row returns the address of row i of A, if a is that of row 0.
func (t *tile) row(a reg.Register, i int) operand.Mem {
	switch i {
	case 0:
		return operand.Mem{Base: a}
	case 1, 2, 4, 8:
		return operand.Mem{Base: a, Index: t.rowStride, Scale: uint8(i)}
	case 3, 6:
		return operand.Mem{Base: a, Index: t.times3, Scale: uint8(i / 3)}
	case 5:
		return operand.Mem{Base: a, Index: t.times5, Scale: 1}
	case 7:
		return operand.Mem{Base: a, Index: t.times7, Scale: 1}
	}
	panic(fmt.Sprintf("no address for row %d", i))
}

// step adds the products of one k and moves a and b on to the next. Each element of A is spread over a vector, each vector
// of B loaded once; in a tile of one row that use is its only one, and the multiply-add can load it itself.
func (t *tile) step(a, b reg.Register) {
	right := make([]operand.Op, t.vectors)
	for j := range right {
		at := operand.Mem{Base: b, Disp: 4 * t.m.lanes * j}
		if right[j] = at; t.rows > 1 || t.lanes(j) != (choice{}) {
			r := t.m.vec()
			t.lanes(j).load(at, r)
			right[j] = r
		}
	}
	for i, row := range t.sums {
		left := t.m.vec()
		VBROADCASTSS(t.row(a, i), left)
		for j, s := range row {
			VFMADD231PS(right[j], left, s)
		}
	}
	ADDQ(t.kStride, a)
	ADDQ(t.bStride, b)
}
