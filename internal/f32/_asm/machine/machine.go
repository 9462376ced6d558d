// Package machine is what the generators know of a processor: its vector registers, and how a function begins and ends.
package machine

import (
	"flag"
	"log"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ReadOnly marks constants in memory.
const ReadOnly = attr.RODATA | attr.NOPTR

// A Machine emits code for one kernel set.
type Machine struct {
	Name  string // of the kernel set, with which every function's name ends
	Lanes int    // float32s in a vector: 16, or 8
}

// Generate parses the command line, lets emit write the code of the kernel set it names, and writes the files.
func Generate(emit func(m *Machine)) {
	name := flag.String("set", "", "AVX512 or AVX2")
	flag.Parse()
	lanes, ok := map[string]int{"AVX512": 16, "AVX2": 8}[*name]
	if !ok {
		log.Fatalf("-set %q: want AVX512 or AVX2", *name)
	}
	build.ConstraintExpr("amd64,!purego")
	emit(&Machine{*name, lanes})
	build.Generate()
}

// Register returns a fresh vector register.
func (m *Machine) Register() reg.VecVirtual {
	if m.Lanes == 16 {
		return build.ZMM()
	}
	return build.YMM()
}

// Begin starts a function of the kernel set.
func (m *Machine) Begin(name, signature, doc string) {
	build.TEXT(name+m.Name, attr.NOSPLIT, "func"+signature)
	build.Pragma("noescape")
	build.Doc(strings.Split(name+m.Name+" "+doc, "\n")...)
}

// End returns from a function.
func (m *Machine) End() {
	build.VZEROUPPER()
	build.RET()
}

// FirstBits returns a mask register with the lowest n bits set, 0 < n <= 16.
func FirstBits(n reg.Register) reg.Register {
	bits, k := build.GP64(), build.K()
	build.XORL(bits.As32(), bits.As32())
	build.BTSQ(n, bits)
	build.DECL(bits.As32())
	build.KMOVW(bits.As32(), k)
	return k
}

// Located returns where a parameter or result lies on the stack.
func Located(c gotypes.Component) operand.Mem {
	b, err := c.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	return b.Addr
}
