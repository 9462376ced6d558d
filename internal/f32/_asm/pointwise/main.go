// Command pointwise writes the assembly of f32's functions, reductions and update rules, or that of its cells. The same
// text makes the AVX-512 and the AVX2 kernels, so that they cannot drift apart: it is written for vectors of 16 lanes,
// which the one holds in one register and the other in two. Run it through go generate in internal/f32.
package main

import (
	"flag"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/machine"
)

func main() {
	cells := flag.Bool("cells", false, "the arithmetic of recurrent cells instead of single functions")
	machine.Generate(func(m *machine.Machine) {
		k := &kernels{Machine: m, parts: 16 / m.Lanes, data: map[string]operand.Mem{}}
		if *cells {
			k.cells()
			return
		}
		k.functions()
		k.gradients()
		k.pointwise()
		k.reductions()
		k.softmax()
		k.updates()
		k.rowKernels()
	})
}

// kernels are those of one kernel set.
type kernels struct {
	*machine.Machine
	parts  int                    // registers that hold 16 lanes
	data   map[string]operand.Mem // constants in memory
	loaded map[string]vec         // constants in registers of this function
	labels int                    // given out in this function
}

// A vec is 16 lanes: registers, or memory where an operation allows it.
type vec []operand.Op

// begin starts a function of the kernel set.
func (m *kernels) begin(name, signature, doc string) {
	m.labels, m.loaded = 0, map[string]vec{}
	m.Begin(name, signature, doc)
}

// vec returns 16 fresh lanes.
func (m *kernels) vec() vec {
	v := make(vec, m.parts)
	for i := range v {
		v[i] = m.Register()
	}
	return v
}

// same returns one register's worth of lanes, used for all parts.
func (m *kernels) same() vec {
	r := m.Register()
	v := make(vec, m.parts)
	for i := range v {
		v[i] = r
	}
	return v
}

// zero returns lanes of +0.
func (m *kernels) zero() vec {
	v := m.vec()
	m.clear(v)
	return v
}

func (m *kernels) clear(v vec) {
	for _, r := range v {
		VXORPS(r, r, r)
	}
}

// broadcast returns a scalar parameter in all lanes.
func (m *kernels) broadcast(param string) vec {
	v := m.same()
	VBROADCASTSS(machine.Located(Param(param)), v[0])
	return v
}

// parameter is broadcast for functions of many parameters. With 32 registers it has one of its own; with 16 each use
// fetches it anew, which rules that divide have time for.
func (m *kernels) parameter(param string) func() vec {
	if m.parts == 1 {
		v := m.broadcast(param)
		return func() vec { return v }
	}
	return func() vec { return m.broadcast(param) }
}

// bits returns a constant in all lanes, given by its bits, in a register.
func (m *kernels) bits(name string, u uint32) vec {
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
func (m *kernels) float(name string, f float32) vec { return m.bits(name, math.Float32bits(f)) }

// spare returns a constant in all lanes, to be used as the last source of an operation. With 32 registers it lives in
// one; with 16 it stays in memory.
func (m *kernels) spare(name string, f float32) vec { return m.spareBits(name, math.Float32bits(f)) }

func (m *kernels) spareBits(name string, u uint32) vec {
	if m.parts == 1 {
		return m.bits(name, u)
	}
	c := m.constant(name, u)
	return vec{c, c}
}

// constant returns the address of 4 bytes for AVX-512, which broadcasts them, and of 32 for AVX2.
func (m *kernels) constant(name string, u uint32) operand.Mem {
	if c, ok := m.data[name]; ok {
		return c
	}
	c := GLOBL(name, machine.ReadOnly)
	for i := range 1 + (m.parts-1)*7 {
		DATA(4*i, operand.U32(u))
	}
	m.data[name] = c
	return c
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
