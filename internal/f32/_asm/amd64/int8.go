package amd64

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// pairs emits what products in 8 bits take. Bytes become 16-bit integers when they are loaded.
func (l *lowering) pairs(in *ir.Instr) bool {
	switch in.Op {
	case ir.LoadPairs:
		l.VPMOVSXBW(l.mem(in.Mem), l.dst(in.Dst))
	case ir.SpreadPair:
		l.VPBROADCASTD(l.mem(in.Mem), l.dst(in.Dst))
	case ir.AddPairs:
		products := l.vector()
		l.VPMADDWD(l.in(in.Args[0]), l.in(in.Args[1]), products)
		l.VPADDD(products, l.in(in.Args[2]), l.dst(in.Dst))
	case ir.FloatOf:
		l.VCVTDQ2PS(l.in(in.Args[0]), l.dst(in.Dst))
	case ir.StoreShort:
		l.storeShort(in)
	default:
		return false
	}
	return true
}

func (l *lowering) storeShort(in *ir.Instr) {
	v, m := l.in(in.Args[0]), l.mem(in.Mem)
	if l.t.Lanes == 16 {
		l.VPMOVDW(v, m)
		return
	}
	packed := l.YMM() // within each half: its four numbers twice
	l.VPACKSSDW(v, v, packed)
	l.VPERMQ(operand.Imm(0b1000), packed, packed)
	l.VMOVDQU(packed.AsX(), m)
}
