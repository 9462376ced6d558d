package arm64

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// The registers there are, and those among the general ones that belong to the platform, the assembler and Go.
const (
	vectors = 32
	general = 32
)

var reserved = []int{18, 26, 27, 28, 29, 30, 31}

// A bank is the registers of one kind. A value has its register from where it is set to where it is read last; there is no
// other place for it.
type bank struct {
	free   []int
	owners map[int]*ir.Reg // of the registers that hold values of the description
	lent   []int           // until the instruction ends
}

func newBank(count int, without ...int) *bank {
	b := &bank{owners: map[int]*ir.Reg{}}
	for r := range count {
		if !slices.Contains(without, r) {
			b.free = append(b.free, r)
		}
	}
	return b
}

func (b *bank) give(r int) {
	delete(b.owners, r)
	b.free = append(b.free, r)
}

func (l *lowering) bank(kind ir.Kind) *bank {
	if kind == ir.Int {
		return l.general
	}
	return l.vector
}

// fresh takes a register. General ones may come from addresses that were kept.
func (l *lowering) fresh(kind ir.Kind) int {
	b := l.bank(kind)
	for len(b.free) == 0 {
		if kind != ir.Int || !l.forgetOldest() {
			panic(shortage{kind})
		}
	}
	r := b.free[0]
	b.free = b.free[1:]
	return r
}

// scratch takes a register until the instruction ends.
func (l *lowering) scratch(kind ir.Kind) int {
	r := l.fresh(kind)
	b := l.bank(kind)
	b.lent = append(b.lent, r)
	return r
}

// expire frees the registers of values that no instruction after the given one reads.
func (l *lowering) expire(at int) {
	for _, b := range []*bank{l.vector, l.general} {
		for _, r := range slices.Sorted(maps.Keys(b.owners)) {
			if _, end := l.life.Interval(b.owners[r]); end <= at {
				b.give(r)
			}
		}
	}
}

// giveBack ends what scratch began.
func (l *lowering) giveBack() {
	for _, b := range []*bank{l.vector, l.general} {
		b.free = append(b.free, b.lent...)
		b.lent = nil
	}
}

// in returns the register of a vector.
func (l *lowering) in(r *ir.Reg) int {
	if got, ok := l.regs[r]; ok {
		return got
	}
	if r.Uniform == nil {
		panic(fmt.Sprintf("arm64: %s: register %d has no value", l.fn.Name, r.ID))
	}
	v := l.scratch(ir.Vector)
	l.loadUniform(r.Uniform, v)
	return v
}

// dst returns the register of a result, which may be that of an argument that is read for the last time.
func (l *lowering) dst(in *ir.Instr) int {
	if _, ok := l.regs[in.Dst]; !ok {
		l.expire(l.life.At(in))
	}
	return l.early(in)
}

// early is dst for an instruction that sets its result before it has read all its arguments.
func (l *lowering) early(in *ir.Instr) int {
	if got, ok := l.regs[in.Dst]; ok {
		return got
	}
	if at, ok := l.seat(in.Dst); ok {
		return l.own(in.Dst, at)
	}
	return l.own(in.Dst, l.fresh(in.Dst.Kind))
}

// own gives a value a register, which an argument may have had until now.
func (l *lowering) own(r *ir.Reg, at int) int {
	l.regs[r] = at
	l.bank(r.Kind).owners[at] = r
	return at
}

// dies says whether an argument's register is free to be overwritten.
func (l *lowering) dies(r *ir.Reg, in *ir.Instr) bool {
	_, assigned := l.regs[in.Dst]
	return !assigned && l.life.Dies(r, in)
}
