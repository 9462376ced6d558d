// Package ir describes kernels: straight code, loops and branches over virtual registers, which each target lowers to its
// own instructions.
//
// A description is a Go function that is run once for each target. It works on vectors of 16 virtual lanes, whatever the
// width of the target's registers: element i of a slice is in lane i mod 16, which fixes the order of every sum. A Vec is
// such a vector, or the part of it that one step of a loop covers. Operations return new values; Set changes a variable.
package ir

import (
	"fmt"
	"go/ast"
	"go/parser"
)

// Lanes is how many virtual lanes there are.
const Lanes = 16

// A Target is what a description may know of the kernel set it is lowered to.
type Target struct {
	Name      string // of the set, with which its functions' names end: AVX512
	Lanes     int    // float32s in a vector register
	Registers int    // vector registers
	Group     int    // registers that hold what one step of a loop works on, at most 16/Lanes
	Unroll    int    // most vectors of 16 lanes that a loop takes in a row; 0 is no limit
	Chains    int    // computations that Interleave emits side by side
	Masks     bool   // some lanes of a vector can be loaded and stored by a mask; otherwise a tail goes by its count
	Singles   bool   // where it does not matter which register of a vector an element is in, the last few come one by one
	ByElement bool   // a multiply-add takes one element of a vector register as a factor
	MaxAny    bool   // MaxAny is faster than Max
	Scaled    bool   // an address takes 2, 4 or 8 times an index
}

// Parts returns how many registers hold 16 lanes.
func (t *Target) Parts() int { return Lanes / t.Lanes }

// A Kind is what a register holds.
type Kind uint8

// The kinds of registers.
const (
	Int    Kind = iota // a length, a count, an address: 64 bits, or as wide as an address
	Vector             // Target.Lanes float32s or 32-bit integers
	Mask               // a choice among those lanes
)

// A Reg is a virtual register. Most are defined once; those that Set, loops or the integer operations change are variables.
type Reg struct {
	Kind Kind
	ID   int
	// Narrow says that only lane 0 matters.
	Narrow bool
	// Nonzero says that no lane is 0 or NaN: so what equals a lane has its bits, and Min and Max, of which it is the first
	// argument, are what every processor has.
	Nonzero bool
	// Uniform is not nil if all lanes hold a constant or a parameter. No instruction defines such a register: a target
	// keeps it in a register from the function's beginning, or fetches it where it is used.
	Uniform *Uniform
	// Cold is not nil for an integer parameter that is used seldom. No instruction defines it: a target with few registers
	// leaves it in memory, where the caller put it.
	Cold *Param
	// Seldom says that an integer variable is used seldom: a target with few registers may keep it in memory.
	Seldom bool
}

// A Uniform is the same float32 or bits in all lanes: of a float32 or uint32 parameter, or constant.
type Uniform struct {
	Param *Param
	Bits  uint32
	Name  string // of the constant
}

// A Vec is the registers of a vector of 16 lanes, or of a step's part of one; a single register stands for all parts.
type Vec []*Reg

// A Choice is the mask registers that go with a Vec.
type Choice []*Reg

func part(v []*Reg, i int) *Reg {
	if len(v) == 1 {
		return v[0]
	}
	return v[i]
}

// A Mem is a place in memory: Base + Index + Disp, in bytes.
type Mem struct {
	Base, Index *Reg // Index may be nil
	Scale       int  // of Index: 1, 2, 4 or 8; 0 stands for 1
	Disp        int
}

// A Node is an Instr, a Loop or an If.
type Node interface{ node() }

// An Instr is one instruction on registers.
type Instr struct {
	Op   Op
	Dst  *Reg // nil if there is none
	Args []*Reg
	Imm  int64
	Mem  Mem
	Once bool // of Load: the result is used once, by the next operation that computes, which may read memory itself
}

// A Loop repeats its body while the condition holds after it.
type Loop struct {
	Body []Node
	Cond Cond
}

// An If runs one of its branches.
type If struct {
	Cond       Cond
	Then, Else []Node
}

func (*Instr) node() {}
func (*Loop) node()  {}
func (*If) node()    {}

// A Cond compares an integer register with another or, if B is nil, with Imm.
type Cond struct {
	Rel  Rel
	A, B *Reg
	Imm  int64
}

// A Rel is a relation between signed integers; HasBits is true if A and Imm have a bit in common.
type Rel uint8

// The relations.
const (
	EQ Rel = iota
	NE
	LT
	LE
	GT
	GE
	HasBits
)

// Not returns the opposite relation, for a jump over what a condition guards. HasBits has none.
func (r Rel) Not() Rel {
	switch r {
	case HasBits:
		panic("ir: no opposite of HasBits")
	default:
		return [...]Rel{EQ: NE, NE: EQ, LT: GE, LE: GT, GT: LE, GE: LT}[r]
	}
}

// A Param is a parameter or a result of a function.
type Param struct {
	Name   string
	Type   string // as in Go
	Index  int
	Result bool
}

// IsSlice says whether p is a slice.
func (p *Param) IsSlice() bool { return len(p.Type) > 2 && p.Type[:2] == "[]" }

// A Func is a described kernel.
type Func struct {
	Name, Doc       string
	Signature       string // in Go, without "func" and name
	Params, Results []*Param
	Body            []Node
	Uniforms        []*Reg // all that are used, in the order of their first use
	regs            int
}

// A Definition is a kernel as the table has it.
type Definition struct {
	Name      string // of the function that Go calls; the twin's is Name + "Generic"
	Signature string // in Go: "(dst, a, b []float32)"
	Doc       string // what follows the function's name in its comment
	Body      func(k *Kernel)

	// Only says which targets have the kernel; nil is all. Elsewhere the one of its family that Instead names, with the same
	// parameters, runs in its place.
	Only    func(t *Target) bool
	Instead string

	// The function that Go calls checks the lengths of slices and cuts long ones into pieces, if it knows how.

	// Elementwise says that all slices are equally long and that element i of a result depends on elements i alone. Lanes go
	// on from piece to piece where a pointer carries them.
	Elementwise bool
	// PerRow has, for kernels whose last parameters are the numbers of rows and of elements in one, how many elements of each
	// slice belong to a row, as in Go: "4*H". A slice with "" is the same for all rows. There is at least one row.
	PerRow []string
}

// Describe runs a definition for a target.
func Describe(d Definition, t *Target) *Func {
	f := &Func{Name: d.Name, Doc: d.Doc, Signature: d.Signature}
	f.Params, f.Results = d.Parameters()
	k := &Kernel{Target: t, Func: f, into: &f.Body, uniforms: map[Uniform]*Reg{}, cold: map[*Param]*Reg{}}
	d.Body(k)
	return f
}

// Parameters returns the parameters and results of a kernel's signature.
func (d Definition) Parameters() (params, results []*Param) {
	e, err := parser.ParseExpr("func" + d.Signature)
	if err != nil {
		panic(fmt.Sprintf("ir: signature of %s: %v", d.Name, err))
	}
	t := e.(*ast.FuncType)
	list := func(fields *ast.FieldList, result bool) (ps []*Param) {
		if fields == nil {
			return nil
		}
		for _, field := range fields.List {
			typ := d.Signature[field.Type.Pos()-5 : field.Type.End()-5]
			names := field.Names
			if len(names) == 0 {
				names = []*ast.Ident{{Name: "ret"}}
			}
			for _, n := range names {
				ps = append(ps, &Param{n.Name, typ, len(ps), result})
			}
		}
		return ps
	}
	return list(t.Params, false), list(t.Results, true)
}
