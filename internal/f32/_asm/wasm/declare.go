package wasm

import (
	"fmt"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/dispatch"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// declare returns the import of a kernel and the function that calls it, with the parameters of the kernel in Go.
func declare(s *dispatch.Set, d ir.Definition) string {
	fn := describe(d)
	var params, args []string
	for _, p := range wasmParams(fn) {
		arg, typ := p.inGo()
		name := "results"
		if p.of != nil {
			name = p.of.Name
		}
		if p.length {
			name += "Len"
		}
		params, args = append(params, name+" "+typ), append(args, arg)
	}
	imported := d.Name + "Import"
	call := fmt.Sprintf("%s(%s)", imported, strings.Join(args, ", "))
	result := ""
	if len(fn.Results) == 1 {
		result = map[valueType]string{f32: " float32", i32: " int32"}[resultKind(fn.Results[0])]
	}
	var body string
	switch {
	case len(fn.Results) > 1:
		var out []string
		for i := range fn.Results {
			out = append(out, fmt.Sprintf("results[%d]", i))
		}
		body = fmt.Sprintf("var results [%d]float32\n%s\nreturn %s", len(out), call, strings.Join(out, ", "))
	case result == "":
		body = call
	case fn.Results[0].Type == "bool":
		body = fmt.Sprintf("return %s != 0", call)
	default:
		body = "return " + call
	}
	return fmt.Sprintf("//go:wasmimport elman %s\n//go:noescape\nfunc %s(%s)%s\n\nfunc %s%s%s {\n%s\n}",
		d.Name, imported, strings.Join(params, ", "), result, d.Name, s.Name, d.Signature, body)
}

// inGo returns a parameter's value, made of those of the kernel's parameter in Go, and its type.
func (p param) inGo() (value, typ string) {
	switch {
	case p.of == nil:
		return "unsafe.Pointer(&results)", "unsafe.Pointer"
	case p.length:
		return fmt.Sprintf("int32(len(%s))", p.of.Name), "int32"
	case p.of.IsSlice():
		return fmt.Sprintf("unsafe.Pointer(unsafe.SliceData(%s))", p.of.Name), "unsafe.Pointer"
	case p.of.Type[0] == '*':
		return fmt.Sprintf("unsafe.Pointer(%s)", p.of.Name), "unsafe.Pointer"
	case p.of.Type == "int":
		return fmt.Sprintf("int32(%s)", p.of.Name), "int32"
	default: // bool, float32, uint32 and uintptr are as wide there
		return p.of.Name, p.of.Type
	}
}
