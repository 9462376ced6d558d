// Package f32 is the arithmetic of Elman: float32 matrices, the kernels that work on them and the worker pool that shares
// the work out. It knows nothing of networks.
//
// # The contract
//
// Every kernel exists as a plain Go twin, which is its definition, and on some processors as assembly that gives the same
// bits. Every sum has one order, whatever the vector width, tile, thread count or batch:
//
//   - An element of a matrix product is one chain of fused multiply-adds over k ascending, starting from the old value
//     of C or from +0. Vector lanes run over outputs, never over k.
//   - A product in 8 bits sums integers, which is exact in any order, and rounds when each sum is added to C: see int8.go.
//   - A reduction to one number runs in 16 lanes (element i adds to lane i mod 16, in order), which are then folded 16 to
//     8 to 4 to 2 to 1, lane i taking lane i+half.
//   - exp, tanh, sigmoid and log are polynomials of this package, made of fma, mul, add, div and exact bit operations.
//
// Where a result is NaN any NaN equals any other: processors choose sign and payload on their own.
//
// # Two rules for those who change it
//
// Plain Go code writes float32(a*b) + c where two roundings are meant, since the compiler may fuse a*b + c on arm64 and
// on amd64 with GOAMD64=v3, and FMA where one is meant. And no assembly call may run for more than about 100
// microseconds: the runtime cannot stop a goroutine inside one, so a driver splits the work and passes through an
// ordinary Go function between pieces.
package f32

import (
	"fmt"
	"strings"
)

//go:generate go run -C _asm . ..

// A kernelSet is one implementation of all kernels: an index of sets, which the generated code has for each architecture.
type kernelSet int

// active is the set in use. Kernels branch on it with a switch and direct calls: a call through a function value would
// make the compiler assume that its slices escape.
var active = fastest()

// fastest returns the first set that this processor can run.
func fastest() kernelSet {
	for i, s := range sets {
		if s.runs {
			return kernelSet(i)
		}
	}
	return plainGo
}

// Kernels lists the kernel sets that this processor can run, fastest first; the last is always "go".
func Kernels() []string {
	var names []string
	for _, s := range sets {
		if s.runs {
			names = append(names, s.name)
		}
	}
	return names
}

// Active names the kernel set in use.
func Active() string { return sets[active].name }

// Use makes all kernels run on the named set; "auto" and "" stand for the fastest. It must not be called while kernels
// run. It never changes a result, only its speed.
func Use(name string) error {
	if name == "auto" || name == "" {
		active = fastest()
		return nil
	}
	for i, s := range sets {
		if s.runs && s.name == name {
			active = kernelSet(i)
			return nil
		}
	}
	return fmt.Errorf("kernels %q: this processor runs %s", name, strings.Join(Kernels(), ", "))
}
