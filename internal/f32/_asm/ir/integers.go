package ir

// Integer variables: dst = ... Each may be an argument too.

func (k *Kernel) intOp(op Op, dst *Reg, imm int64, args ...*Reg) *Reg {
	return k.Emit(&Instr{Op: op, Dst: dst, Args: args, Imm: imm})
}

// IntConst returns a variable that begins with n.
func (k *Kernel) IntConst(n int64) *Reg { return k.intOp(IntConst, k.Int(), n) }

// IntCopy returns a variable that begins with a.
func (k *Kernel) IntCopy(a *Reg) *Reg { return k.intOp(IntMove, k.Int(), 0, a) }

// IntSet sets dst = a.
func (k *Kernel) IntSet(dst, a *Reg) { k.intOp(IntMove, dst, 0, a) }

// IntAdd sets dst = a + b.
func (k *Kernel) IntAdd(dst, a, b *Reg) { k.intOp(IntAdd, dst, 0, a, b) }

// IntAddImm sets dst = a + n.
func (k *Kernel) IntAddImm(dst, a *Reg, n int) { k.intOp(IntAdd, dst, int64(n), a) }

// IntSub sets dst = a - b.
func (k *Kernel) IntSub(dst, a, b *Reg) { k.intOp(IntSub, dst, 0, a, b) }

// IntMul sets dst = a * b.
func (k *Kernel) IntMul(dst, a, b *Reg) { k.intOp(IntMul, dst, 0, a, b) }

// IntMulImm sets dst = a * n.
func (k *Kernel) IntMulImm(dst, a *Reg, n int) { k.intOp(IntMul, dst, int64(n), a) }

// IntShl sets dst = a << by.
func (k *Kernel) IntShl(dst, a *Reg, by int) { k.intOp(IntShl, dst, int64(by), a) }

// IntShlAdd sets dst = a + b<<by, by at most 3.
func (k *Kernel) IntShlAdd(dst, a, b *Reg, by int) { k.intOp(IntShlAdd, dst, int64(by), a, b) }

// IntLoad returns a variable with an address, or an int, from memory.
func (k *Kernel) IntLoad(m Mem) *Reg { return k.Emit(&Instr{Op: IntLoad, Dst: k.Int(), Mem: m}) }

// Bytes returns an int parameter that counts float32s, in bytes.
func (k *Kernel) Bytes(name string) *Reg {
	r := k.ParamInt(name)
	k.IntShl(r, r, 2)
	return r
}

// Is is the condition that a is in the relation to n.
func Is(a *Reg, rel Rel, n int64) Cond { return Cond{Rel: rel, A: a, Imm: n} }

// Repeat runs body again and again while the condition holds after it.
func (k *Kernel) Repeat(body func() Cond) {
	l := &Loop{}
	l.Body = k.within(func() { l.Cond = body() })
	*k.into = append(*k.into, l)
}

// Times runs body n times, n > 0, and uses n up.
func (k *Kernel) Times(n *Reg, body func()) {
	k.Repeat(func() Cond {
		body()
		k.IntAddImm(n, n, -1)
		return Is(n, NE, 0)
	})
}

// If runs body if the condition holds.
func (k *Kernel) If(c Cond, body func()) { k.IfElse(c, body, func() {}) }

// IfElse runs one of two branches.
func (k *Kernel) IfElse(c Cond, yes, no func()) {
	*k.into = append(*k.into, &If{c, k.within(yes), k.within(no)})
}

// Choose runs body with the value of n, which is among the given ones, in rising order: a binary search.
func (k *Kernel) Choose(n *Reg, among []int, body func(n int)) {
	if len(among) == 1 {
		body(among[0])
		return
	}
	half := len(among) / 2
	k.IfElse(Is(n, LT, int64(among[half])), func() { k.Choose(n, among[:half], body) }, func() { k.Choose(n, among[half:], body) })
}

// From returns the numbers from low to high.
func From(low, high int) (ns []int) {
	for n := low; n <= high; n++ {
		ns = append(ns, n)
	}
	return ns
}
