package wasm

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// lanes emits what makes and uses choices, which are vectors with all bits of a lane set or none, and what moves lanes.
func (l *lowering) lanes(in *ir.Instr) bool {
	switch in.Op {
	case ir.Zero:
		l.lanes32(func(int) uint32 { return 0 })
	case ir.CmpNLE:
		l.args(in)
		l.op(f32x4Le)
		l.op(v128Not)
	case ir.CmpUnord:
		for i, a := range in.Args {
			l.in(a)
			l.in(a)
			l.op(f32x4Ne)
			if i == 1 {
				l.op(v128Or)
			}
		}
	case ir.SignMask:
		l.args(in)
		l.integer(31)
		l.op(i32x4ShrS)
	case ir.Select:
		l.selectLanes(in)
	case ir.Blend:
		l.in(in.Args[1])
		l.in(in.Args[2])
		l.in(in.Args[0])
		l.op(v128BitSelect)
	case ir.KeepWhere:
		l.in(in.Args[0])
		l.args(in)
		l.op(v128And)
		l.lanes32(func(int) uint32 { return 0 })
		l.op(i32x4Eq)
		l.op(v128AndNot)
	case ir.NoLane:
		for i, a := range in.Args {
			l.in(a)
			if i > 0 {
				l.op(v128Or)
			}
		}
		l.op(v128AnyTrue)
		l.op(i32Eqz)
	case ir.TailLanes:
		l.args(in)
		l.op(i32x4Splat)
		l.lanes32(func(i int) uint32 { return uint32(in.Imm) + uint32(i) })
		l.op(i32x4GtS)
	case ir.Spread:
		l.args(in)
		l.args(in)
		l.shuffle(0, 0, 0, 0)
	case ir.FloatOfInt:
		l.args(in)
		l.op(f32OfI32)
		l.op(f32x4Splat)
	case ir.Fold:
		l.fold(in)
	case ir.Transpose:
		l.transpose(in)
		return true
	default:
		return false
	}
	l.out(in, in.Dst)
	return true
}

// selectLanes takes relaxed select, which amd64 has as one instruction; it is the same for masks of whole lanes.
func (l *lowering) selectLanes(in *ir.Instr) {
	l.in(in.Args[1])
	l.in(in.Args[2])
	l.in(in.Args[0])
	if l.relaxed {
		l.op(i32x4RelaxedLaneSelect)
	} else {
		l.op(v128BitSelect)
	}
}

// fold combines the halves of a vector until one lane is left, the upper one being the first argument.
func (l *lowering) fold(in *ir.Instr) {
	combine := func(upper, lower func()) {
		if in.Imm == 1 { // arguments of pmax are the other way round
			upper, lower = lower, upper
		}
		upper()
		lower()
		if in.Imm == 1 {
			l.op(f32x4PMax)
		} else {
			l.op(f32x4Add)
		}
	}
	arg := func(i int) func() { return func() { l.in(in.Args[min(i, len(in.Args)-1)]) } }
	halves := func(lo int) func() { return func() { combine(arg(lo+2), arg(lo)) } }
	t := l.temporary(v128)
	combine(halves(1), halves(0))
	for _, lanes := range [][]byte{{2, 3, 2, 3}, {1, 1, 1, 1}} {
		l.set(t)
		combine(func() {
			l.get(t)
			l.get(t)
			l.shuffle(lanes...)
		}, func() { l.get(t) })
	}
}

// loadTail fetches as many lanes as there are, none to four. The last of them ends a load of 16 bytes, since memory may end
// there; choosing bytes beyond those 16 makes the other lanes 0.
func (l *lowering) loadTail(in *ir.Instr) {
	missing := l.temporary(i32) // bytes
	l.integer(4)
	l.in(in.Args[0])
	l.op(i32Sub)
	l.integer(2)
	l.op(i32Shl)
	l.tee(missing)
	l.integer(0)
	l.get(missing)
	l.integer(0)
	l.op(i32GtS)
	l.op(selectOne)
	l.set(missing)

	l.pushAddress(in.Mem)
	l.get(missing)
	l.op(i32Sub)
	l.memory(v128Load, 0)
	l.get(missing)
	l.op(i8x16Splat)
	l.lanes32(func(i int) uint32 { return 0x03020100 + 0x04040404*uint32(i) })
	l.op(i8x16Add)
	l.op(i8x16Swizzle)
}

// storeTail stores as many lanes as there are, at least 1, in pieces of 4, 2 and 1 of each register.
func (l *lowering) storeTail(count *ir.Reg, vectors []*ir.Reg, m ir.Mem) {
	atLeast := func(n int) {
		l.in(count)
		l.integer(int64(n))
		l.op(i32GeS)
	}
	hasBit := func(bit int64) {
		l.in(count)
		l.integer(bit)
		l.op(i32And)
	}
	var from func(i int)
	from = func(i int) {
		store := func(op opcode, first int, lane ...byte) {
			offset := l.address(m)
			l.in(vectors[i])
			l.memory(op, offset+4*(4*i+first), lane...)
		}
		atLeast(4*i + 4)
		l.when(func() {
			store(v128Store, 0)
			if i+1 < len(vectors) {
				atLeast(4*i + 5)
				l.when(func() { from(i + 1) }, func() {})
			}
		}, func() {
			hasBit(2)
			l.when(func() {
				store(v128Store64Lane, 0, 0)
				hasBit(1)
				l.when(func() { store(v128Store32Lane, 2, 2) }, func() {})
			}, func() { store(v128Store32Lane, 0, 0) })
		})
	}
	from(0)
}

// transpose turns a square of four vectors in place.
func (l *lowering) transpose(in *ir.Instr) {
	if len(in.Args) != 4 {
		panic("wasm: transpose of other than four vectors")
	}
	pair := func(a, b func(), lanes ...byte) func() {
		t := l.temporary(v128)
		a()
		b()
		l.shuffle(lanes...)
		l.set(t)
		return func() { l.get(t) }
	}
	var r [4]func()
	for i, a := range in.Args {
		r[i] = func() { l.in(a) }
	}
	low01, high01 := pair(r[0], r[1], 0, 4, 1, 5), pair(r[0], r[1], 2, 6, 3, 7)
	low23, high23 := pair(r[2], r[3], 0, 4, 1, 5), pair(r[2], r[3], 2, 6, 3, 7)
	for i, halves := range [][2]func(){{low01, low23}, {low01, low23}, {high01, high23}, {high01, high23}} {
		halves[0]()
		halves[1]()
		if i%2 == 0 {
			l.shuffle(0, 1, 4, 5)
		} else {
			l.shuffle(2, 3, 6, 7)
		}
		l.out(in, in.Args[i])
	}
}
