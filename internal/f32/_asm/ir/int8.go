package ir

// Products in 8 bits: two steps of k side by side, the weights of each lane as bytes, the row's numbers as 16-bit integers.

// LoadPairs fetches two weights for each of 16 lanes: 2*Lanes bytes.
func (k *Kernel) LoadPairs(m Mem) Vec {
	v := make(Vec, k.Parts())
	for i := range v {
		at := m
		at.Disp += 2 * k.Lanes * i
		v[i] = k.Emit(&Instr{Op: LoadPairs, Dst: k.Register(), Mem: at})
	}
	return v
}

// SpreadPair fetches two 16-bit integers, for all lanes.
func (k *Kernel) SpreadPair(m Mem) Vec {
	return Vec{k.Emit(&Instr{Op: SpreadPair, Dst: k.Register(), Mem: m})}
}

// AddPairs returns sum plus both products of weights and numbers.
func (k *Kernel) AddPairs(weights, numbers, sum Vec) Vec {
	return k.vec(AddPairs, 0, weights, numbers, sum)
}

// FetchWhole fetches 16 float32s, and StoreWhole writes them.
func (k *Kernel) FetchWhole(m Mem) Vec {
	v := make(Vec, k.Parts())
	for i := range v {
		v[i] = k.Fetch(m.lanes(i * k.Lanes))
	}
	return v
}

func (k *Kernel) StoreWhole(v Vec, m Mem) {
	for i, r := range v {
		k.Emit(&Instr{Op: Store, Args: []*Reg{r}, Mem: m.lanes(i * k.Lanes)})
	}
}

// lanes returns the place so many float32s further on.
func (m Mem) lanes(n int) Mem {
	m.Disp += 4 * n
	return m
}

// FloatOf returns the float32s nearest to integers.
func (k *Kernel) FloatOf(a Vec) Vec { return k.vec(FloatOf, 0, a) }

// StoreShort writes integers with 16 bits each, which they must fit, for the step's elements and those to the end of its
// registers.
func (s Step) StoreShort(v Vec, base *Reg) {
	if s.whole != nil {
		*s.whole = true
	}
	half := s.k.Int()
	s.k.Emit(&Instr{Op: IntShr, Dst: half, Args: []*Reg{s.index}, Imm: 1})
	for i, r := range v {
		m := Mem{Base: base, Index: half, Disp: 2 * (s.stride*s.Unroll + s.k.Lanes*(s.lo+i))}
		s.k.Emit(&Instr{Op: StoreShort, Args: []*Reg{r}, Mem: m})
	}
}
