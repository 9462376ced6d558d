package ir

import (
	"fmt"
	"math"
	"slices"
)

// A Kernel is a function under description.
type Kernel struct {
	*Target
	Func     *Func
	into     *[]Node // where instructions go
	uniforms map[Uniform]*Reg
	cold     map[*Param]*Reg
}

func (k *Kernel) reg(kind Kind) *Reg {
	k.Func.regs++
	return &Reg{Kind: kind, ID: k.Func.regs}
}

// Int returns a fresh integer variable.
func (k *Kernel) Int() *Reg { return k.reg(Int) }

// Register returns a fresh vector register, for what one register of the target's width holds.
func (k *Kernel) Register() *Reg { return k.reg(Vector) }

// Emit adds an instruction.
func (k *Kernel) Emit(i *Instr) *Reg {
	*k.into = append(*k.into, i)
	return i.Dst
}

// within records what body emits.
func (k *Kernel) within(body func()) (nodes []Node) {
	outer := k.into
	defer func() { k.into = outer }()
	k.into = &nodes
	body()
	return nodes
}

// lanewise emits an operation for each register of the widest argument.
func (k *Kernel) lanewise(kind Kind, op Op, imm int64, args ...[]*Reg) []*Reg {
	parts := 0
	for _, a := range args {
		parts = max(parts, len(a))
	}
	out := make([]*Reg, parts)
	for i := range out {
		in := &Instr{Op: op, Dst: k.reg(kind), Imm: imm}
		for _, a := range args {
			in.Args = append(in.Args, part(a, i))
			in.Dst.Narrow = in.Dst.Narrow || part(a, i).Narrow
		}
		out[i] = k.Emit(in)
	}
	return out
}

func (k *Kernel) vec(op Op, imm int64, args ...[]*Reg) Vec {
	return k.lanewise(Vector, op, imm, args...)
}

func (k *Kernel) choice(op Op, args ...[]*Reg) Choice { return k.lanewise(Mask, op, 0, args...) }

// The operations of ops.go on vectors.

func (k *Kernel) Add(a, b Vec) Vec              { return k.vec(Add, 0, a, b) }
func (k *Kernel) Sub(a, b Vec) Vec              { return k.vec(Sub, 0, a, b) }
func (k *Kernel) Mul(a, b Vec) Vec              { return k.vec(Mul, 0, a, b) }
func (k *Kernel) Div(a, b Vec) Vec              { return k.vec(Div, 0, a, b) }
func (k *Kernel) Sqrt(a Vec) Vec                { return k.vec(Sqrt, 0, a) }
func (k *Kernel) FMA(a, b, c Vec) Vec           { return k.vec(FMA, 0, a, b, c) }
func (k *Kernel) FNMA(a, b, c Vec) Vec          { return k.vec(FNMA, 0, a, b, c) }
func (k *Kernel) FMS(a, b, c Vec) Vec           { return k.vec(FMS, 0, a, b, c) }
func (k *Kernel) Min(a, b Vec) Vec              { return k.vec(Min, 0, a, b) }
func (k *Kernel) Max(a, b Vec) Vec              { return k.vec(Max, 0, a, b) }
func (k *Kernel) MaxAny(a, b Vec) Vec           { return k.vec(MaxAny, 0, a, b) }
func (k *Kernel) AddI(a, b Vec) Vec             { return k.vec(AddI, 0, a, b) }
func (k *Kernel) SubI(a, b Vec) Vec             { return k.vec(SubI, 0, a, b) }
func (k *Kernel) ShlI(a Vec, by int64) Vec      { return k.vec(ShlI, by, a) }
func (k *Kernel) ShrI(a Vec, by int64) Vec      { return k.vec(ShrI, by, a) }
func (k *Kernel) SarI(a Vec, by int64) Vec      { return k.vec(SarI, by, a) }
func (k *Kernel) And(a, b Vec) Vec              { return k.vec(And, 0, a, b) }
func (k *Kernel) Or(a, b Vec) Vec               { return k.vec(Or, 0, a, b) }
func (k *Kernel) Xor(a, b Vec) Vec              { return k.vec(Xor, 0, a, b) }
func (k *Kernel) Blend(bits, a, b Vec) Vec      { return k.vec(Blend, 0, bits, a, b) }
func (k *Kernel) Move(a Vec) Vec                { return k.vec(Move, 0, a) }
func (k *Kernel) KeepWhere(a, bits Vec) Vec     { return k.vec(KeepWhere, 0, a, bits) }
func (k *Kernel) CmpEQ(a, b Vec) Choice         { return k.choice(CmpEQ, a, b) }
func (k *Kernel) CmpLT(a, b Vec) Choice         { return k.choice(CmpLT, a, b) }
func (k *Kernel) CmpGT(a, b Vec) Choice         { return k.choice(CmpGT, a, b) }
func (k *Kernel) CmpNLE(a, b Vec) Choice        { return k.choice(CmpNLE, a, b) }
func (k *Kernel) CmpUnord(a, b Vec) Choice      { return k.choice(CmpUnord, a, b) }
func (k *Kernel) CmpGTI(a, b Vec) Choice        { return k.choice(CmpGTI, a, b) }
func (k *Kernel) SignMask(a Vec) Choice         { return k.choice(SignMask, a) }
func (k *Kernel) Select(c Choice, a, b Vec) Vec { return k.vec(Select, 0, c, a, b) }

// NoLane returns an integer that is 1 if no lane is chosen and 0 otherwise.
func (k *Kernel) NoLane(c Choice) *Reg { return k.Emit(&Instr{Op: NoLane, Dst: k.Int(), Args: c}) }

// Spread copies lane 0 to all lanes.
func (k *Kernel) Spread(a *Reg) Vec {
	return Vec{k.Emit(&Instr{Op: Spread, Dst: k.Register(), Args: []*Reg{a}})}
}

// FoldAdd returns the sum of 16 lanes in lane 0: 8 and 8, 4 and 4, 2 and 2, 1 and 1.
func (k *Kernel) FoldAdd(v Vec) *Reg { return k.fold(v, 0) }

// FoldMax is FoldAdd for Max, whose first argument is the upper half.
func (k *Kernel) FoldMax(v Vec) *Reg { return k.fold(v, 1) }

func (k *Kernel) fold(v Vec, imm int64) *Reg {
	if len(v) != k.Parts() {
		panic("ir: fold of a part")
	}
	return k.Emit(&Instr{Op: Fold, Dst: k.narrow(), Args: v, Imm: imm})
}

func (k *Kernel) narrow() *Reg {
	r := k.Register()
	r.Narrow = true
	return r
}

// FloatOfInt returns the float32 nearest to n in lane 0.
func (k *Kernel) FloatOfInt(n *Reg) Vec {
	return Vec{k.Emit(&Instr{Op: FloatOfInt, Dst: k.narrow(), Args: []*Reg{n}})}
}

// Broadcast returns a float32 in memory in all lanes.
func (k *Kernel) Broadcast(m Mem) Vec {
	return Vec{k.Emit(&Instr{Op: BroadcastMem, Dst: k.Register(), Mem: m})}
}

// Fetch returns what one register holds from memory.
func (k *Kernel) Fetch(m Mem) *Reg {
	return k.Emit(&Instr{Op: Load, Dst: k.Register(), Mem: m})
}

// FetchOnce is Fetch for what the next operation alone uses, which may read memory itself.
func (k *Kernel) FetchOnce(m Mem) *Reg {
	return k.Emit(&Instr{Op: Load, Dst: k.Register(), Mem: m, Once: true})
}

// Prefetch brings a line into the cache of level 1 or 2.
func (k *Kernel) Prefetch(m Mem, level int64) {
	k.Emit(&Instr{Op: Prefetch, Mem: m, Imm: level})
}

// StoreFirst writes lane 0.
func (k *Kernel) StoreFirst(r *Reg, m Mem) {
	k.Emit(&Instr{Op: StoreFirst, Args: []*Reg{r}, Mem: m})
}

// Zeros returns 16 lanes of +0 that may be changed.
func (k *Kernel) Zeros() Vec { return k.fresh(Zero) }

func (k *Kernel) fresh(op Op, args ...*Reg) Vec {
	v := make(Vec, k.Parts())
	for i := range v {
		v[i] = k.Emit(&Instr{Op: op, Dst: k.Register(), Args: args})
	}
	return v
}

// All returns 16 lanes of a uniform value that may be changed.
func (k *Kernel) All(u Vec) Vec { return k.fresh(Move, u[0]) }

// Set changes variables. The instructions that have just computed v write to them directly, so v must not be used again.
func (k *Kernel) Set(variable, v Vec) {
	if len(variable) != len(v) {
		panic("ir: Set of another width")
	}
	nodes := *k.into
	for i, r := range v {
		at := len(nodes) - len(v) + i
		if in, ok := node(nodes, at); ok && in.Dst == r && r.Uniform == nil {
			in.Dst = variable[i]
			continue
		}
		k.Emit(&Instr{Op: Move, Dst: variable[i], Args: []*Reg{r}})
	}
}

func node(nodes []Node, i int) (*Instr, bool) {
	if i < 0 || i >= len(nodes) {
		return nil, false
	}
	in, ok := nodes[i].(*Instr)
	return in, ok
}

// Const returns a float32 in all lanes.
func (k *Kernel) Const(name string, f float32) Vec { return k.Bits(name, math.Float32bits(f)) }

// Bits is Const for bits. The same bits are the same register, by the name that came first.
func (k *Kernel) Bits(name string, bits uint32) Vec {
	return k.uniform(Uniform{Bits: bits}, name)
}

// Param returns a float32 or uint32 parameter in all lanes.
func (k *Kernel) Param(name string) Vec { return k.uniform(Uniform{Param: k.param(name)}, "") }

func (k *Kernel) uniform(u Uniform, name string) Vec {
	r, ok := k.uniforms[u]
	if !ok {
		r = k.reg(Vector)
		k.uniforms[u] = r
		u.Name = name
		r.Uniform = &u
		f := math.Float32frombits(u.Bits)
		r.Nonzero = u.Param == nil && f != 0 && f == f
		k.Func.Uniforms = append(k.Func.Uniforms, r)
	}
	return Vec{r}
}

// Has says whether the function has a parameter of this name.
func (f *Func) Has(param string) bool {
	return slices.ContainsFunc(f.Params, func(p *Param) bool { return p.Name == param })
}

func (k *Kernel) param(name string) *Param {
	i := slices.IndexFunc(k.Func.Params, func(p *Param) bool { return p.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("ir: %s has no parameter %s", k.Func.Name, name))
	}
	return k.Func.Params[i]
}

// Address returns an integer variable with the address in a slice or pointer parameter.
func (k *Kernel) Address(name string) *Reg { return k.ParamInt(name) }

// ParamInt returns an integer variable with a parameter's value.
func (k *Kernel) ParamInt(name string) *Reg {
	return k.Emit(&Instr{Op: ParamInt, Dst: k.Int(), Imm: int64(k.param(name).Index)})
}

// Addresses returns those of several parameters.
func (k *Kernel) Addresses(names ...string) (regs []*Reg) {
	for _, n := range names {
		regs = append(regs, k.Address(n))
	}
	return regs
}

// Len returns an integer variable with the length of a slice parameter.
func (k *Kernel) Len(name string) *Reg {
	return k.Emit(&Instr{Op: ParamLen, Dst: k.Int(), Imm: int64(k.param(name).Index)})
}

// ColdParam is ParamInt for what is used seldom, which may stay in memory where registers are few. It may be changed,
// and is the same variable each time.
func (k *Kernel) ColdParam(name string) *Reg {
	p := k.param(name)
	if k.cold[p] == nil {
		k.cold[p] = k.Int()
		k.cold[p].Cold = p
	}
	return k.cold[p]
}

// SeldomInt is Int for what is used seldom, which may stay in memory where registers are few.
func (k *Kernel) SeldomInt() *Reg {
	r := k.Int()
	r.Seldom = true
	return r
}

// ResultFloat sets a result of the function to lane 0 of r.
func (k *Kernel) ResultFloat(i int, r *Reg) {
	k.Emit(&Instr{Op: ResultFloat, Args: []*Reg{r}, Imm: int64(i)})
}

// ResultBool sets the function's result to whether n is not 0.
func (k *Kernel) ResultBool(n *Reg) { k.Emit(&Instr{Op: ResultBool, Args: []*Reg{n}}) }

// Return leaves the function, whose end does so too.
func (k *Kernel) Return() { k.Emit(&Instr{Op: Return}) }
