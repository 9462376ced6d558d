package amd64

import (
	"maps"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/buildtags"
	avo "github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// constraints is when the files are compiled.
func constraints() buildtags.Constraints {
	expr, err := buildtags.ParseConstraint("amd64,!purego")
	if err != nil {
		panic(err)
	}
	return expr.ToConstraints()
}

// A pool is the constants of a file in memory.
type pool struct {
	globals []*avo.Global
	mems    map[string]operand.Mem
	first   map[string]uint32 // integers of the tables, by name
	lanes   int
}

func (p *pool) clone() *pool {
	return &pool{slices.Clone(p.globals), maps.Clone(p.mems), maps.Clone(p.first), p.lanes}
}

// constant returns where a constant is: 4 bytes for AVX-512, which spreads them over the lanes, and 32 for AVX2.
func (p *pool) constant(u *ir.Uniform) operand.Mem {
	count := 1
	if p.lanes == 8 {
		count = 8
	}
	return p.table(u.Name, count, func(int) uint32 { return u.Bits })
}

// masks returns the middle of a table: 16 integers of ones, and then 16 of zeros from there on.
func (p *pool) masks() operand.Mem {
	return p.table("lanes", 32, func(i int) uint32 { return 0xffffffff * uint32((31-i)/16) }).Offset(64)
}

func (p *pool) table(name string, count int, value func(i int) uint32) operand.Mem {
	if m, ok := p.mems[name]; ok {
		if p.first[name] != value(0) {
			panic("amd64: two constants are named " + name)
		}
		return m
	}
	p.first[name] = value(0)
	g := avo.NewStaticGlobal(name)
	g.Attributes = attr.RODATA | attr.NOPTR
	for i := range count {
		if err := g.AddDatum(avo.NewDatum(4*i, operand.U32(value(i)))); err != nil {
			panic(err)
		}
	}
	p.globals = append(p.globals, g)
	p.mems[name] = operand.NewDataAddr(g.Symbol, 0)
	return p.mems[name]
}
