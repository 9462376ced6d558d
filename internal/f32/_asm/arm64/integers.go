package arm64

import (
	"math/bits"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// int returns the register of an integer.
func (l *lowering) int(r *ir.Reg) int {
	if _, ok := l.regs[r]; !ok && r.Cold != nil {
		at := l.scratch(ir.Int)
		l.loadParam(r.Cold, at)
		return at
	}
	return l.in(r)
}

// loadParam fetches an integer parameter, or the address in a slice.
func (l *lowering) loadParam(p *ir.Param, r int) {
	switch {
	case p.IsSlice():
		l.emit("MOVD %s, R%d", l.frame.at(p, "_base"), r)
	case p.Type == "bool":
		l.emit("MOVBU %s, R%d", l.frame.at(p, ""), r)
	case p.Type == "uint32":
		l.emit("MOVWU %s, R%d", l.frame.at(p, ""), r)
	default:
		l.emit("MOVD %s, R%d", l.frame.at(p, ""), r)
	}
}

// set lets compute set an integer result.
func (l *lowering) set(in *ir.Instr, compute func(d int)) {
	l.flags = nil
	l.forget(in.Dst)
	if _, held := l.regs[in.Dst]; !held && in.Dst.Cold != nil {
		d := l.scratch(ir.Int)
		compute(d)
		l.emit("MOVD R%d, %s", d, l.frame.at(in.Dst.Cold, ""))
		return
	}
	compute(l.dst(in))
}

// integer emits what works on integers.
func (l *lowering) integer(in *ir.Instr) bool {
	var a, b int
	if in.Op >= ir.IntMove && in.Op <= ir.IntShlAdd {
		if a = l.int(in.Args[0]); len(in.Args) > 1 {
			b = l.int(in.Args[1])
		}
	}
	switch in.Op {
	case ir.ParamInt:
		l.set(in, func(d int) { l.loadParam(l.fn.Params[in.Imm], d) })
	case ir.ParamLen:
		l.set(in, func(d int) { l.emit("MOVD %s, R%d", l.frame.at(l.fn.Params[in.Imm], "_len"), d) })
	case ir.IntConst:
		l.set(in, func(d int) { l.emit("MOVD $%d, R%d", in.Imm, d) })
	case ir.IntMove:
		l.set(in, func(d int) { l.emit("MOVD R%d, R%d", a, d) })
	case ir.IntAdd:
		l.intAdd(in, a, b)
	case ir.IntSub:
		l.set(in, func(d int) { l.emit("SUB R%d, R%d, R%d", b, a, d) })
	case ir.IntMul:
		l.intMul(in, a, b)
	case ir.IntShl:
		l.set(in, func(d int) { l.emit("LSL $%d, R%d, R%d", in.Imm, a, d) })
	case ir.IntShr:
		l.set(in, func(d int) { l.emit("LSR $%d, R%d, R%d", in.Imm, a, d) })
	case ir.IntShlAdd:
		l.set(in, func(d int) { l.emit("ADD R%d<<%d, R%d, R%d", b, in.Imm, a, d) })
	case ir.IntLea:
		l.intLea(in)
	case ir.IntLoad:
		at := l.mem(in.Mem)
		l.set(in, func(d int) { l.emit("MOVD %s, R%d", at, d) })
	default:
		return false
	}
	return true
}

// intAdd leaves flags by which the result can be compared with 0.
func (l *lowering) intAdd(in *ir.Instr, a, b int) {
	l.set(in, func(d int) {
		switch {
		case len(in.Args) == 2:
			l.emit("ADDS R%d, R%d, R%d", b, a, d)
		case in.Imm < 0:
			l.emit("SUBS $%d, R%d, R%d", -in.Imm, a, d)
		default:
			l.emit("ADDS $%d, R%d, R%d", in.Imm, a, d)
		}
	})
	l.flags = in.Dst
}

func (l *lowering) intLea(in *ir.Instr) {
	m := in.Mem
	base, index := l.int(m.Base), -1
	if m.Index != nil {
		index = l.int(m.Index)
	}
	l.set(in, func(d int) {
		if index >= 0 {
			l.emit("ADD R%d<<%d, R%d, R%d", index, bits.TrailingZeros(uint(max(1, m.Scale))), base, d)
			base = d
		}
		if m.Disp != 0 || index < 0 {
			l.emit("ADD $%d, R%d, R%d", m.Disp, base, d)
		}
	})
}

func (l *lowering) intMul(in *ir.Instr, a, b int) {
	switch n := uint64(in.Imm); {
	case len(in.Args) == 2:
	case n != 0 && n&(n-1) == 0:
		l.set(in, func(d int) { l.emit("LSL $%d, R%d, R%d", bits.TrailingZeros64(n), a, d) })
		return
	default:
		b = l.scratch(ir.Int)
		l.emit("MOVD $%d, R%d", in.Imm, b)
	}
	l.set(in, func(d int) { l.emit("MUL R%d, R%d, R%d", b, a, d) })
}

// noLane combines masks, and asks whether their greatest lane is 0.
func (l *lowering) noLane(in *ir.Instr) {
	all := l.in(in.Args[0])
	t := l.scratch(ir.Vector)
	for _, r := range in.Args[1:] {
		l.op3("ORR", l.in(r), all, t)
		all = t
	}
	l.op2("UMAXV", all, t)
	l.set(in, func(d int) {
		l.emit("FMOVS F%d, R%d", t, d)
		l.emit("CMP $0, R%d", d)
		l.emit("CSET EQ, R%d", d)
	})
}

// resultBool sets a result to whether an integer is not 0.
func (l *lowering) resultBool(in *ir.Instr) {
	r := l.scratch(ir.Int)
	l.emit("CMP $0, R%d", l.int(in.Args[0]))
	l.emit("CSET NE, R%d", r)
	l.flags = nil
	l.emit("MOVB R%d, %s", r, l.frame.at(l.fn.Results[in.Imm], ""))
}
