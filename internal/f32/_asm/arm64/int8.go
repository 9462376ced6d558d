package arm64

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// pairs emits what products in 8 bits take. Weights stay bytes; the products of two fit 16 bits.
func (l *lowering) pairs(in *ir.Instr) bool {
	switch in.Op {
	case ir.LoadPairs:
		at := l.mem(in.Mem)
		l.emit("FMOVD %s, F%d", at, l.dst(in))
	case ir.SpreadPair:
		at := l.exact(in.Mem)
		d := l.dst(in)
		l.emit("VLD1R (R%d), [V%d.S4]", at, d)
		l.op2("XTNB", d, d)
	case ir.AddPairs:
		products := l.scratch(ir.Vector)
		l.op3("SMULL", l.in(in.Args[1]), l.in(in.Args[0]), products)
		l.accumulate(in, func(d int) { l.op2("SADALP", products, d) })
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
