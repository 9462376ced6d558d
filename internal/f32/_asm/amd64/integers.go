package amd64

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// int returns an integer: its register, or its place in memory.
func (l *lowering) int(r *ir.Reg) operand.Op {
	if m, ok := l.placeOf(r); ok {
		return m
	}
	return l.in(r)
}

// placeOf returns the place of an integer that stays in memory: where the caller put it, or in the frame.
func (l *lowering) placeOf(r *ir.Reg) (m operand.Mem, ok bool) {
	switch {
	case r.Cold != nil:
		return l.param(r.Cold.Name), true
	case !r.Seldom:
		return m, false
	}
	if m, ok = l.frame[r]; !ok {
		m = l.AllocLocal(8)
		l.frame[r] = m
	}
	return m, true
}

// intDst is int for a result.
func (l *lowering) intDst(r *ir.Reg) operand.Op {
	if m, ok := l.placeOf(r); ok {
		return m
	}
	return l.dst(r)
}

// integer emits what works on integers.
func (l *lowering) integer(in *ir.Instr) bool {
	switch in.Op {
	case ir.ParamInt:
		p := l.fn.Params[in.Imm]
		c := l.Param(p.Name)
		if p.IsSlice() {
			c = c.Base()
		}
		l.Load(c, l.dst(in.Dst))
	case ir.ParamLen:
		l.Load(l.Param(l.fn.Params[in.Imm].Name).Len(), l.dst(in.Dst))
	case ir.IntConst:
		if d := l.dst(in.Dst); in.Imm == 0 {
			l.XORL(d.(reg.GP).As32(), d.(reg.GP).As32())
		} else {
			l.MOVQ(operand.U32(uint64(in.Imm)), d)
		}
	case ir.IntMove:
		l.MOVQ(l.int(in.Args[0]), l.intDst(in.Dst))
	case ir.IntAdd:
		l.flags = nil
		if l.intAdd(in) {
			l.flags = in.Dst
		}
		return true
	case ir.IntSub:
		l.intoDst(in, func(d, b operand.Op) { l.SUBQ(b, d) })
	case ir.IntMul:
		if len(in.Args) == 1 {
			l.IMUL3Q(operand.U32(uint64(in.Imm)), l.int(in.Args[0]), l.dst(in.Dst))
		} else {
			l.intoDst(in, func(d, b operand.Op) { l.IMULQ(b, d) })
		}
	case ir.IntShl:
		l.intoDst(in, func(d, _ operand.Op) { l.SHLQ(operand.Imm(uint64(in.Imm)), d) })
	case ir.IntShr:
		l.intoDst(in, func(d, _ operand.Op) { l.SHRQ(operand.Imm(uint64(in.Imm)), d) })
	case ir.IntShlAdd:
		l.LEAQ(operand.Mem{Base: l.in(in.Args[0]), Index: l.in(in.Args[1]), Scale: 1 << in.Imm}, l.dst(in.Dst))
	case ir.IntLea:
		l.LEAQ(l.mem(in.Mem), l.dst(in.Dst))
	case ir.IntLoad:
		l.MOVQ(l.mem(in.Mem), l.dst(in.Dst))
	default:
		return false
	}
	l.flags = nil
	return true
}

// intoDst moves the first argument to the result d and applies op to it and the second argument, if there is one.
func (l *lowering) intoDst(in *ir.Instr, op func(d, b operand.Op)) {
	d := l.intDst(in.Dst)
	if in.Args[0] != in.Dst {
		l.MOVQ(l.int(in.Args[0]), d)
	}
	var b operand.Op
	if len(in.Args) > 1 {
		b = l.int(in.Args[1])
	}
	op(d, b)
}

// intAdd says whether it leaves flags by which the result can be compared with 0.
func (l *lowering) intAdd(in *ir.Instr) (flags bool) {
	a := in.Args[0]
	switch {
	case len(in.Args) == 2 && in.Args[1] == in.Dst:
		l.ADDQ(l.int(a), l.intDst(in.Dst))
	case len(in.Args) == 2 && a == in.Dst:
		l.ADDQ(l.int(in.Args[1]), l.intDst(in.Dst))
	case len(in.Args) == 2:
		l.LEAQ(operand.Mem{Base: l.in(a), Index: l.in(in.Args[1]), Scale: 1}, l.dst(in.Dst))
		return false
	case a != in.Dst:
		l.LEAQ(operand.Mem{Base: l.in(a), Disp: int(in.Imm)}, l.dst(in.Dst))
		return false
	case in.Imm == -1:
		l.DECQ(l.intDst(a))
	case in.Imm < 0:
		l.SUBQ(imm(-in.Imm), l.intDst(a))
	default:
		l.ADDQ(imm(in.Imm), l.intDst(a))
	}
	return true
}

// imm is a constant in as few bytes as it takes.
func imm(n int64) operand.Op {
	if n < 128 {
		return operand.U8(n)
	}
	return operand.U32(n)
}
