package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tallest is the most rows of a tile whose right-hand side is never worth packing: fewRows of package f32.
const tallest = 3

// unroll returns how many steps of k the main loop takes at a time. There should be few enough rounds for the processor
// to foresee the last. Wide tiles wait for memory, and the prefetcher can follow no more than about 16 loads, each with
// its own stride (1 row, 128 x 128: 290 ns, with 4 steps 400; 256 x 256: 1.1 us, with 2 steps 1.8). Tall tiles gain nothing
// from 8 steps.
func (t *tile) unroll() int {
	return max(1, min(4, 16/t.vectors))
}

// tiles emits the functions that compute tiles of C, one below the other in strips beside each other. A tile is a block of C
// that stays in registers while k runs; there is a loop for each size. A strip of B is used for all of its tiles before the
// next, to be in the first-level cache.
func (m *kernels) tiles() {
	m.Begin("tiles", "(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride, kStride int, "+
		"b *float32, bStride, k, last, masked int, accumulate bool, next uintptr, nextTile int)",
		fmt.Sprintf("computes strips of C, so many vectors wide: in each, tiles one below the other, the first of the given rows, and\n"+
			"below them lower ones, of one row less; k > 0. The last vector of a row has so many lanes, all of them if there\n"+
			"are several strips; those that it lacks are not read in the given number of steps at the end of k. In every\n"+
			"fourth step of k of a tile of more than %d rows it asks for one more line after next to come into the\n"+
			"second-level cache, and then adds nextTile to next.", tallest))
	t := tile{m: m}
	t.begin()
	t.kStride = stride("kStride")
	t.strips(1, 1)
}

// tilesPacked emits the same for a packed right-hand side, which is padded and often far away.
func (m *kernels) tilesPacked() {
	m.Begin("tilesPacked", "(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride int, "+
		"b *float32, bStride, k, last int, accumulate bool, next uintptr, nextTile int)",
		fmt.Sprintf("is tiles for at least %d rows of 2 vectors, an A with steps of one element along k, and a packed B,\n"+
			"whose padding it reads. It asks for a line in every step.", tallest+1))
	t := tile{m: m, packed: true}
	t.begin()
	t.times3B = GP64()
	LEAQ(operand.Mem{Base: t.bStride, Index: t.bStride, Scale: 2}, t.times3B)
	t.strips(tallest+1, 2)
}

// begin loads what the functions have in common.
func (t *tile) begin() {
	t.c, t.a = GP64(), GP64()
	t.height, t.left, t.lower = AllocLocal(8), AllocLocal(8), AllocLocal(8)
	t.rowStride, t.bStride = stride("rowStride"), stride("bStride")
	SHLQ(operand.Imm(2), parameter("cStride"))
	t.times3, t.times5, t.times7 = GP64(), GP64(), GP64()
	LEAQ(operand.Mem{Base: t.rowStride, Index: t.rowStride, Scale: 2}, t.times3)
	LEAQ(operand.Mem{Base: t.rowStride, Index: t.rowStride, Scale: 4}, t.times5)
	LEAQ(operand.Mem{Base: t.times3, Index: t.rowStride, Scale: 4}, t.times7)
	t.tail = t.m.firstLanes(Load(Param("last"), GP64()))
}

// strips emits the loop over strips, with the loops of all sizes of tiles from the given numbers of rows and vectors on.
func (t *tile) strips(fewest, narrowest int) {
	count := GP64()
	Label("strip")
	Load(Param("c"), t.c)
	Load(Param("a"), t.a)
	copyParameter("rows", t.height)
	copyParameter("tiles", t.left)
	copyParameter("lower", t.lower)
	Label("stack")
	t.sizes(fewest, narrowest)
	Label("stacked")
	MOVQ(t.lower, count)
	TESTQ(count, count)
	jump(JEQ, "nextStrip")
	MOVQ(count, t.left)
	MOVQ(operand.U32(0), t.lower)
	DECQ(t.height)
	jump(JMP, "stack")
	Label("nextStrip")
	width := Load(Param("vectors"), GP64())
	IMUL3Q(operand.U32(4*t.m.Lanes), width, width)
	ADDQ(width, parameter("c"))
	ADDQ(width, parameter("b"))
	DECQ(parameter("strips"))
	jump(JNE, "strip")
	t.m.End()
}

func copyParameter(name string, to operand.Mem) { MOVQ(Load(Param(name), GP64()), to) }

// sizes emits the loops of all sizes and the way to them.
func (t *tile) sizes(fewest, narrowest int) {
	rows, vectors := GP64(), Load(Param("vectors"), GP64())
	MOVQ(t.height, rows)
	widest := len(t.m.heights)
	for t.m.heights[widest-1] < fewest {
		widest--
	}
	search("wider", vectors, narrowest, widest, func(n int) {
		t.vectors = n
		search(fmt.Sprintf("higher%d_", n), rows, fewest, max(fewest, t.m.heights[n-1]), func(n int) {
			t.rows = n
			t.loop()
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
	m                      *kernels
	packed                 bool
	rows, vectors          int
	height, left, lower    operand.Mem        // rows of the tiles of this stack, how many are left, how many lower ones follow
	c, a                   reg.Register       // the tile's corner of C, its first row of A
	rowStride              reg.Register       // in bytes, as all strides
	times3, times5, times7 reg.Register       // multiples of rowStride
	kStride                reg.Register       // from one k to the next in A, if B is not packed
	bStride, times3B       reg.Register       // from one k to the next in B
	tail                   choice             // the lanes of a row's last vector
	sums                   [][]reg.VecVirtual // by row and vector
}

func (t *tile) label(kind string) string { return label(kind, t.rows, t.vectors) }

// loop emits the function's body for one size.
func (t *tile) loop() {
	t.sums = nil
	for range t.rows {
		var row []reg.VecVirtual
		for range t.vectors {
			row = append(row, t.m.Register())
		}
		t.sums = append(t.sums, row)
	}
	Label(t.label("tile"))
	t.load()
	if t.packed {
		t.alongPacked()
	} else {
		t.along()
	}
	t.store()
	LEAQ(t.row(t.a, t.rows, 0), t.a)
	if t.rows > tallest {
		by := GP64()
		MOVQ(parameter("nextTile"), by)
		ADDQ(by, parameter("next"))
	}
	DECQ(t.left)
	jump(JNE, t.label("tile"))
	jump(JMP, "stacked")
}

// load starts the sums from zero or C.
func (t *tile) load() {
	c, cStride := GP64(), GP64()
	MOVQ(t.c, c)
	MOVQ(parameter("cStride"), cStride)
	CMPB(parameter("accumulate"), operand.Imm(0))
	jump(JEQ, t.label("fresh"))
	t.each(c, cStride, t.tail, func(s reg.Register, at operand.Mem, lanes choice) { lanes.load(at, s) })
	jump(JMP, t.label("start"))
	Label(t.label("fresh"))
	t.each(nil, nil, choice{}, func(s reg.Register, _ operand.Mem, _ choice) { VXORPS(s, s, s) })
	Label(t.label("start"))
}

// store moves the sums to C, and t.c below the tile.
func (t *tile) store() {
	cStride := GP64()
	MOVQ(parameter("cStride"), cStride)
	CMPQ(parameter("last"), operand.Imm(uint64(t.m.Lanes)))
	jump(JNE, t.label("raggedStore"))
	t.each(t.c, cStride, choice{}, func(s reg.Register, at operand.Mem, lanes choice) { lanes.store(s, at) })
	jump(JMP, t.label("stored"))
	Label(t.label("raggedStore"))
	t.each(t.c, cStride, t.tail, func(s reg.Register, at operand.Mem, lanes choice) { lanes.store(s, at) })
	Label(t.label("stored"))
}

// each calls f with every sum, its place in C and its lanes. It leaves c, if it is a register, one row below the tile.
func (t *tile) each(c, cStride reg.Register, tail choice, f func(s reg.Register, at operand.Mem, lanes choice)) {
	for _, row := range t.sums {
		for j, s := range row {
			lanes := choice{}
			if j == t.vectors-1 {
				lanes = tail
			}
			f(s, operand.Mem{Base: c, Disp: 4 * t.m.Lanes * j}, lanes)
		}
		if c != nil {
			ADDQ(cStride, c)
		}
	}
}

// along emits the loops over k for a B as it lies.
func (t *tile) along() {
	a, b, k, next := GP64(), GP64(), GP64(), GP64()
	MOVQ(t.a, a)
	MOVQ(parameter("b"), b)
	MOVQ(parameter("k"), k)
	SUBQ(parameter("masked"), k)
	fetches := t.rows > tallest
	if fetches {
		MOVQ(parameter("next"), next)
	}
	step := func(tail choice) {
		t.step(t.row(a, 0, 0), operand.Mem{Base: b}, tail)
		ADDQ(t.kStride, a)
		ADDQ(t.bStride, b)
	}
	t.unrolled(k, func() {
		if fetches {
			PREFETCHT1(operand.Mem{Base: next})
			ADDQ(operand.Imm(64), next)
		}
		for range t.unroll() {
			step(choice{})
		}
	}, func() { step(choice{}) })
	MOVQ(parameter("masked"), k)
	TESTQ(k, k)
	jump(JEQ, t.label("done"))
	Label(t.label("masked"))
	step(t.tail)
	DECQ(k)
	jump(JNE, t.label("masked"))
	Label(t.label("done"))
}

// alongPacked emits the loops over k for a packed B. Its lines come into the first-level cache 8 steps before they are
// used, which is worth 3 % where they lie in the second-level cache.
func (t *tile) alongPacked() {
	a, b, k, next := GP64(), GP64(), GP64(), GP64()
	MOVQ(t.a, a)
	MOVQ(parameter("b"), b)
	MOVQ(parameter("k"), k)
	MOVQ(parameter("next"), next)
	unroll := t.unroll()
	t.unrolled(k, func() {
		for i := range unroll {
			for j := 0; t.m.Lanes == 16 && j < t.vectors; j++ {
				PREFETCHT0(operand.Mem{Base: b, Index: t.bStride, Scale: 8, Disp: 64 * (t.vectors*i + j)})
			}
			PREFETCHT1(operand.Mem{Base: next, Disp: 64 * i})
			right := operand.Mem{Base: b}
			switch i {
			case 1, 2:
				right = operand.Mem{Base: b, Index: t.bStride, Scale: uint8(i)}
			case 3:
				right = operand.Mem{Base: b, Index: t.times3B, Scale: 1}
			}
			t.step(t.row(a, 0, 4*i), right, choice{})
		}
		ADDQ(operand.Imm(uint64(4*unroll)), a)
		LEAQ(operand.Mem{Base: b, Index: t.bStride, Scale: uint8(unroll)}, b)
		ADDQ(operand.U32(64*unroll), next)
	}, func() {
		t.step(t.row(a, 0, 0), operand.Mem{Base: b}, choice{})
		ADDQ(operand.Imm(4), a)
		ADDQ(t.bStride, b)
	})
}

// unrolled emits k steps, most of them several at a time.
func (t *tile) unrolled(k reg.Register, many, one func()) {
	steps := operand.Imm(uint64(t.unroll()))
	SUBQ(steps, k)
	jump(JLT, t.label("few"))
	Label(t.label("many"))
	many()
	SUBQ(steps, k)
	jump(JGE, t.label("many"))
	Label(t.label("few"))
	ADDQ(steps, k)
	jump(JEQ, t.label("last"))
	Label(t.label("one"))
	one()
	DECQ(k)
	jump(JNE, t.label("one"))
	Label(t.label("last"))
}

// row returns the address of row i of A, if a is that of row 0, with a displacement in bytes.
func (t *tile) row(a reg.Register, i, disp int) operand.Mem {
	at := operand.Mem{Base: a, Disp: disp}
	switch i {
	case 0:
	case 1, 2, 4, 8:
		at.Index, at.Scale = t.rowStride, uint8(i)
	case 3, 6:
		at.Index, at.Scale = t.times3, uint8(i/3)
	case 5:
		at.Index, at.Scale = t.times5, 1
	case 7:
		at.Index, at.Scale = t.times7, 1
	default:
		panic(fmt.Sprintf("no address for row %d", i))
	}
	return at
}

// step adds the products of one k. Each element of A is spread over a vector, each vector of B loaded once; in a tile of
// one row that use is its only one, and the multiply-add can load it itself.
func (t *tile) step(a, b operand.Mem, tail choice) {
	right := make([]operand.Op, t.vectors)
	for j := range right {
		at, lanes := b.Offset(4*t.m.Lanes*j), choice{}
		if j == t.vectors-1 {
			lanes = tail
		}
		if right[j] = at; t.rows > 1 || lanes != (choice{}) {
			r := t.m.Register()
			lanes.load(at, r)
			right[j] = r
		}
	}
	for i, row := range t.sums {
		left := t.m.Register()
		VBROADCASTSS(t.row(a.Base, i, a.Disp), left)
		for j, s := range row {
			VFMADD231PS(right[j], left, s)
		}
	}
}
