// Command pointwise writes the assembly of f32's functions, reductions and update rules, or that of its cells. The same
// text makes the AVX-512 and the AVX2 kernels, so that they cannot drift apart: it is written for vectors of 16 lanes,
// which the one holds in one register and the other in two. Run it through go generate in internal/f32.
package main

import (
	"flag"
	"log"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	name := flag.String("set", "", "AVX512 or AVX2")
	cells := flag.Bool("cells", false, "the arithmetic of recurrent cells instead of single functions")
	flag.Parse()
	m := &machine{name: *name, data: map[string]operand.Mem{}}
	switch m.name {
	case "AVX512":
		m.parts, m.register = 1, func() operand.Op { return ZMM() }
	case "AVX2":
		m.parts, m.register = 2, func() operand.Op { return YMM() }
	default:
		log.Fatalf("-set %q: want AVX512 or AVX2", m.name)
	}
	ConstraintExpr("amd64,!purego")
	if *cells {
		m.cells()
	} else {
		m.functions()
		m.gradients()
		m.pointwise()
		m.reductions()
		m.softmax()
		m.updates()
		m.rowKernels()
	}
	Generate()
}

// A machine emits code for one kernel set.
type machine struct {
	name     string
	parts    int // registers that hold 16 lanes
	register func() operand.Op
	data     map[string]operand.Mem // constants in memory
	loaded   map[string]vec         // constants in registers of this function
	labels   int                    // given out in this function
}

// A vec is 16 lanes: registers, or memory where an operation allows it.
type vec []operand.Op

// begin starts a function of the kernel set.
func (m *machine) begin(name, signature, doc string) {
	m.labels, m.loaded = 0, map[string]vec{}
	TEXT(name+m.name, attrNoSplit, "func"+signature)
	Pragma("noescape")
	Doc(name + m.name + " " + doc)
}

// end returns from a function.
func (m *machine) end() {
	VZEROUPPER()
	RET()
}

// vec returns 16 fresh lanes.
func (m *machine) vec() vec {
	v := make(vec, m.parts)
	for i := range v {
		v[i] = m.register()
	}
	return v
}

// same returns one register's worth of lanes, used for all parts.
func (m *machine) same() vec {
	r := m.register()
	v := make(vec, m.parts)
	for i := range v {
		v[i] = r
	}
	return v
}

// zero returns lanes of +0.
func (m *machine) zero() vec {
	v := m.vec()
	m.clear(v)
	return v
}

func (m *machine) clear(v vec) {
	for _, r := range v {
		VXORPS(r, r, r)
	}
}

// broadcast returns a scalar parameter in all lanes.
func (m *machine) broadcast(param string) vec {
	v := m.same()
	VBROADCASTSS(located(Param(param)), v[0])
	return v
}

// parameter is broadcast for functions of many parameters. With 32 registers it has one of its own; with 16 each use
// fetches it anew, which rules that divide have time for.
func (m *machine) parameter(param string) func() vec {
	if m.parts == 1 {
		v := m.broadcast(param)
		return func() vec { return v }
	}
	return func() vec { return m.broadcast(param) }
}

// bits returns a constant in all lanes, given by its bits, in a register.
func (m *machine) bits(name string, u uint32) vec {
	if v, ok := m.loaded[name]; ok {
		return v
	}
	v := m.same()
	m.loaded[name] = v
	if m.parts == 1 {
		VBROADCASTSS(m.constant(name, u), v[0])
	} else {
		VMOVUPS(m.constant(name, u), v[0])
	}
	return v
}

// float is bits for a float32.
func (m *machine) float(name string, f float32) vec { return m.bits(name, math.Float32bits(f)) }

// spare returns a constant in all lanes, to be used as the last source of an operation. With 32 registers it lives in
// one; with 16 it stays in memory.
func (m *machine) spare(name string, f float32) vec { return m.spareBits(name, math.Float32bits(f)) }

func (m *machine) spareBits(name string, u uint32) vec {
	if m.parts == 1 {
		return m.bits(name, u)
	}
	c := m.constant(name, u)
	return vec{c, c}
}

// constant returns the address of 4 bytes for AVX-512, which broadcasts them, and of 32 for AVX2.
func (m *machine) constant(name string, u uint32) operand.Mem {
	if c, ok := m.data[name]; ok {
		return c
	}
	c := GLOBL(name, attrReadOnly)
	for i := range 1 + (m.parts-1)*7 {
		DATA(4*i, operand.U32(u))
	}
	m.data[name] = c
	return c
}

// located returns where a parameter or result lies on the stack.
func located(c gotypes.Component) operand.Mem {
	b, err := c.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	return b.Addr
}

// slice loads the base pointers of slices and the length of the first, which is that of all.
func slice(params ...string) (n reg.GPVirtual, bases []reg.Register) {
	n = GP64()
	Load(Param(params[0]).Len(), n)
	for _, p := range params {
		bases = append(bases, Load(Param(p).Base(), GP64()))
	}
	return n, bases
}
