// Package amd64 lowers described kernels to AVX-512 and AVX2 with avo.
package amd64

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	avo "github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/dispatch"
	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// Architecture is the kernel sets of this package.
var Architecture = &dispatch.Architecture{
	Name:    "amd64",
	Build:   "amd64 && !purego",
	Imports: []string{"golang.org/x/sys/cpu"},
	Sets: []*dispatch.Set{
		{
			Target: &ir.Target{Name: "AVX512", Lanes: 16, Registers: 32, Group: 1, Chains: 4, Masks: true, Scaled: true},
			Runs:   "cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX2 && cpu.X86.HasFMA",
		},
		{
			Target: &ir.Target{Name: "AVX2", Lanes: 8, Registers: 16, Group: 2, Chains: 2, Masks: true, Scaled: true},
			Runs:   "cpu.X86.HasAVX2 && cpu.X86.HasFMA",
		},
	},
	File: file,
}

// file returns the assembly of some kernels.
func file(t *ir.Target, definitions []ir.Definition) ([]byte, error) {
	file := avo.NewFile()
	file.Constraints = constraints()
	data := &pool{mems: map[string]operand.Mem{}, first: map[string]uint32{}, lanes: t.Lanes}
	for _, d := range definitions {
		f, err := function(t, d, data)
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", d.Name, t.Name, err)
		}
		file.AddSection(f)
	}
	for _, g := range data.globals {
		file.AddSection(g)
	}
	if err := pass.IncludeTextFlagHeader(file); err != nil {
		return nil, err
	}
	text, err := printer.NewGoAsm(printer.Config{Name: "go generate", Pkg: "f32"}).Print(file)
	return append(bytes.TrimSpace(text), '\n'), err
}

// function lowers one kernel. Uniform values live in registers as far as there are any: the fewer attempts fail, the fewer
// do.
func function(t *ir.Target, d ir.Definition, data *pool) (*avo.Function, error) {
	for most := 32; ; most-- {
		trial := data.clone()
		l := newLowering(t, ir.Describe(d, t), trial)
		f, err := l.function(most)
		if err == nil {
			*data = *trial
			return f, nil
		}
		if most = min(most, len(l.held)); most == 0 {
			return nil, err
		}
	}
}

// A lowering is one function on its way.
type lowering struct {
	*build.Context
	t      *ir.Target
	fn     *ir.Func
	life   *ir.Life
	data   *pool
	regs   map[*ir.Reg]reg.Register
	held   map[*ir.Reg]bool        // uniform values in registers
	once   map[*ir.Reg]operand.Mem // loads that the next operation makes itself
	frame  map[*ir.Reg]operand.Mem // integers in memory
	labels int
	flags  *ir.Reg // what the processor's flags compare with 0, if not nil
}

func newLowering(t *ir.Target, fn *ir.Func, data *pool) *lowering {
	return &lowering{build.NewContext(), t, fn, ir.Lives(fn), data, map[*ir.Reg]reg.Register{}, map[*ir.Reg]bool{},
		map[*ir.Reg]operand.Mem{}, map[*ir.Reg]operand.Mem{}, 0, nil}
}

// function emits all of a function with at most the given number of uniform values in registers.
func (l *lowering) function(most int) (*avo.Function, error) {
	l.Function(l.fn.Name + l.t.Name)
	l.Attributes(attr.NOSPLIT)
	l.SignatureExpr("func" + l.fn.Signature)
	l.holdUniforms(most)
	l.nodes(l.fn.Body)
	if !endsInReturn(l.fn.Body) {
		l.leave()
	}
	file, err := l.Result()
	if err != nil {
		return nil, err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return nil, err
	}
	f := file.Functions()[0]
	if l.t.Lanes == 8 && usesMore(f) {
		return nil, errors.New("more than 16 vector registers, which AVX2 does not have")
	}
	return f, nil
}

// usesMore says whether a function uses vector registers that only AVX-512 has, which avo takes as well.
func usesMore(f *avo.Function) bool {
	for _, in := range f.Instructions() {
		for _, r := range in.Registers() {
			if p, ok := r.(reg.Physical); ok && r.Kind() == reg.KindVector && p.PhysicalIndex() >= 16 {
				return true
			}
		}
	}
	return false
}

func endsInReturn(nodes []ir.Node) bool {
	if len(nodes) == 0 {
		return false
	}
	switch n := nodes[len(nodes)-1].(type) {
	case *ir.Instr:
		return n.Op == ir.Return
	case *ir.If:
		return endsInReturn(n.Then) && endsInReturn(n.Else)
	}
	return false
}

func (l *lowering) leave() {
	l.VZEROUPPER()
	l.RET()
}

// holdUniforms loads those uniform values into registers that are used most, in loops above all.
func (l *lowering) holdUniforms(most int) {
	uses := map[*ir.Reg]int{}
	countUses(l.fn.Body, 1, uses)
	us := slices.Clone(l.fn.Uniforms)
	slices.SortStableFunc(us, func(a, b *ir.Reg) int { return cmp.Compare(uses[b], uses[a]) })
	if l.t.Registers <= 16 {
		most = min(most, l.t.Registers-l.life.Pressure(ir.Vector)-scratch)
	}
	for i, u := range us {
		if i >= most || uses[u] == 0 {
			break
		}
		l.held[u] = true
		l.regs[u] = l.uniform(u)
	}
}

// scratch is how many vector registers lowering an instruction may take for itself.
const scratch = 1

// countUses counts the instructions that read uniform values, those of loops many times; one that cannot take them from
// memory counts more than one that can.
func countUses(nodes []ir.Node, weight int, uses map[*ir.Reg]int) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *ir.Instr:
			for i, r := range n.Args {
				if r.Uniform != nil {
					w := weight
					if r.Uniform.Param != nil || n.Op == ir.Select || i == 0 && !n.Op.Commutes() {
						w *= 4
					}
					uses[r] += w
				}
			}
		case *ir.If:
			countUses(n.Then, weight, uses)
			countUses(n.Else, weight, uses)
		case *ir.Loop:
			countUses(n.Body, 10*weight, uses)
		}
	}
}

// uniform fetches a uniform value into a fresh register.
func (l *lowering) uniform(u *ir.Reg) reg.Register {
	r := l.vector()
	switch p := u.Uniform.Param; {
	case p != nil:
		l.VBROADCASTSS(l.param(p.Name), r)
	case u.Uniform.Bits == 0:
		l.VXORPS(r, r, r)
	case l.t.Lanes == 16:
		l.VBROADCASTSS(l.data.constant(u.Uniform), r)
	default:
		l.VMOVUPS(l.data.constant(u.Uniform), r)
	}
	return r
}

func (l *lowering) vector() reg.VecVirtual {
	if l.t.Lanes == 16 {
		return l.ZMM()
	}
	return l.YMM()
}

// param returns where a parameter lies on the stack.
func (l *lowering) param(name string) operand.Mem { return located(l.Param(name)) }

// result returns where a result lies on the stack.
func (l *lowering) result(i int64) operand.Mem { return located(l.ReturnIndex(int(i))) }

func located(c gotypes.Component) operand.Mem {
	b, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// nodes emits control flow.
func (l *lowering) nodes(nodes []ir.Node) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *ir.Instr:
			l.instr(n)
		case *ir.Loop:
			again := l.label("again")
			l.mark(again)
			l.nodes(n.Body)
			l.jump(n.Cond, again)
		case *ir.If:
			l.branch(n)
		}
	}
}

func (l *lowering) branch(n *ir.If) {
	other, end := l.label("else"), l.label("end")
	if n.Cond.Rel == ir.HasBits {
		then := l.label("then")
		l.jump(n.Cond, then)
		l.JMP(operand.LabelRef(other))
		l.mark(then)
	} else {
		c := n.Cond
		c.Rel = c.Rel.Not()
		l.jump(c, other)
	}
	l.nodes(n.Then)
	if len(n.Else) > 0 && !endsInReturn(n.Then) {
		l.JMP(operand.LabelRef(end))
	}
	l.mark(other)
	l.nodes(n.Else)
	if len(n.Else) > 0 && !endsInReturn(n.Then) {
		l.mark(end)
	}
}

func (l *lowering) label(kind string) string {
	l.labels++
	return fmt.Sprintf("%s%d", kind, l.labels)
}

func (l *lowering) mark(label string) {
	l.Label(label)
	l.flags = nil
}

// jump goes to label if c holds.
func (l *lowering) jump(c ir.Cond, label string) {
	a := l.int(c.A)
	switch {
	case c.Rel == ir.HasBits:
		l.TESTB(operand.Imm(uint64(c.Imm)), a.(reg.GP).As8())
	case c.B != nil:
		l.CMPQ(a, l.int(c.B))
	case c.Imm == 0 && l.flags == c.A:
	case c.A.Cold != nil && c.A.Cold.Type == "bool":
		l.CMPB(a, operand.Imm(uint64(c.Imm)))
	case c.Imm == 0 && c.A.Cold == nil && !c.A.Seldom:
		l.TESTQ(a, a)
	default:
		l.CMPQ(a, operand.Imm(uint64(c.Imm)))
	}
	to := operand.LabelRef(label)
	switch c.Rel {
	case ir.EQ:
		l.JEQ(to)
	case ir.NE, ir.HasBits:
		l.JNE(to)
	case ir.LT:
		l.JLT(to)
	case ir.LE:
		l.JLE(to)
	case ir.GT:
		l.JGT(to)
	case ir.GE:
		l.JGE(to)
	}
}
