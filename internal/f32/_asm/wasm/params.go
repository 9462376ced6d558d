package wasm

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A param is a parameter in WebAssembly: of a slice the address and, if the kernel wants it, the length. Several results
// go where a last parameter points.
type param struct {
	of     *ir.Param // nil for the place of results
	length bool
	kind   valueType
}

// wasmParams returns the parameters of a kernel.
func wasmParams(fn *ir.Func) (ps []param) {
	lengths := map[int64]bool{}
	each(fn.Body, func(in *ir.Instr) {
		if in.Op == ir.ParamLen {
			lengths[in.Imm] = true
		}
	})
	for _, p := range fn.Params {
		kind := i32
		if p.Type == "float32" {
			kind = f32
		}
		ps = append(ps, param{of: p, kind: kind})
		if lengths[int64(p.Index)] {
			ps = append(ps, param{of: p, length: true, kind: i32})
		}
	}
	if len(fn.Results) > 1 {
		ps = append(ps, param{kind: i32})
	}
	return ps
}

func wasmSignature(fn *ir.Func) (s signature) {
	for _, p := range wasmParams(fn) {
		s.params += string(rune(p.kind))
	}
	if len(fn.Results) == 1 {
		s.results = string(rune(resultKind(fn.Results[0])))
	}
	return s
}

func resultKind(p *ir.Param) valueType {
	switch p.Type {
	case "float32":
		return f32
	case "bool":
		return i32
	}
	panic(fmt.Sprintf("wasm: a result of type %s", p.Type))
}

// each calls f for every instruction.
func each(nodes []ir.Node, f func(in *ir.Instr)) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *ir.Instr:
			f(n)
		case *ir.If:
			each(n.Then, f)
			each(n.Else, f)
		case *ir.Loop:
			each(n.Body, f)
		}
	}
}
