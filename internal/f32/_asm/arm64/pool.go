package arm64

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A pool is the constants of a file in memory, each in all four lanes: a load costs none of the units that compute, which a
// copy from another register does.
type pool struct {
	rows  [][4]uint32
	names []string
}

func (p *pool) clone() *pool { return &pool{slices.Clone(p.rows), slices.Clone(p.names)} }

// row returns where in the pool four lanes are, in bytes.
func (p *pool) row(name string, lanes [4]uint32) int {
	i := slices.Index(p.rows, lanes)
	if i < 0 {
		i = len(p.rows)
		p.rows, p.names = append(p.rows, lanes), append(p.names, name)
	}
	return 16 * i
}

// text declares the pool.
func (p *pool) text() string {
	if len(p.rows) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteByte('\n')
	for i, lanes := range p.rows {
		for j := 0; j < 4; j += 2 {
			fmt.Fprintf(&out, "DATA constants<>+%d(SB)/8, $0x%08x%08x", 16*i+4*j, lanes[j+1], lanes[j])
			if j == 0 {
				fmt.Fprintf(&out, " // %s", p.names[i])
			}
			out.WriteByte('\n')
		}
	}
	fmt.Fprintf(&out, "GLOBL constants<>(SB), RODATA|NOPTR, $%d\n", 16*len(p.rows))
	return out.String()
}

// begin loads what a function keeps in registers all the time: the address of the constants, integers that are used seldom,
// and those uniform values that are used most, in loops above all.
func (l *lowering) begin() {
	if l.limits.constants {
		l.constants = l.fresh(ir.Int)
		l.emit("MOVD $constants<>+%d(SB), R%d", middle, l.constants)
	}
	uses := map[*ir.Reg]int{}
	cold := countUses(l.fn.Body, 1, uses, nil)
	for _, r := range cold {
		if l.cold == l.limits.cold {
			break
		}
		l.cold++
		l.regs[r] = l.fresh(ir.Int)
		l.loadParam(r.Cold, l.regs[r])
	}
	us := slices.Clone(l.fn.Uniforms)
	slices.SortStableFunc(us, func(a, b *ir.Reg) int { return cmp.Compare(uses[b], uses[a]) })
	for _, u := range us {
		if l.uniforms == l.limits.uniforms || uses[u] == 0 {
			break
		}
		l.uniforms++
		v := l.fresh(ir.Vector)
		l.loadUniform(u.Uniform, v)
		l.regs[u] = v
	}
}

// countUses counts the instructions that read uniform values, those of loops many times. A constant that is changed by the
// instruction does not count: it is loaded anew anyway. It returns the integers that are used seldom.
func countUses(nodes []ir.Node, weight int, uses map[*ir.Reg]int, cold []*ir.Reg) []*ir.Reg {
	see := func(r *ir.Reg) {
		if r != nil && r.Cold != nil && !slices.Contains(cold, r) {
			cold = append(cold, r)
		}
	}
	for _, n := range nodes {
		switch n := n.(type) {
		case *ir.Instr:
			see(n.Dst)
			for i, r := range n.Args {
				see(r)
				switch {
				case r.Uniform == nil:
				case r.Uniform.Param != nil:
					uses[r] += 4 * weight
				case n.Op == ir.Move || isFMA(n.Op) && i == 2:
				default:
					uses[r] += weight
				}
			}
		case *ir.If:
			see(n.Cond.A)
			see(n.Cond.B)
			cold = countUses(n.Then, weight, uses, cold)
			cold = countUses(n.Else, weight, uses, cold)
		case *ir.Loop:
			cold = countUses(n.Body, 10*weight, uses, cold)
			see(n.Cond.A)
			see(n.Cond.B)
		}
	}
	return cold
}

// loadUniform fetches a uniform value into a register.
func (l *lowering) loadUniform(u *ir.Uniform, v int) {
	switch {
	case u.Param != nil:
		l.emit("FMOVS %s, F%d", l.frame.at(u.Param, ""), v)
		l.emit("VDUP V%d.S[0], V%[1]d.S4", v)
	case u.Bits == 0:
		l.emit("VMOVI $0, V%d.B16", v)
	default:
		l.loadConstant(l.data.row(u.Name, [4]uint32{u.Bits, u.Bits, u.Bits, u.Bits}), v)
	}
}

// middle is where in the pool functions keep their address of it: loads reach as far back as forth.
const middle = 256

func (l *lowering) loadConstant(at, v int) {
	if !l.limits.constants {
		panic(errConstants)
	}
	l.load(at-middle, l.constants, v)
}
