// Command gemm writes the assembly of f32's matrix products, of packing and of the measurement of peak speed. The same
// text makes the AVX-512 and the AVX2 kernels, so that they cannot drift apart. Run it through go generate in
// internal/f32.
package main

import (
	"flag"
	"fmt"
	"log"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	name := flag.String("set", "", "AVX512 or AVX2")
	flag.Parse()
	m, ok := map[string]*machine{
		"AVX512": {lanes: 16, heights: []int{8, 8, 8, 3, 3, 3, 2, 2, 15: 1}, vec: func() reg.VecVirtual { return ZMM() }},
		"AVX2":   {lanes: 8, heights: []int{6, 6, 4, 2, 2, 7: 1}, vec: func() reg.VecVirtual { return YMM() }},
	}[*name]
	if !ok {
		log.Fatalf("-set %q: want AVX512 or AVX2", *name)
	}
	m.name = *name
	ConstraintExpr("amd64,!purego")
	m.tiles()
	m.tilesPacked()
	m.packPanel()
	if m.lanes == 16 {
		m.transpose16()
	} else {
		m.transpose8()
	}
	m.peak()
	Generate()
}

// A machine emits code for one kernel set.
type machine struct {
	name    string
	lanes   int                   // in a vector
	heights []int                 // most rows of a tile that is 1, 2, ... vectors wide (0 counts as 1), as tileSize has it
	vec     func() reg.VecVirtual // a fresh register
	table   operand.Mem           // for masks in memory
}

// begin starts a function of the kernel set.
func (m *machine) begin(name, signature, doc string) {
	TEXT(name+m.name, attr.NOSPLIT, "func"+signature)
	Pragma("noescape")
	Doc(strings.Split(name+m.name+" "+doc, "\n")...)
}

// end returns from a function.
func (m *machine) end() {
	VZEROUPPER()
	RET()
}

// parameter returns where a parameter lies on the stack. What is needed once per tile stays there, which leaves the
// registers to the loop.
func parameter(name string) operand.Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		log.Fatal(err)
	}
	return b.Addr
}

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

// firstLanes chooses the first n lanes, 0 < n <= m.lanes. It uses n up.
func (m *machine) firstLanes(n reg.Register) choice {
	if m.lanes == 16 {
		bits, k := GP64(), K()
		XORL(bits.As32(), bits.As32())
		BTSQ(n, bits)
		DECL(bits.As32())
		KMOVW(bits.As32(), k)
		return choice{mask: k}
	}
	if m.table.Base == nil {
		m.table = GLOBL("lanes", attr.RODATA|attr.NOPTR)
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

// name returns a label of the given kind for a block of so many rows and vectors.
func label(kind string, rows, vectors int) string { return fmt.Sprintf("%s%dx%d", kind, rows, vectors) }
