package arm64

import (
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// choices emits what makes and uses masks: vectors whose lanes are all ones or all zeros.
func (l *lowering) choices(in *ir.Instr) bool {
	switch in.Op {
	case ir.Min:
		l.extreme(in, "FMIN", l.less)
	case ir.Max:
		l.extreme(in, "FMAX", l.greater)
	case ir.CmpLT:
		a, b := l.in(in.Args[0]), l.in(in.Args[1])
		l.op3("FCMGT", a, b, l.dst(in))
	case ir.CmpNLE:
		a, b := l.in(in.Args[0]), l.in(in.Args[1])
		d := l.dst(in)
		l.op3("FCMGE", a, b, d)
		l.op2("NOT", d, d)
	case ir.CmpUnord:
		l.unordered(in)
	case ir.SignMask:
		a := l.in(in.Args[0])
		l.op2("CMLT", a, l.dst(in))
	case ir.Select, ir.Blend:
		l.choose(in)
	case ir.KeepWhere:
		a, bits := l.in(in.Args[0]), l.in(in.Args[1])
		l.overwriting(in, func(d int) {
			l.op3("CMTST", bits, a, d)
			l.op3("AND", d, a, d)
		}, in.Args[0])
	case ir.NoLane:
		l.noLane(in)
	case ir.TailLanes:
		l.tailLanes(in)
	default:
		return false
	}
	return true
}

// greater emits where a > b, for max: a there, b elsewhere. FMAX takes NaN before all else, and +0 before -0.
func (l *lowering) greater(a, b, d int) { l.op3("FCMGT", b, a, d) }

// less emits where a < b.
func (l *lowering) less(a, b, d int) { l.op3("FCMGT", a, b, d) }

// extreme emits Min or Max. If the first argument is neither 0 nor NaN, the processor's own instruction does the same: if
// b is NaN the result is NaN, and equal numbers have equal bits.
func (l *lowering) extreme(in *ir.Instr, alone string, compare func(a, b, d int)) {
	a, b := l.in(in.Args[0]), l.in(in.Args[1])
	if in.Args[0].Nonzero {
		l.op3(alone, b, a, l.dst(in))
		return
	}
	if in.Dst == in.Args[1] { // a running minimum or maximum
		t := l.scratch(ir.Vector)
		compare(a, b, t)
		l.op3("BIT", t, a, b)
		return
	}
	l.overwriting(in, func(d int) {
		compare(a, b, d)
		l.op3("BSL", b, a, d)
	}, in.Args[0], in.Args[1])
}

func (l *lowering) unordered(in *ir.Instr) {
	a, b := l.in(in.Args[0]), l.in(in.Args[1])
	t := a
	if a != b {
		t = l.scratch(ir.Vector)
		l.op3("FCMEQ", a, a, t)
	}
	d := l.dst(in)
	l.op3("FCMEQ", b, b, d)
	if a != b {
		l.op3("AND", t, d, d)
	}
	l.op2("NOT", d, d)
}

// choose emits bits ? yes : no. There is an instruction that overwrites each of the three: the one is chosen whose value is
// needed no more, or which a load brings.
func (l *lowering) choose(in *ir.Instr) {
	for i, op := range []string{1: "BIC", 2: "AND"} {
		if u := in.Args[i].Uniform; i > 0 && u != nil && *u == (ir.Uniform{Name: u.Name}) { // +0: no bit stays
			mask, other := l.in(in.Args[0]), l.in(in.Args[3-i])
			l.op3(op, mask, other, l.dst(in))
			return
		}
	}
	forms := []func(d int){
		func(d int) { l.op3("BSL", l.in(in.Args[2]), l.in(in.Args[1]), d) },
		func(d int) { l.op3("BIF", l.in(in.Args[0]), l.in(in.Args[2]), d) },
		func(d int) { l.op3("BIT", l.in(in.Args[0]), l.in(in.Args[1]), d) },
	}
	for i, r := range in.Args {
		if r == in.Dst {
			forms[i](l.regs[r])
			return
		}
	}
	for i, r := range in.Args {
		if l.dies(r, in) {
			forms[i](l.own(in.Dst, l.in(r)))
			return
		}
	}
	over := 2
	for i, r := range in.Args {
		if r.Uniform != nil && r.Uniform.Param == nil {
			over = i
		}
	}
	d := l.early(in)
	l.move(in.Args[over], d)
	forms[over](d)
}

// tailLanes makes a mask of the lanes from Imm on that are among the first ones.
func (l *lowering) tailLanes(in *ir.Instr) {
	n, t := l.int(in.Args[0]), l.scratch(ir.Vector)
	first := uint32(in.Imm)
	l.loadConstant(l.data.row("lanes", [4]uint32{first, first + 1, first + 2, first + 3}), t)
	d := l.early(in)
	l.emit("VDUP R%d, V%d.S4", n, d)
	l.op3("CMGT", t, d, d)
}
