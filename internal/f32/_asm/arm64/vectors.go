package arm64

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// simple is the operations that are one instruction on two registers.
var simple = map[ir.Op]string{
	ir.Add: "FADD", ir.Sub: "FSUB", ir.Mul: "FMUL", ir.Div: "FDIV", ir.AddI: "ADD", ir.SubI: "SUB",
	ir.And: "AND", ir.Or: "ORR", ir.Xor: "EOR", ir.CmpEQ: "FCMEQ", ir.CmpGT: "FCMGT", ir.CmpGTI: "CMGT",
	ir.MaxAny: "FMAX",
}

// instr emits one instruction.
func (l *lowering) instr(in *ir.Instr) {
	if name, ok := simple[in.Op]; ok {
		a, b := l.in(in.Args[0]), l.in(in.Args[1])
		if d := l.dst(in); in.Op == ir.Div && in.Dst.Narrow {
			l.emit("FDIVS F%d, F%d, F%d", b, a, d)
		} else {
			l.op3(name, b, a, d)
		}
		return
	}
	if l.integer(in) || l.memory(in) || l.choices(in) {
		return
	}
	switch in.Op {
	case ir.FMA:
		l.accumulate(in, func(d int) { l.op3("FMLA", l.in(in.Args[1]), l.in(in.Args[0]), d) })
	case ir.FNMA:
		l.accumulate(in, func(d int) { l.op3("FMLS", l.in(in.Args[1]), l.in(in.Args[0]), d) })
	case ir.FMS:
		l.multiplySubtract(in)
	case ir.FMAE:
		l.accumulate(in, func(d int) { l.multiplyAddElement(l.in(in.Args[1]), in.Imm, l.in(in.Args[0]), d) })
	case ir.Sqrt:
		a := l.in(in.Args[0])
		if d := l.dst(in); in.Dst.Narrow {
			l.emit("FSQRTS F%d, F%d", a, d)
		} else {
			l.op2("FSQRT", a, d)
		}
	case ir.ShlI, ir.ShrI:
		a := l.in(in.Args[0])
		l.emit("%s $%d, V%d.S4, V%d.S4", map[ir.Op]string{ir.ShlI: "VSHL", ir.ShrI: "VUSHR"}[in.Op], in.Imm, a, l.dst(in))
	case ir.SarI:
		a := l.in(in.Args[0])
		l.shiftRightSigned(in.Imm, a, l.dst(in))
	case ir.AndNot:
		a, b := l.in(in.Args[0]), l.in(in.Args[1])
		l.op3("BIC", a, b, l.dst(in))
	case ir.Move:
		if a := in.Args[0]; l.dies(a, in) {
			l.own(in.Dst, l.in(a))
		} else {
			l.move(a, l.early(in))
		}
	case ir.Zero:
		l.emit("VMOVI $0, V%d.B16", l.dst(in))
	case ir.Spread:
		a := l.in(in.Args[0])
		l.emit("VDUP V%d.S[0], V%d.S4", a, l.dst(in))
	case ir.FloatOfInt:
		n := l.int(in.Args[0])
		l.emit("SCVTFS R%d, F%d", n, l.dst(in))
	case ir.Fold:
		l.fold(in)
	case ir.Transpose:
		l.transpose(in)
	case ir.ResultFloat:
		l.emit("FMOVS F%d, %s", l.in(in.Args[0]), l.frame.at(l.fn.Results[in.Imm], ""))
	case ir.ResultBool:
		l.resultBool(in)
	case ir.Return:
		l.emit("RET")
	default:
		if !l.pairs(in) {
			panic(fmt.Sprintf("arm64: operation %d", in.Op))
		}
	}
}

// move copies a value. Constants come from memory even if a register has them.
func (l *lowering) move(from *ir.Reg, to int) {
	if _, held := l.regs[from]; from.Uniform != nil && (!held || from.Uniform.Param == nil) {
		l.loadUniform(from.Uniform, to)
		return
	}
	l.copy(l.in(from), to)
}

func (l *lowering) copy(from, to int) {
	if from != to {
		l.emit("VMOV V%d.B16, V%d.B16", from, to)
	}
}

func isFMA(op ir.Op) bool { return op == ir.FMA || op == ir.FNMA || op == ir.FMAE }

// accumulate emits a multiply-add, which overwrites the register of its addend, the third argument.
func (l *lowering) accumulate(in *ir.Instr, emit func(d int)) {
	c := in.Args[2]
	if l.dies(c, in) {
		emit(l.own(in.Dst, l.in(c)))
		return
	}
	l.overwriting(in, func(d int) {
		if in.Dst != c {
			l.move(c, d)
		}
		emit(d)
	}, in.Args[0], in.Args[1])
}

// overwriting lets emit compute a result in a register that is none of the given ones, which emit may read after it has
// begun to write.
func (l *lowering) overwriting(in *ir.Instr, emit func(d int), reads ...*ir.Reg) {
	for _, r := range reads {
		if r == in.Dst {
			t := l.scratch(ir.Vector)
			emit(t)
			l.copy(t, l.regs[in.Dst])
			return
		}
	}
	emit(l.early(in))
}

// multiplySubtract emits a*b - c as -c + a*b.
func (l *lowering) multiplySubtract(in *ir.Instr) {
	a, b, c := l.in(in.Args[0]), l.in(in.Args[1]), l.in(in.Args[2])
	negated := func(d int) {
		l.op2("FNEG", c, d)
		l.op3("FMLA", b, a, d)
	}
	if l.dies(in.Args[2], in) && in.Args[2] != in.Args[0] && in.Args[2] != in.Args[1] {
		negated(l.own(in.Dst, c))
		return
	}
	l.overwriting(in, negated, in.Args[0], in.Args[1])
}

// fold combines the halves of a vector until one lane is left, the upper one being the first argument.
func (l *lowering) fold(in *ir.Instr) {
	t, u := l.scratch(ir.Vector), l.scratch(ir.Vector)
	op := func(upper, lower, d int) {
		if in.Imm == 1 {
			l.greater(upper, lower, d)
			l.op3("BSL", lower, upper, d)
		} else {
			l.op3("FADD", lower, upper, d)
		}
	}
	op(l.in(in.Args[2]), l.in(in.Args[0]), t)
	op(l.in(in.Args[3]), l.in(in.Args[1]), u)
	v, w := l.scratch(ir.Vector), l.scratch(ir.Vector)
	op(u, t, v)
	l.emit("VEXT $8, V%d.B16, V%[1]d.B16, V%d.B16", v, w)
	op(w, v, t)
	l.emit("VEXT $4, V%d.B16, V%[1]d.B16, V%d.B16", t, u)
	op(u, t, l.early(in))
}

// transpose turns a square of 4 x 4 lanes.
func (l *lowering) transpose(in *ir.Instr) {
	if len(in.Args) != 4 {
		panic(fmt.Sprintf("arm64: %s: transposition of %d registers", l.fn.Name, len(in.Args)))
	}
	var r, t [4]int
	for i := range r {
		r[i], t[i] = l.in(in.Args[i]), l.scratch(ir.Vector)
	}
	for i := 0; i < 4; i += 2 {
		l.op3("TRN1", r[i+1], r[i], t[i])
		l.op3("TRN2", r[i+1], r[i], t[i+1])
	}
	for i := range 2 {
		l.op3("TRN1D", t[i+2], t[i], r[i])
		l.op3("TRN2D", t[i+2], t[i], r[i+2])
	}
}
