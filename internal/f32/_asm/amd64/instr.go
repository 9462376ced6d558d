package amd64

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// dst returns the register of a result.
func (l *lowering) dst(r *ir.Reg) reg.Register {
	if got, ok := l.regs[r]; ok {
		return got
	}
	switch {
	case r.Kind == ir.Int:
		l.regs[r] = l.GP64()
	case r.Kind == ir.Mask && l.t.Lanes == 16:
		l.regs[r] = l.K()
	default:
		l.regs[r] = l.vector()
	}
	return l.regs[r]
}

// in returns the register of a value.
func (l *lowering) in(r *ir.Reg) reg.Register {
	if m, ok := l.once[r]; ok {
		delete(l.once, r)
		v := l.vector()
		l.VMOVUPS(m, v)
		return v
	}
	if r.Uniform != nil && !l.held[r] {
		return l.uniform(r)
	}
	got, ok := l.regs[r]
	if !ok {
		panic(fmt.Sprintf("amd64: %s: register %d has no value", l.fn.Name, r.ID))
	}
	return got
}

// operand returns a value as the one operand that may be memory.
func (l *lowering) operand(r *ir.Reg) operand.Op {
	if m, ok := l.once[r]; ok {
		delete(l.once, r)
		return m
	}
	if l.inMemory(r) {
		return l.data.constant(r.Uniform)
	}
	return l.in(r)
}

// inMemory says whether r is a constant that operand takes from memory. AVX-512 keeps 4 bytes of each, so loads them.
func (l *lowering) inMemory(r *ir.Reg) bool {
	return r.Uniform != nil && r.Uniform.Param == nil && !l.held[r] && l.t.Lanes == 8
}

func (l *lowering) mem(m ir.Mem) operand.Mem {
	out := operand.Mem{Base: l.regs[m.Base], Disp: m.Disp}
	if m.Index != nil {
		out.Index, out.Scale = l.regs[m.Index], uint8(max(1, m.Scale))
	}
	return out
}

// instr emits one instruction.
func (l *lowering) instr(in *ir.Instr) {
	if l.integer(in) {
		return
	}
	l.flags = nil
	switch in.Op {
	case ir.FMA:
		l.fma(in, l.VFMADD231PS, l.VFMADD213PS, l.VFMADD132PS)
	case ir.FNMA:
		l.fma(in, l.VFNMADD231PS, l.VFNMADD213PS, l.VFNMADD132PS)
	case ir.FMS:
		l.fma(in, l.VFMSUB231PS, l.VFMSUB213PS, l.VFMSUB132PS)
	case ir.Move:
		if in.Args[0].Uniform != nil && !l.held[in.Args[0]] {
			l.moveUniform(in)
		} else if from, to := l.in(in.Args[0]), l.dst(in.Dst); from != to {
			l.VMOVAPS(from, to)
		}
	case ir.Zero:
		d := l.dst(in.Dst)
		l.VXORPS(d, d, d)
	case ir.Sqrt:
		l.VSQRTPS(l.narrow(in, l.operand(in.Args[0])), l.narrow(in, l.dst(in.Dst)))
	case ir.ShlI:
		l.VPSLLD(operand.Imm(uint64(in.Imm)), l.in(in.Args[0]), l.dst(in.Dst))
	case ir.ShrI:
		l.VPSRLD(operand.Imm(uint64(in.Imm)), l.in(in.Args[0]), l.dst(in.Dst))
	case ir.SarI:
		l.VPSRAD(operand.Imm(uint64(in.Imm)), l.in(in.Args[0]), l.dst(in.Dst))
	case ir.Spread:
		l.VBROADCASTSS(x(l.in(in.Args[0])), l.dst(in.Dst))
	case ir.FloatOfInt:
		d := x(l.dst(in.Dst))
		l.VXORPS(d, d, d)
		l.VCVTSI2SSQ(l.int(in.Args[0]), d, d)
	case ir.Fold:
		l.fold(in)
	case ir.Load:
		if in.Once {
			l.once[in.Dst] = l.mem(in.Mem)
		} else {
			l.VMOVUPS(l.mem(in.Mem), l.dst(in.Dst))
		}
	case ir.Store:
		l.VMOVUPS(l.in(in.Args[0]), l.mem(in.Mem))
	case ir.StoreFirst:
		l.VMOVSS(x(l.in(in.Args[0])), l.mem(in.Mem))
	case ir.BroadcastMem:
		l.VBROADCASTSS(l.mem(in.Mem), l.dst(in.Dst))
	case ir.LoadBytes:
		l.VPMOVZXBD(l.mem(in.Mem), l.dst(in.Dst))
	case ir.Prefetch:
		if in.Imm == 1 {
			l.PREFETCHT0(l.mem(in.Mem))
		} else {
			l.PREFETCHT1(l.mem(in.Mem))
		}
	case ir.ResultFloat:
		l.VMOVSS(x(l.in(in.Args[0])), l.result(in.Imm))
	case ir.Transpose:
		l.transpose(in)
	case ir.Return:
		l.leave()
	default:
		if !l.binary(in) && !l.choices(in) && !l.pairs(in) {
			panic(fmt.Sprintf("amd64: operation %d", in.Op))
		}
	}
}

func x(r reg.Register) reg.Register { return r.(reg.Vec).AsX() }

// moveUniform makes a variable of a uniform value that has no register.
func (l *lowering) moveUniform(in *ir.Instr) {
	u, d := in.Args[0].Uniform, l.dst(in.Dst)
	switch {
	case u.Param != nil:
		l.VBROADCASTSS(l.param(u.Param.Name), d)
	case l.t.Lanes == 8:
		l.VMOVUPS(l.data.constant(u), d)
	default:
		l.VBROADCASTSS(l.data.constant(u), d)
	}
}

// binary emits what computes Dst from two registers, of which the second may be in memory.
func (l *lowering) binary(in *ir.Instr) bool {
	op, ok := map[ir.Op]func(...operand.Op){
		ir.Add: l.VADDPS, ir.Sub: l.VSUBPS, ir.Mul: l.VMULPS, ir.Div: l.VDIVPS, ir.Min: l.VMINPS, ir.Max: l.VMAXPS,
		ir.AddI: l.VPADDD, ir.SubI: l.VPSUBD,
		ir.And: l.VANDPS, ir.AndNot: l.VANDNPS, ir.Or: l.VORPS, ir.Xor: l.VXORPS,
	}[in.Op]
	if !ok {
		return false
	}
	a, b := in.Args[0], in.Args[1]
	if _, once := l.once[a]; in.Op.Commutes() && (once || l.inMemory(a)) {
		a, b = b, a
	}
	first := l.in(a)
	op(l.narrow(in, l.operand(b)), l.narrow(in, first), l.narrow(in, l.dst(in.Dst)))
	return true
}

// narrow returns the part of a register that matters to an instruction: divisions and roots of 4 lanes are faster.
func (l *lowering) narrow(in *ir.Instr, op operand.Op) operand.Op {
	if r, ok := op.(reg.Vec); ok && in.Dst.Narrow {
		return r.AsX()
	}
	return op
}

// fma emits a multiply-add of a*b and c. It overwrites one of them: the forms are named by what is multiplied and added,
// 1 being the register that is overwritten, 2 another and 3 the one that may be memory.
func (l *lowering) fma(in *ir.Instr, f231, f213, f132 func(...operand.Op)) {
	a, b, c := in.Args[0], in.Args[1], in.Args[2]
	if _, once := l.once[b]; !once && !l.inMemory(b) && b != in.Dst {
		a, b = b, a // so that b is what is or stays in memory
	}
	_, assigned := l.regs[in.Dst]
	overwrites := func(r *ir.Reg) bool {
		if r == in.Dst {
			return true
		}
		_, once := l.once[r]
		return !assigned && !once && l.life.Dies(r, in)
	}
	switch {
	case c == in.Dst || overwrites(c) && a != in.Dst && b != in.Dst:
		d := l.take(in.Dst, c)
		f231(l.operand(b), l.in(a), d)
	case b == in.Dst || overwrites(b) && a != in.Dst:
		d := l.take(in.Dst, b)
		f213(l.operand(c), l.in(a), d)
	case overwrites(a):
		_, once := l.once[b]
		d := l.take(in.Dst, a)
		if once || l.inMemory(b) {
			f132(l.operand(b), l.in(c), d)
		} else {
			f213(l.operand(c), l.in(b), d)
		}
	default:
		l.instr(&ir.Instr{Op: ir.Move, Dst: in.Dst, Args: []*ir.Reg{c}})
		f231(l.operand(b), l.in(a), l.dst(in.Dst))
	}
}

// take lets dst have the register of a value that is needed no more.
func (l *lowering) take(dst, from *ir.Reg) reg.Register {
	l.regs[dst] = l.in(from)
	return l.regs[dst]
}

// fold combines the halves of a vector until one lane is left, the upper one being the first source.
func (l *lowering) fold(in *ir.Instr) {
	op := l.VADDPS
	if in.Imm == 1 {
		op = l.VMAXPS
	}
	total, upper := l.YMM(), l.YMM()
	if first := l.in(in.Args[0]); l.t.Lanes == 16 {
		whole := first.(reg.VecVirtual)
		l.VEXTRACTF64X4(operand.Imm(1), whole, upper)
		op(whole.AsY(), upper, total)
	} else {
		op(first, l.in(in.Args[1]), total)
	}
	low, high := total.AsX(), upper.AsX()
	l.VEXTRACTF128(operand.Imm(1), total, high)
	op(low, high, low)
	l.VMOVHLPS(low, low, high)
	op(low, high, low)
	l.VMOVSHDUP(low, high)
	op(low, high, x(l.dst(in.Dst)))
}
