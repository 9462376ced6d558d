// Package wasm lowers described kernels to WebAssembly with vectors of 128 bits. It writes the binary format.
//
// Kernels work in the memory of a Go program, whose module must exist before theirs can share it, and which must have
// functions to import before it can exist. Between the two stands a table: entry.wasm has a function for each kernel, which
// calls what the table has in the kernel's place; fused.wasm and exact.wasm write their kernels there when they are
// instantiated. A call through the table costs half as much as one through JavaScript.
package wasm

import (
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/dispatch"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/kernels"
)

// Architecture is the one kernel set of this package. Without the tag a program needs nothing but Go's own support.
var Architecture = &dispatch.Architecture{
	Name:    "wasm",
	Build:   "js && wasm && simd && !purego",
	Imports: []string{"unsafe"},
	Sets: []*dispatch.Set{{
		Target: target,
		Runs:   "kernelsLoaded() != 0",
	}},
	Declare: declare,
}

// Modules returns the modules by the names of their files.
func Modules(families []kernels.Family) map[string][]byte {
	var definitions []ir.Definition
	for _, f := range families {
		for _, d := range f.Kernels {
			if Architecture.Sets[0].Has(d) {
				definitions = append(definitions, d)
			}
		}
	}
	return map[string][]byte{
		"entry.wasm": entry(definitions),
		"fused.wasm": written(definitions, true),
		"exact.wasm": written(definitions, false),
	}
}

// target is what kernels are described for. An engine has 16 registers on amd64, of which it keeps one, and 32 on arm64.
var target = &ir.Target{Name: "SIMD", Lanes: 4, Registers: 16, Group: 4, Unroll: 1, Chains: 1}

// spilled is the most vectors that a kernel may keep alive at once. An engine keeps 15 in registers on amd64 and spills the
// others, which costs less than waiting for the one vector that is being computed: an LSTM's 20 take 7.6 us and 10 of them
// 9.8. The 24 of its gradient are too many: 2.3 us, and 1.25 with half as many.
const spilled = 21

// describe returns a kernel that works on as much of 16 lanes at a time as is good.
func describe(d ir.Definition) *ir.Func {
	t := *target
	for {
		fn := ir.Describe(d, &t)
		if t.Group == 1 || ir.Lives(fn).Pressure(ir.Vector) <= spilled {
			return fn
		}
		t.Group /= 2
	}
}

// written returns a module with kernels. Its multiply-adds are relaxed ones, which some engines round once and some twice,
// or else made of float64s.
func written(definitions []ir.Definition, relaxed bool) []byte {
	m := &module{}
	m.importMemory("go", "mem")
	m.importTable("elman", "table")
	if relaxed {
		m.export("fused", exportedFunction, m.add(fused()))
	} else {
		m.add(oddMultiplyAdd())
		m.add(multiplyAdd())
	}
	for _, d := range definitions {
		m.fill = append(m.fill, m.add(lower(describe(d), relaxed)))
	}
	return m.bytes()
}

// The places of functions in a module that is not relaxed.
const (
	oddMultiplyAddIndex = iota
	multiplyAddIndex
)

// fused returns a function that says whether relaxed multiply-adds round once, given 1+2^-12 and -(1+2^-11): whether
// a*a + b and -a*a - b are 2^-24 and not 0. They are arguments so that no compiler finds the result for itself.
func fused() *function {
	f := &function{signature: signature{string([]byte{byte(f32), byte(f32)}), string(rune(i32))}}
	try := func(op opcode, negated bool) {
		for range 2 {
			f.get(0)
			f.op(f32x4Splat)
		}
		f.get(1)
		f.op(f32x4Splat)
		if negated {
			f.op(f32x4Neg)
		}
		f.op(op)
		f.op(f32x4ExtractLane, 0)
		f.op(f32Const, 0, 0, 0, 0)
		f.op(f32Ne)
	}
	try(f32x4RelaxedMAdd, false)
	try(f32x4RelaxedNMAdd, true)
	f.op(i32And)
	return f
}

// entry returns the module whose functions Go imports.
func entry(definitions []ir.Definition) []byte {
	m := &module{table: len(definitions)}
	m.export("table", exportedTable, 0)
	for i, d := range definitions {
		f := &function{signature: wasmSignature(describe(d))}
		for p := range f.params {
			f.get(p)
		}
		f.integer(int64(i))
		f.number(callIndirect, int(m.typeIndex(f.signature)))
		f.body = append(f.body, 0x00)
		m.export(d.Name, exportedFunction, m.add(f))
	}
	return m.bytes()
}
