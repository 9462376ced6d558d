// Package kernels describes the kernels, each once for all targets, and lists them.
package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// A Family is the kernels of one generated file.
type Family struct {
	Name    string
	Kernels []ir.Definition
}

// Families is the kernel table.
var Families = []Family{
	{"cells", []ir.Definition{lstm, lstmGrad}},
	{"pointwise", []ir.Definition{mapping("sigmoid", sigmoid), mapping("tanh", tanh), mapping("relu", relu), sum}},
}
