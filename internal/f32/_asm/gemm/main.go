// Command gemm writes the assembly of f32's matrix products, of packing and of the measurement of peak speed. The same
// text makes the AVX-512 and the AVX2 kernels, so that they cannot drift apart. Run it through go generate in
// internal/f32.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

func main() {
	machine.Generate(func(m *machine.Machine) {
		k := &kernels{Machine: m, heights: []int{8, 8, 8, 3, 3, 3, 2, 2, 15: 1}}
		if m.Lanes == 8 {
			k.heights = []int{6, 6, 4, 2, 2, 7: 1}
		}
		k.tiles()
		k.tilesPacked()
		k.packPanel()
		if m.Lanes == 16 {
			k.transpose16()
		} else {
			k.transpose8()
		}
		k.peak()
	})
}

// kernels are those of one kernel set.
type kernels struct {
	*machine.Machine
	heights []int       // most rows of a tile that is 1, 2, ... vectors wide (0 counts as 1), as tileSize has it
	table   operand.Mem // for masks in memory
}

// parameter returns where a parameter lies on the stack. What is needed once per tile stays there, which leaves the
// registers to the loop.
func parameter(name string) operand.Mem { return machine.Located(Param(name)) }

// stride returns a parameter that counts elements, in bytes.
func stride(name string) reg.Register {
	r := Load(Param(name), GP64())
	SHLQ(operand.Imm(2), r)
	return r
}

func jump(when func(operand.Op), label string) { when(operand.LabelRef(label)) }

// A choice is some lanes of a vector: the zero value stands for all.
type choice struct {
	mask reg.Register // AVX-512
	at   reg.Register // AVX2 has a register too few: the address of the mask
}

// firstLanes chooses the first n lanes, 0 < n <= m.Lanes. It uses n up.
func (m *kernels) firstLanes(n reg.Register) choice {
	if m.Lanes == 16 {
		return choice{mask: machine.FirstBits(n)}
	}
	if m.table.Base == nil {
		m.table = GLOBL("lanes", machine.ReadOnly)
		for i := range 16 {
			DATA(4*i, operand.U32(0xffffffff*uint64((15-i)/8)))
		}
	}
	at := GP64()
	LEAQ(m.table.Offset(32), at)
	SHLQ(operand.Imm(2), n)
	SUBQ(n, at)
	return choice{at: at}
}

// load sets the lanes that are not chosen to +0.
func (c choice) load(from operand.Mem, to reg.Register) {
	switch {
	case c.mask != nil:
		VMOVUPS_Z(from, c.mask, to)
	case c.at != nil:
		VMOVUPS(operand.Mem{Base: c.at}, to)
		VMASKMOVPS(from, to, to)
	default:
		VMOVUPS(from, to)
	}
}

// store leaves memory as it is where a lane is not chosen.
func (c choice) store(from reg.Register, to operand.Mem) {
	switch {
	case c.mask != nil:
		VMOVUPS(from, c.mask, to)
	case c.at != nil:
		mask := YMM()
		VMOVUPS(operand.Mem{Base: c.at}, mask)
		VMASKMOVPS(from, mask, to)
	default:
		VMOVUPS(from, to)
	}
}

// label returns a label of the given kind for a block of so many rows and vectors.
func label(kind string, rows, vectors int) string { return fmt.Sprintf("%s%dx%d", kind, rows, vectors) }
