package wasm

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A lowering is one kernel on its way.
type lowering struct {
	*function
	fn      *ir.Func
	life    *ir.Life
	relaxed bool
	params  []param
	regs    map[*ir.Reg]int     // locals
	owners  map[int]*ir.Reg     // of locals, for as long as the register is alive
	shared  map[valueType][]int // locals for registers
	temps   []map[valueType]int // locals for the length of an instruction
	taken   int                 // of temps
	results []int               // locals that hold them until the function returns
}

// lower returns a kernel as a function.
func lower(fn *ir.Func, relaxed bool) *function {
	l := &lowering{
		function: &function{signature: wasmSignature(fn)}, fn: fn, life: ir.Lives(fn), relaxed: relaxed, params: wasmParams(fn),
		regs: map[*ir.Reg]int{}, owners: map[int]*ir.Reg{}, shared: map[valueType][]int{},
	}
	for _, r := range fn.Results {
		l.results = append(l.results, l.local(resultKind(r)))
	}
	for _, u := range fn.Uniforms {
		l.uniform(u.Uniform)
		l.regs[u] = l.local(v128)
		l.set(l.regs[u])
	}
	l.nodes(fn.Body)
	l.leave()
	return l.function
}

// uniform pushes a constant or a parameter, in all lanes.
func (l *lowering) uniform(u *ir.Uniform) {
	switch {
	case u.Param == nil:
		l.lanes32(func(int) uint32 { return u.Bits })
	case u.Param.Type == "float32":
		l.get(l.param(u.Param, false))
		l.op(f32x4Splat)
	default:
		l.get(l.param(u.Param, false))
		l.op(i32x4Splat)
	}
}

// param returns the local of a parameter.
func (l *lowering) param(p *ir.Param, length bool) int {
	for i, q := range l.params {
		if q.of == p && q.length == length {
			return i
		}
	}
	panic("wasm: no parameter " + p.Name)
}

// leave returns the results.
func (l *lowering) leave() {
	switch {
	case len(l.results) == 1:
		l.get(l.results[0])
	case len(l.results) > 1:
		for i, r := range l.results {
			l.get(len(l.params) - 1)
			l.get(r)
			l.memory(f32Store, 4*i)
		}
	}
	l.op(ret)
}

// nodes emits control flow, which WebAssembly has in the same form.
func (l *lowering) nodes(nodes []ir.Node) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *ir.Instr:
			l.instr(n)
		case *ir.Loop:
			l.op(loop, noValue)
			l.nodes(n.Body)
			l.cond(n.Cond)
			l.number(branchIf, 0)
			l.op(end)
		case *ir.If:
			l.cond(n.Cond)
			l.when(func() { l.nodes(n.Then) }, func() { l.nodes(n.Else) })
		}
	}
}

// when emits two branches for the condition on the stack.
func (l *lowering) when(yes, no func()) {
	l.op(ifThen, noValue)
	yes()
	at := len(l.body)
	l.op(elseThen)
	no()
	if len(l.body) == at+1 {
		l.body = l.body[:at]
	}
	l.op(end)
}

// cond pushes whether a condition holds.
func (l *lowering) cond(c ir.Cond) {
	l.in(c.A)
	if c.B == nil && c.Imm == 0 && c.Rel == ir.EQ {
		l.op(i32Eqz)
		return
	}
	if c.B == nil && c.Imm == 0 && c.Rel == ir.NE {
		return
	}
	if c.B != nil {
		l.in(c.B)
	} else {
		l.integer(c.Imm)
	}
	l.op(map[ir.Rel]opcode{ir.EQ: i32Eq, ir.NE: i32Ne, ir.LT: i32LtS, ir.LE: i32LeS, ir.GT: i32GtS, ir.GE: i32GeS, ir.HasBits: i32And}[c.Rel])
}

// in pushes the value of a register.
func (l *lowering) in(r *ir.Reg) {
	if r.Cold != nil {
		l.get(l.param(r.Cold, false))
		return
	}
	local, ok := l.regs[r]
	if !ok || r.Uniform == nil && l.owners[local] != r {
		panic(fmt.Sprintf("wasm: %s: register %d has no value", l.fn.Name, r.ID))
	}
	l.get(local)
}

// out pops the result of an instruction into its register.
func (l *lowering) out(in *ir.Instr, r *ir.Reg) {
	if r.Cold != nil {
		l.set(l.param(r.Cold, false))
		return
	}
	local, ok := l.regs[r]
	if !ok {
		local = l.room(kindOf(r), l.life.At(in))
		l.regs[r], l.owners[local] = local, r
	}
	l.set(local)
}

func kindOf(r *ir.Reg) valueType {
	if r.Kind == ir.Int {
		return i32
	}
	return v128
}

// room returns a local that nobody needs from here on.
func (l *lowering) room(t valueType, at int) int {
	for _, local := range l.shared[t] {
		if _, last := l.life.Interval(l.owners[local]); last <= at {
			return local
		}
	}
	local := l.local(t)
	l.shared[t] = append(l.shared[t], local)
	return local
}

// temporary returns a local for the length of an instruction.
func (l *lowering) temporary(t valueType) int {
	if l.taken == len(l.temps) {
		l.temps = append(l.temps, map[valueType]int{})
	}
	temps := l.temps[l.taken]
	l.taken++
	if _, ok := temps[t]; !ok {
		temps[t] = l.local(t)
	}
	return temps[t]
}
