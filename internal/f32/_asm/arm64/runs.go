package arm64

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A run is values that are stored one behind the other, up to four. One instruction does so if their registers follow each
// other as well.
type run struct {
	length int
	first  int // the register of the first, if chosen
	chosen bool
}

// A seat is a value's place in a run.
type seat struct {
	run *run
	at  int
}

// neighbours returns how many instructions from the first node on do the same with as many bytes behind each other, four at
// most.
func neighbours(nodes []ir.Node, op ir.Op, bytes int) (list []*ir.Instr) {
	for _, n := range nodes {
		in, ok := n.(*ir.Instr)
		if !ok || in.Op != op || len(list) == 4 {
			break
		}
		if len(list) > 0 {
			want := list[0].Mem
			want.Disp += bytes * len(list)
			if in.Mem != want {
				break
			}
		}
		list = append(list, in)
	}
	return list
}

// seatRuns gives seats to the values that are stored, and to the addends that become such values in their registers.
func seatRuns(nodes []ir.Node, seats map[*ir.Reg]seat) {
	for i := len(nodes) - 1; i >= 0; i-- {
		switch n := nodes[i].(type) {
		case *ir.Loop:
			seatRuns(n.Body, seats)
		case *ir.If:
			seatRuns(n.Then, seats)
			seatRuns(n.Else, seats)
		case *ir.Instr:
			if s, ok := seats[n.Dst]; ok && isFMA(n.Op) && n.Args[2].Uniform == nil {
				if _, has := seats[n.Args[2]]; !has {
					seats[n.Args[2]] = s
				}
			}
			if n.Op != ir.Store || i > 0 && len(neighbours(nodes[i-1:], ir.Store, 16)) > 1 {
				continue
			}
			if stores := neighbours(nodes[i:], ir.Store, 16); len(stores) > 1 {
				r := &run{length: len(stores)}
				for j, in := range stores {
					if _, has := seats[in.Args[0]]; !has && in.Args[0].Uniform == nil {
						seats[in.Args[0]] = seat{r, j}
					}
				}
			}
		}
	}
}

// seat takes the register that a value's run wants it to have, if it is free.
func (l *lowering) seat(r *ir.Reg) (at int, ok bool) {
	s, ok := l.seats[r]
	if !ok {
		return 0, false
	}
	b := l.vector
	free := func(r int) bool { return slices.Contains(b.free, r%vectors) }
	if !s.run.chosen {
		for first := range vectors {
			all := true
			for i := range s.run.length {
				all = all && free(first+i)
			}
			if all {
				s.run.first, s.run.chosen = first, true
				break
			}
		}
	}
	if !s.run.chosen {
		return 0, false
	}
	for i := range s.run.length { // others take these last
		if want := (s.run.first + i) % vectors; free(want) {
			j := slices.Index(b.free, want)
			b.free = append(slices.Delete(b.free, j, j+1), want)
		}
	}
	at = (s.run.first + s.at) % vectors
	if !free(at) {
		return 0, false
	}
	j := slices.Index(b.free, at)
	b.free = slices.Delete(b.free, j, j+1)
	return at, true
}

// store emits stores of vectors that lie behind each other.
func (l *lowering) store(stores []*ir.Instr) {
	var regs []int
	follow := true
	for i, in := range stores {
		regs = append(regs, l.in(in.Args[0]))
		follow = follow && regs[i] == (regs[0]+i)%vectors
	}
	if m := stores[0].Mem; follow && (len(regs) > 1 || m.Disp == 0) {
		var list []string
		for _, r := range regs {
			list = append(list, fmt.Sprintf("V%d.S4", r))
		}
		l.emit("VST1 [%s], (R%d)", strings.Join(list, ", "), l.exact(m))
		return
	}
	for i := 0; i < len(regs); i++ {
		at := l.mem(stores[i].Mem)
		if i+1 < len(regs) && stores[i].Mem.Disp <= 1008 {
			l.emit("FSTPQ (F%d, F%d), %s", regs[i], regs[i+1], at)
			i++
		} else {
			l.emit("FMOVQ F%d, %s", regs[i], at)
		}
	}
}
