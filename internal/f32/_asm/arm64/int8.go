package arm64

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// pairs emits what products in 8 bits take. Bytes become 16-bit integers when they are loaded.
func (l *lowering) pairs(in *ir.Instr) bool {
	switch in.Op {
	case ir.LoadPairs:
		at := l.mem(in.Mem)
		d := l.dst(in)
		l.emit("FMOVD %s, F%d", at, d)
		l.op2("SXTL", d, d)
	case ir.SpreadPair:
		at := l.exact(in.Mem)
		l.emit("VLD1R (R%d), [V%d.S4]", at, l.dst(in))
	case ir.AddPairs:
		a, b, c := l.in(in.Args[0]), l.in(in.Args[1]), l.in(in.Args[2])
		t, u := l.scratch(ir.Vector), l.scratch(ir.Vector)
		l.op3("SMULL", b, a, t)
		l.op3("SMULL2", b, a, u)
		l.op3("ADDP", u, t, t)
		l.op3("ADD", t, c, l.dst(in))
	case ir.FloatOf:
		a := l.in(in.Args[0])
		l.op2("SCVTF", a, l.dst(in))
	case ir.StoreShort:
		t := l.scratch(ir.Vector)
		l.op2("XTN", l.in(in.Args[0]), t)
		l.emit("FMOVD F%d, %s", t, l.mem(in.Mem))
	default:
		return false
	}
	return true
}
