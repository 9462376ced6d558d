package amd64

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// compare is the predicates of VCMPPS, false where a side is NaN but for those that say so.
var compare = map[ir.Op]uint64{ir.CmpEQ: 0x00, ir.CmpLT: 0x11, ir.CmpUnord: 0x03, ir.CmpGT: 0x1e, ir.CmpNLE: 0x16}

// choices emits what makes and uses masks: mask registers with AVX-512, vectors whose sign bits count with AVX2.
func (l *lowering) choices(in *ir.Instr) bool {
	wide := l.t.Lanes == 16
	if predicate, ok := compare[in.Op]; ok {
		a := l.in(in.Args[0])
		l.VCMPPS(operand.Imm(predicate), l.operand(in.Args[1]), a, l.dst(in.Dst))
		return true
	}
	switch in.Op {
	case ir.CmpGTI:
		l.VPCMPGTD(l.in(in.Args[1]), l.in(in.Args[0]), l.dst(in.Dst))
	case ir.SignMask:
		if wide {
			l.VPMOVD2M(l.in(in.Args[0]), l.dst(in.Dst))
		} else {
			l.VMOVAPS(l.in(in.Args[0]), l.dst(in.Dst))
		}
	case ir.Select:
		if wide {
			l.selectByMask(in)
		} else {
			yes := l.operand(in.Args[1])
			l.VBLENDVPS(l.in(in.Args[0]), yes, l.in(in.Args[2]), l.dst(in.Dst))
		}
	case ir.Blend:
		l.blend(in)
	case ir.KeepWhere:
		l.keepWhere(in)
	case ir.NoLane:
		l.noLane(in)
	case ir.ResultBool:
		l.MOVB(l.int(in.Args[0]).(reg.GP).As8(), l.result(in.Imm))
	case ir.TailLanes:
		l.tailLanes(in)
	case ir.LoadTail:
		l.loadTail(in)
	case ir.StoreLanes:
		l.storeLanes(in)
	case ir.StoreTail:
		l.storeTail(in)
	default:
		return false
	}
	return true
}

// selectByMask writes over one of its arguments, since avo takes the result of a masked instruction for an argument, which
// would keep a register of its own from the function's beginning.
func (l *lowering) selectByMask(in *ir.Instr) {
	yes, no := in.Args[1], in.Args[2]
	_, assigned := l.regs[in.Dst]
	switch {
	case yes == in.Dst || no == in.Dst:
	case !assigned && l.life.Dies(yes, in):
		l.take(in.Dst, yes)
	case !assigned && l.life.Dies(no, in):
		l.take(in.Dst, no)
	default:
		l.VMOVAPS(l.in(no), l.dst(in.Dst))
	}
	l.VBLENDMPS(l.in(yes), l.in(no), l.in(in.Args[0]), l.dst(in.Dst))
}

func (l *lowering) blend(in *ir.Instr) {
	if l.t.Lanes == 16 {
		bits, a, b := in.Args[0], in.Args[1], in.Args[2]
		if _, ok := l.regs[in.Dst]; !ok && l.life.Dies(b, in) {
			l.take(in.Dst, b)
		} else {
			l.VMOVAPS(l.in(b), l.dst(in.Dst))
		}
		const aWhereBits = 0xd8 // the truth table of bits ? a : b
		l.VPTERNLOGD(operand.Imm(aWhereBits), l.in(bits), l.in(a), l.dst(in.Dst))
		return
	}
	a, b := l.vector(), l.vector()
	l.VANDPS(l.operand(in.Args[0]), l.in(in.Args[1]), a)
	if bits := in.Args[0]; l.inMemory(bits) {
		l.VMOVUPS(l.data.constant(bits.Uniform), b)
		l.VANDNPS(l.in(in.Args[2]), b, b)
	} else {
		l.VANDNPS(l.in(in.Args[2]), l.in(bits), b)
	}
	l.VORPS(a, b, l.dst(in.Dst))
}

func (l *lowering) keepWhere(in *ir.Instr) {
	a := l.in(in.Args[0])
	if l.t.Lanes == 16 {
		k := l.K()
		l.VPTESTMD(l.in(in.Args[1]), a, k)
		l.VMOVAPS_Z(a, k, l.dst(in.Dst))
		return
	}
	zero, t := l.YMM(), l.YMM()
	l.VPXOR(zero, zero, zero)
	l.VPAND(l.operand(in.Args[1]), a, t)
	l.VPCMPEQD(zero, t, t)
	l.VPANDN(a, t, l.dst(in.Dst))
}

func (l *lowering) noLane(in *ir.Instr) {
	d := l.dst(in.Dst)
	l.XORL(d.(reg.GP).As32(), d.(reg.GP).As32())
	first := l.in(in.Args[0])
	if l.t.Lanes == 16 {
		all := l.K()
		l.KMOVW(first, all)
		for _, r := range in.Args[1:] {
			l.KORW(l.in(r), all, all)
		}
		l.KORTESTW(all, all)
	} else {
		all, bits := l.YMM(), l.GP32()
		l.VMOVAPS(first, all)
		for _, r := range in.Args[1:] {
			l.VORPS(l.in(r), all, all)
		}
		l.VMOVMSKPS(all, bits)
		l.TESTL(bits, bits)
	}
	l.SETEQ(d.(reg.GP).As8())
}

// tailLanes makes a mask of the first lanes, or its address.
func (l *lowering) tailLanes(in *ir.Instr) {
	n, d := l.int(in.Args[0]), l.dst(in.Dst)
	if l.t.Lanes == 16 {
		bits := l.GP64()
		l.XORL(bits.As32(), bits.As32())
		l.BTSQ(n, bits)
		l.DECL(bits.As32())
		l.KMOVW(bits.As32(), d)
		return
	}
	table, back := l.GP64(), l.GP64()
	l.LEAQ(l.data.masks(), table)
	l.MOVQ(n, back)
	l.NEGQ(back)
	at := operand.Mem{Base: table, Index: back, Scale: 4, Disp: 4 * int(in.Imm)}
	if in.Dst.Kind == ir.Int {
		l.LEAQ(at, d)
	} else {
		l.VMOVUPS(at, d)
	}
}

// loadTail sets the lanes that are not chosen to +0.
func (l *lowering) loadTail(in *ir.Instr) {
	d, m := l.dst(in.Dst), l.mem(in.Mem)
	switch mask := l.in(in.Args[0]); {
	case in.Args[0].Kind == ir.Int:
		l.VMOVUPS(operand.Mem{Base: mask}, d)
		l.VMASKMOVPS(m, d, d)
	case l.t.Lanes == 16:
		l.VMOVUPS_Z(m, mask, d)
	default:
		l.VMASKMOVPS(m, mask, d)
	}
}

// storeLanes leaves memory as it is where a lane is not chosen.
func (l *lowering) storeLanes(in *ir.Instr) {
	mask, v, m := l.in(in.Args[0]), l.in(in.Args[1]), l.mem(in.Mem)
	switch {
	case in.Args[0].Kind == ir.Int:
		loaded := l.YMM()
		l.VMOVUPS(operand.Mem{Base: mask}, loaded)
		l.VMASKMOVPS(v, loaded, m)
	case l.t.Lanes == 16:
		l.VMOVUPS(v, mask, m)
	default:
		l.VMASKMOVPS(v, mask, m)
	}
}

// storeTail stores pieces of 8, 4, 2 and 1 elements: processors take a masked store for one of all 64 bytes, so that a load
// of the next row soon after would wait for it (22 instead of 42 ns for the softmax of adjacent rows of 65), and on AVX2
// it is slow by itself.
func (l *lowering) storeTail(in *ir.Instr) {
	to, rest, count := l.GP64(), l.YMM(), in.Args[0]
	v, done := l.in(in.Args[1]), l.label("done")
	l.LEAQ(l.mem(in.Mem), to)
	if l.t.Lanes == 16 {
		whole := v.(reg.VecVirtual)
		l.VMOVAPS(whole.AsY(), rest)
		l.piece(count, 8, func() {
			l.VMOVUPS(rest, operand.Mem{Base: to})
			l.VEXTRACTF64X4(operand.Imm(1), whole, rest)
			l.ADDQ(operand.Imm(32), to)
		})
	} else {
		few := l.label("few")
		l.VMOVAPS(v, rest)
		l.CMPQ(l.int(count), operand.Imm(8))
		l.JLT(operand.LabelRef(few))
		l.VMOVUPS(rest, operand.Mem{Base: to})
		l.JMP(operand.LabelRef(done))
		l.Label(few)
	}
	low := rest.AsX()
	l.piece(count, 4, func() {
		l.VMOVUPS(low, operand.Mem{Base: to})
		if l.t.Lanes == 16 { // which may be a register that only AVX-512 has
			l.VEXTRACTF32X4(operand.Imm(1), rest, low)
		} else {
			l.VEXTRACTF128(operand.Imm(1), rest, low)
		}
		l.ADDQ(operand.Imm(16), to)
	})
	l.piece(count, 2, func() {
		l.VMOVLPS(low, operand.Mem{Base: to})
		l.VMOVHLPS(low, low, low)
		l.ADDQ(operand.Imm(8), to)
	})
	l.piece(count, 1, func() { l.VMOVSS(low, operand.Mem{Base: to}) })
	if l.t.Lanes == 8 {
		l.Label(done)
	}
}

// piece runs body if the count has this bit.
func (l *lowering) piece(count *ir.Reg, bit int, body func()) {
	skip := l.label("skip")
	l.TESTB(operand.Imm(uint64(bit)), l.int(count).(reg.GP).As8())
	l.JEQ(operand.LabelRef(skip))
	body()
	l.Label(skip)
}
