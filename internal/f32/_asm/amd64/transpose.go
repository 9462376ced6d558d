package amd64

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// transpose turns squares of 8 x 8 or 16 x 16 lanes.
func (l *lowering) transpose(in *ir.Instr) {
	var rows []reg.Register
	for _, r := range in.Args {
		rows = append(rows, l.in(r))
	}
	rows = l.fours(rows)
	if len(rows) == 8 {
		rows = l.exchange(rows, 4,
			func(a, b, dst reg.Register) { l.VPERM2F128(operand.U8(0x20), b, a, dst) },
			func(a, b, dst reg.Register) { l.VPERM2F128(operand.U8(0x31), b, a, dst) })
	} else {
		// Lanes 0 and 2 of both, lanes 1 and 3 of both; twice that sorts the fours.
		even := func(a, b, dst reg.Register) { l.VSHUFF32X4(operand.U8(0x88), b, a, dst) }
		odd := func(a, b, dst reg.Register) { l.VSHUFF32X4(operand.U8(0xdd), b, a, dst) }
		rows = l.exchange(l.exchange(rows, 4, even, odd), 8, even, odd)
	}
	for i, r := range in.Args {
		l.regs[r] = rows[i]
	}
}

// exchange returns what low and high make of each pair of vectors i and i+distance, in their places.
func (l *lowering) exchange(v []reg.Register, distance int, low, high func(a, b, dst reg.Register)) []reg.Register {
	out := make([]reg.Register, len(v))
	for i := range v {
		if i&distance == 0 {
			out[i], out[i+distance] = l.vector(), l.vector()
			low(v[i], v[i+distance], out[i])
			high(v[i], v[i+distance], out[i+distance])
		}
	}
	return out
}

// fours transposes squares of 4 x 4: vector 4i+j of the result holds columns j, j+4, ... of rows 4i to 4i+3.
func (l *lowering) fours(rows []reg.Register) []reg.Register {
	v := l.exchange(rows, 1,
		func(a, b, dst reg.Register) { l.VUNPCKLPS(b, a, dst) },
		func(a, b, dst reg.Register) { l.VUNPCKHPS(b, a, dst) })
	v = l.exchange(v, 2,
		func(a, b, dst reg.Register) { l.VUNPCKLPD(b, a, dst) },
		func(a, b, dst reg.Register) { l.VUNPCKHPD(b, a, dst) })
	for i := 0; i < len(v); i += 4 {
		v[i+1], v[i+2] = v[i+2], v[i+1]
	}
	return v
}
