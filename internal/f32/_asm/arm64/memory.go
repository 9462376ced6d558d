package arm64

import (
	"fmt"
	"math/bits"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// An address is base + index in a register: instructions take an index or a displacement, not both.
type address struct {
	base, index *ir.Reg
	scale, at   int
}

// mem returns the operand for a place in memory.
func (l *lowering) mem(m ir.Mem) string {
	r, disp := l.address(m)
	return fmt.Sprintf("%d(R%d)", disp, r)
}

// address returns a place in memory as a register and a displacement. What it adds up it keeps for what follows.
func (l *lowering) address(m ir.Mem) (r, disp int) {
	base := l.int(m.Base)
	if m.Index == nil {
		return base, m.Disp
	}
	scale := max(1, m.Scale)
	for _, a := range l.addresses {
		if a.base == m.Base && a.index == m.Index && a.scale == scale {
			return a.at, m.Disp
		}
	}
	index := l.int(m.Index)
	at := l.fresh(ir.Int)
	l.emit("ADD R%d<<%d, R%d, R%d", index, bits.TrailingZeros(uint(scale)), base, at)
	l.addresses = append(l.addresses, address{m.Base, m.Index, scale, at})
	return at, m.Disp
}

// exact returns the register with the address of a place in memory.
func (l *lowering) exact(m ir.Mem) int {
	r, disp := l.address(m)
	if disp == 0 {
		return r
	}
	at := l.scratch(ir.Int)
	l.emit("ADD $%d, R%d, R%d", disp, r, at)
	return at
}

// forget drops the addresses that hold the old value of r.
func (l *lowering) forget(r *ir.Reg) {
	kept := l.addresses[:0]
	for _, a := range l.addresses {
		if a.base == r || a.index == r {
			l.general.give(a.at)
		} else {
			kept = append(kept, a)
		}
	}
	l.addresses = kept
}

func (l *lowering) forgetAddresses() {
	for l.forgetOldest() {
	}
}

func (l *lowering) forgetOldest() bool {
	if len(l.addresses) == 0 {
		return false
	}
	l.general.give(l.addresses[0].at)
	l.addresses = l.addresses[1:]
	return true
}

// memory emits loads and stores.
func (l *lowering) memory(in *ir.Instr) bool {
	switch in.Op {
	case ir.Load:
		base, disp := l.address(in.Mem)
		l.load(disp, base, l.dst(in))
	case ir.StoreFirst:
		l.emit("FMOVS F%d, %s", l.in(in.Args[0]), l.mem(in.Mem))
	case ir.BroadcastMem:
		at := l.exact(in.Mem)
		l.emit("VLD1R (R%d), [V%d.S4]", at, l.dst(in))
	case ir.LoadBytes:
		at := l.mem(in.Mem)
		d := l.dst(in)
		l.emit("FMOVS %s, F%d", at, d)
		l.emit("VUXTL V%d.B8, V%[1]d.H8", d)
		l.emit("VUXTL V%d.H4, V%[1]d.S4", d)
	case ir.Prefetch:
		l.emit("PRFM %s, PLDL%dKEEP", l.mem(in.Mem), in.Imm)
	case ir.LoadTail:
		l.loadTail(in)
	case ir.StoreTail, ir.StoreLanes:
		if len(in.Args) != 2 {
			panic(fmt.Sprintf("arm64: %s: a tail of %d registers", l.fn.Name, len(in.Args)-1))
		}
		l.storeTail(in)
	default:
		return false
	}
	return true
}

// loadTail fetches so many floats as its count says, from none to four, and sets the other lanes to +0.
func (l *lowering) loadTail(in *ir.Instr) {
	n, at, d := l.int(in.Args[0]), l.exact(in.Mem), l.early(in)
	none := l.label("none")
	if in.Imm == 0 {
		l.emit("VMOVI $0, V%d.B16", d)
		l.emit("CMP $1, R%d", n)
		l.emit("BLT %s", none)
	}
	l.byCount(n, in.Imm == 2, func(lanes int) {
		switch lanes {
		case 4:
			l.emit("FMOVQ (R%d), F%d", at, d)
		case 3:
			third := l.eightOn(at)
			l.emit("VLD1 (R%d), V%d.S[2]", third, d)
		case 2:
			l.emit("FMOVD (R%d), F%d", at, d)
		case 1:
			l.emit("FMOVS (R%d), F%d", at, d)
		}
	})
	if in.Imm == 0 {
		l.place(none)
	}
}

// storeTail stores so many lanes as its count says, from one to four.
func (l *lowering) storeTail(in *ir.Instr) {
	n, v, at := l.int(in.Args[0]), l.in(in.Args[1]), l.exact(in.Mem)
	l.byCount(n, in.Imm == 2, func(lanes int) {
		switch lanes {
		case 4:
			l.emit("FMOVQ F%d, (R%d)", v, at)
		case 3:
			third := l.eightOn(at)
			l.emit("VST1 V%d.S[2], (R%d)", v, third)
		case 2:
			l.emit("FMOVD F%d, (R%d)", v, at)
		case 1:
			l.emit("FMOVS F%d, (R%d)", v, at)
		}
	})
}

// eightOn returns a register with the address 8 bytes on.
func (l *lowering) eightOn(at int) int {
	third := l.scratch(ir.Int)
	l.emit("ADD $8, R%d, R%d", at, third)
	return third
}

// byCount lets move emit what moves four lanes or more, two lanes, after two the third, or one. There may be nothing between
// one and four.
func (l *lowering) byCount(n int, oneOrFour bool, move func(lanes int)) {
	l.flags = nil
	part, single, done := l.label("part"), l.label("single"), l.label("done")
	if oneOrFour {
		l.emit("TBNZ $0, R%d, %s", n, single)
	} else {
		l.emit("CMP $4, R%d", n)
		l.emit("BLT %s", part)
	}
	move(4)
	l.emit("B %s", done)
	if !oneOrFour {
		l.place(part)
		l.emit("TBZ $1, R%d, %s", n, single)
		move(2)
		l.emit("TBZ $0, R%d, %s", n, done)
		move(3)
		l.emit("B %s", done)
	}
	l.place(single)
	move(1)
	l.place(done)
}

// loadBytes fetches 16 bytes at once. Zeros are put between them twice.
func (l *lowering) loadBytes(loads []*ir.Instr) {
	base, disp := l.address(loads[0].Mem)
	zero, low, high := l.scratch(ir.Vector), l.scratch(ir.Vector), l.scratch(ir.Vector)
	l.emit("VMOVI $0, V%d.B16", zero)
	l.load(disp, base, high)
	l.emit("VZIP1 V%d.B16, V%d.B16, V%d.B16", zero, high, low)
	l.emit("VZIP2 V%d.B16, V%d.B16, V%[2]d.B16", zero, high)
	for i, in := range loads {
		l.emit("VZIP%d V%d.H8, V%d.H8, V%d.H8", i%2+1, zero, []int{low, high}[i/2], l.early(in))
	}
}
