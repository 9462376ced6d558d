package ir

import "slices"

// A Step is one run of a loop's body: over 16 elements, a part of 16, or the elements that are left at the end.
type Step struct {
	k      *Kernel
	index  *Reg // bytes behind the loop so far
	lo, hi int  // registers of a vector of 16 lanes that it covers
	Unroll int  // which of the steps in a row it is
	stride int  // elements from one of these to the next
	tail   *Tail
	taken  *[]Vec // if not nil, where to note the vectors of 16 lanes that Of takes registers of
	whole  *bool  // if not nil, where to note that the step must be a whole register
}

// A Tail is some lanes from the first on.
type Tail struct {
	count *Reg  // how many, at least 1; more than there are stand for all
	kind  int64 // the Imm of LoadTail and StoreTail
	mask  *Reg  // if the target has masks
}

// Loop emits body over n elements: several vectors in a row while they last, then one, then the tail of 1 to 15. It uses n
// up. What body does in one lane must not matter to another, except through Of.
func (k *Kernel) Loop(n *Reg, unroll int, body func(s Step)) {
	k.Blocks(n, unroll, func(s Step, count int) {
		for s.Unroll = range count {
			body(s)
		}
	})
}

// group is how many registers of a vector the steps of a target cover.
func (k *Kernel) group() int { return min(k.Group, k.Parts()) }

// Blocks is Loop for a body that takes count vectors together: At gives the step of each.
func (k *Kernel) Blocks(n *Reg, unroll int, body func(s Step, count int)) {
	index := k.IntConst(0)
	round := Lanes // elements
	if part := k.Lanes * k.group(); part < Lanes && !k.takesRegisters(index, body) {
		round = part
	}
	whole := func(count int) {
		some, behind := round*count, 0
		if !k.Masks {
			behind = some // so that the flags of counting down decide
		}
		add := func(elements int) {
			if elements != 0 {
				k.IntAddImm(n, n, elements)
			}
		}
		k.If(Is(n, GE, int64(some)), func() {
			add(-behind)
			k.Repeat(func() Cond {
				for lo := 0; lo < round/k.Lanes; lo += k.group() {
					body(Step{k: k, index: index, lo: lo, hi: lo + k.group(), stride: round}, count)
				}
				k.IntAddImm(index, index, 4*some)
				k.IntAddImm(n, n, -some)
				return Is(n, GE, int64(some-behind))
			})
			add(behind)
		})
	}
	if k.Unroll > 0 {
		unroll = min(unroll, k.Unroll)
	}
	if unroll > 1 {
		whole(unroll)
	}
	if unroll == 1 || !k.Singles || k.takesRegisters(index, body) { // the rest is short and cheap otherwise
		whole(1)
	}
	k.If(Is(n, NE, 0), func() {
		if k.Masks && k.Parts() == 1 {
			body(Step{k: k, index: index, hi: 1, stride: Lanes, tail: k.firstLanes(n)}, 1)
			return
		}
		k.tailByRegister(index, n, body)
	})
}

// takesRegisters says whether it matters to a loop's body which registers of a vector a step covers.
func (k *Kernel) takesRegisters(index *Reg, body func(s Step, count int)) bool {
	var taken []Vec
	k.within(func() { body(Step{k: k, index: index, hi: 1, stride: Lanes, taken: &taken}, 1) })
	return len(taken) > 0
}

// tailByRegister emits a loop of body over one register after the other while there are elements. Where it matters which
// register of a vector they belong to, the vector turns by one register in each round, and goes once round.
func (k *Kernel) tailByRegister(index, n *Reg, body func(s Step, count int)) {
	var turned []Vec
	whole := false
	round := k.within(func() {
		body(Step{k: k, index: index, hi: 1, stride: Lanes, tail: k.firstLanes(n), taken: &turned, whole: &whole}, 1)
		k.IntAddImm(index, index, 4*k.Lanes)
		k.IntAddImm(n, n, -k.Lanes)
	})
	if len(turned) == 0 && k.Singles && !whole {
		k.singles(index, n, body)
		return
	}
	if len(turned) == 0 {
		k.Repeat(func() Cond {
			*k.into = append(*k.into, round...)
			return Is(n, GT, 0)
		})
		return
	}
	k.Times(k.IntConst(int64(k.Parts())), func() {
		k.If(Is(n, GT, 0), func() { *k.into = append(*k.into, round...) })
		for _, v := range turned {
			first := k.Move(v[:1])
			for i := range len(v) - 1 {
				k.Emit(&Instr{Op: Move, Dst: v[i], Args: []*Reg{v[i+1]}})
			}
			k.Emit(&Instr{Op: Move, Dst: v[len(v)-1], Args: first})
		}
	})
}

// singles emits a loop of body over one register after the other while they last, and then over single elements.
func (k *Kernel) singles(index, n *Reg, body func(s Step, count int)) {
	k.Repeat(func() Cond {
		count := k.IntConst(1)
		k.If(Is(n, GE, int64(k.Lanes)), func() { k.IntSet(count, k.IntConst(int64(k.Lanes))) })
		body(Step{k: k, index: index, hi: 1, stride: Lanes, tail: &Tail{count: count, kind: 2}}, 1)
		k.IntShlAdd(index, index, count, 2)
		k.IntSub(n, n, count)
		return Is(n, GT, 0)
	})
}

// firstLanes chooses the first n lanes of a register, n > 0, or all if n is greater.
func (k *Kernel) firstLanes(n *Reg) *Tail {
	t := &Tail{count: n, kind: 1}
	if k.Masks {
		t.mask = k.Emit(&Instr{Op: TailLanes, Dst: k.reg(Mask), Args: []*Reg{n}})
	}
	return t
}

// LanesOf chooses the first n lanes of one register, n > 0, for LoadLanes and StoreLanes: by a mask, the address of one
// where registers are few, or the count itself. All lanes are chosen if n is greater.
func (k *Kernel) LanesOf(n *Reg) *Reg {
	switch {
	case !k.Masks:
		return n
	case k.Registers <= 16:
		return k.Emit(&Instr{Op: TailLanes, Dst: k.Int(), Args: []*Reg{n}})
	}
	return k.Emit(&Instr{Op: TailLanes, Dst: k.reg(Mask), Args: []*Reg{n}})
}

// LoadLanes fetches some lanes of a register, +0 in the others.
func (k *Kernel) LoadLanes(lanes *Reg, m Mem) *Reg {
	return k.Emit(&Instr{Op: LoadTail, Dst: k.Register(), Args: []*Reg{lanes}, Mem: m})
}

// StoreLanes writes some lanes of a register.
func (k *Kernel) StoreLanes(lanes, r *Reg, m Mem) {
	k.Emit(&Instr{Op: StoreLanes, Args: []*Reg{lanes, r}, Mem: m})
}

// LanesOfPart is LanesOf for register part of a vector of 16 lanes, of which the first n exist: perhaps none in this
// register.
func (k *Kernel) LanesOfPart(n *Reg, part int) *Reg {
	if k.Masks {
		return k.Emit(&Instr{Op: TailLanes, Dst: k.reg(Mask), Args: []*Reg{n}, Imm: int64(part * k.Lanes)})
	}
	count := k.Int()
	k.IntAddImm(count, n, -part*k.Lanes)
	return count
}

// Transpose turns a square of lanes, one row in each register, in place.
func (k *Kernel) Transpose(rows []*Reg) { k.Emit(&Instr{Op: Transpose, Args: rows}) }

// At returns the step of the i-th of the vectors that a body of Blocks takes together.
func (s Step) At(i int) Step {
	s.Unroll = i
	return s
}

// Tail says whether some lanes of the step do not exist.
func (s Step) Tail() bool { return s.tail != nil }

// Of returns the registers of a vector of 16 lanes that this step covers.
func (s Step) Of(v Vec) Vec {
	if len(v) == 1 {
		return v
	}
	if s.taken != nil && !slices.ContainsFunc(*s.taken, func(t Vec) bool { return t[0] == v[0] }) {
		*s.taken = append(*s.taken, v)
	}
	return v[s.lo:s.hi]
}

// Vec returns fresh registers for what this step covers, without a value.
func (s Step) Vec() Vec {
	v := make(Vec, s.hi-s.lo)
	for i := range v {
		v[i] = s.k.Register()
	}
	return v
}

func (s Step) mem(base *Reg, part int) Mem {
	return Mem{Base: base, Index: s.index, Disp: 4 * (s.stride*s.Unroll + s.k.Lanes*part)}
}

// Load fetches this step's elements; lanes that do not exist become +0.
func (s Step) Load(base *Reg) Vec {
	var v Vec
	for i := s.lo; i < s.hi; i++ {
		in := &Instr{Op: Load, Dst: s.k.Register(), Mem: s.mem(base, i)}
		switch {
		case s.tail == nil:
		case s.k.Masks:
			in.Op, in.Args = LoadTail, []*Reg{s.tail.mask}
		default:
			in.Op, in.Args, in.Imm = LoadTail, []*Reg{s.tail.count}, s.tail.kind
		}
		v = append(v, s.k.Emit(in))
	}
	return v
}

// Store writes the lanes that exist.
func (s Step) Store(v Vec, base *Reg) {
	if s.tail != nil {
		in := &Instr{Op: StoreTail, Args: append([]*Reg{s.tail.count}, v...), Imm: s.tail.kind, Mem: s.mem(base, s.lo)}
		s.k.Emit(in)
		return
	}
	for i, r := range v {
		s.k.Emit(&Instr{Op: Store, Args: []*Reg{r}, Mem: s.mem(base, s.lo+i)})
	}
}

// LoadBytes fetches a byte for each lane as an integer. It reads a byte for every lane, whether it exists or not, at the
// element's number of bytes behind base.
func (s Step) LoadBytes(base *Reg) Vec {
	quarter := s.k.Int()
	s.k.Emit(&Instr{Op: IntShr, Dst: quarter, Args: []*Reg{s.index}, Imm: 2})
	var v Vec
	for i := s.lo; i < s.hi; i++ {
		m := Mem{Base: base, Index: quarter, Disp: s.stride*s.Unroll + s.k.Lanes*i}
		v = append(v, s.k.Emit(&Instr{Op: LoadBytes, Dst: s.k.Register(), Mem: m}))
	}
	return v
}

// Existing returns v with the lanes of other where this step has none.
func (s Step) Existing(v, other Vec) Vec {
	switch {
	case s.tail == nil:
		return v
	case s.k.Masks:
		return s.k.Select(Choice{s.tail.mask}, v, other)
	}
	m := s.k.Emit(&Instr{Op: TailLanes, Dst: s.k.reg(Mask), Args: []*Reg{s.tail.count}})
	return s.k.Select(Choice{m}, v, other)
}

// Interleave emits computations that do not depend on each other, one instruction of each after the other: the instructions
// of one wait for each other, and a processor does not look far enough ahead to find those of the next. It takes as many
// side by side as make Target.Chains, each of this step's registers being one.
func (s Step) Interleave(bodies ...func()) {
	k := s.k
	for len(bodies) > 0 {
		n := min(max(1, k.Chains/(s.hi-s.lo)), len(bodies))
		var chains [][]Node
		for _, body := range bodies[:n] {
			chains = append(chains, k.within(body))
		}
		for more := true; more; {
			more = false
			for i, c := range chains {
				if len(c) > 0 {
					*k.into, chains[i], more = append(*k.into, c[0]), c[1:], true
				}
			}
		}
		bodies = bodies[n:]
	}
}

// Recall returns what was just stored at base: from its registers, or from memory where registers are few.
func (s Step) Recall(v Vec, base *Reg) func() Vec {
	if s.k.Registers > 16 {
		return func() Vec { return v }
	}
	return func() Vec { return s.Load(base) }
}
