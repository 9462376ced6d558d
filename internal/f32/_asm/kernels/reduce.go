package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// unroll is how many vectors a loop takes at a time where memory, not arithmetic, is the limit.
const unroll = 4

// The sequences are those of reduce_generic.go.

var sum = ir.Definition{
	Name:      "sum",
	Signature: "(x []float32, l *[16]float32) float32",
	Body: func(k *ir.Kernel) {
		n, x := k.Len("x"), k.Address("x")
		l := carry(k, k.Zeros())
		k.Loop(n, unroll, func(s ir.Step) { k.Set(s.Of(l.acc), k.Add(s.Of(l.acc), s.Load(x))) })
		l.save()
		k.ResultFloat(0, k.FoldAdd(l.acc))
	},
}

// carried is the lanes of a reduction, which a pointer argument l, where it is not nil, carries from piece to piece.
type carried struct {
	k   *ir.Kernel
	acc ir.Vec
	l   *ir.Reg
}

// carry fetches *l, or starts with the given lanes if l is nil.
func carry(k *ir.Kernel, start ir.Vec) carried {
	c := carried{k, start, k.Address("l")}
	k.If(ir.Is(c.l, ir.NE, 0), func() { c.each(func(r *ir.Reg, m ir.Mem) { k.Emit(&ir.Instr{Op: ir.Load, Dst: r, Mem: m}) }) })
	return c
}

// save stores the lanes for the next piece.
func (c carried) save() {
	c.k.If(ir.Is(c.l, ir.NE, 0), func() {
		c.each(func(r *ir.Reg, m ir.Mem) { c.k.Emit(&ir.Instr{Op: ir.Store, Args: []*ir.Reg{r}, Mem: m}) })
	})
}

func (c carried) each(f func(r *ir.Reg, m ir.Mem)) {
	for i, r := range c.acc {
		f(r, ir.Mem{Base: c.l, Disp: 4 * c.k.Lanes * i})
	}
}
