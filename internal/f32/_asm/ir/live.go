package ir

import "fmt"

// A Life is where registers hold a value that is needed: from Start to End, counted in instructions.
type Life struct {
	fn         *Func
	start, end map[*Reg]int
	at         map[*Instr]int
}

// Lives finds out where the registers of a function are alive. A register that a loop reads or changes, and that had its
// first value before it, is alive until the loop's end. It panics if a register is read that has never been set.
func Lives(fn *Func) *Life {
	l := &Life{fn, map[*Reg]int{}, map[*Reg]int{}, map[*Instr]int{}}
	l.walk(fn.Body, 0)
	return l
}

func (l *Life) walk(nodes []Node, at int) int {
	for _, n := range nodes {
		at++
		switch n := n.(type) {
		case *Instr:
			l.at[n] = at
			for _, r := range n.Reads() {
				l.read(r, at, n)
			}
			if n.Dst != nil {
				l.see(n.Dst, at)
			}
		case *If:
			l.read(n.Cond.A, at, nil)
			l.read(n.Cond.B, at, nil)
			at = l.walk(n.Then, at)
			at = l.walk(n.Else, at)
		case *Loop:
			begin := at
			at = l.walk(n.Body, at) + 1
			l.read(n.Cond.A, at, nil)
			l.read(n.Cond.B, at, nil)
			for r, start := range l.start {
				if start <= begin && l.end[r] > begin {
					l.end[r] = at
				}
			}
		}
	}
	return at
}

// Reads returns the registers that an instruction reads, those of its address included.
func (in *Instr) Reads() []*Reg {
	rs := in.Args[:len(in.Args):len(in.Args)]
	for _, r := range []*Reg{in.Mem.Base, in.Mem.Index} {
		if r != nil {
			rs = append(rs, r)
		}
	}
	return rs
}

func (l *Life) read(r *Reg, at int, in *Instr) {
	if r == nil || r.Uniform != nil || r.Cold != nil {
		return
	}
	if _, ok := l.start[r]; !ok {
		panic(fmt.Sprintf("ir: %s reads register %d before it is set (%+v)", l.fn.Name, r.ID, in))
	}
	l.see(r, at)
}

func (l *Life) see(r *Reg, at int) {
	if r.Uniform != nil || r.Cold != nil {
		return
	}
	if _, ok := l.start[r]; !ok {
		l.start[r] = at
	}
	l.end[r] = max(l.end[r], at)
}

// At returns where an instruction is.
func (l *Life) At(in *Instr) int { return l.at[in] }

// Dies says whether the value in r is needed no more after the instruction.
func (l *Life) Dies(r *Reg, in *Instr) bool {
	return r.Uniform == nil && r.Cold == nil && l.end[r] == l.at[in]
}

// Interval returns where r is alive.
func (l *Life) Interval(r *Reg) (start, end int) { return l.start[r], l.end[r] }

// Pressure returns the most registers of a kind that are alive at once, without uniform ones.
func (l *Life) Pressure(kind Kind) int {
	change := map[int]int{}
	last := 0
	for r, start := range l.start {
		if r.Kind == kind {
			change[start]++
			change[l.end[r]]-- // a result may take the register of an argument that dies
			last = max(last, l.end[r])
		}
	}
	most, now := 0, 0
	for at := range last + 1 {
		now += change[at]
		most = max(most, now)
	}
	return most
}
