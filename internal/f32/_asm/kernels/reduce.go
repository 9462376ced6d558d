package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// The sequences are those of reduce_generic.go.

var sumLanes = reduction("sumLanes", "(x []float32, l *[16]float32) float32", func(k *ir.Kernel, acc, x, _ ir.Vec) ir.Vec { return k.Add(acc, x) })

var sumSquaresLanes = reduction("sumSquaresLanes", "(x []float32, l *[16]float32) float32", func(k *ir.Kernel, acc, x, _ ir.Vec) ir.Vec { return k.FMA(x, x, acc) })

var dotLanes = reduction("dotLanes", "(x, y []float32, l *[16]float32) float32", func(k *ir.Kernel, acc, x, y ir.Vec) ir.Vec { return k.FMA(x, y, acc) })

// reduction returns a kernel that goes on with the lanes of earlier pieces, or starts at zero if l is nil, and returns the
// fold of them. y is nil where there is one slice only.
func reduction(name, signature string, add func(k *ir.Kernel, acc, x, y ir.Vec) ir.Vec) ir.Definition {
	return ir.Definition{
		Name:        name,
		Signature:   signature,
		Elementwise: true,
		Body: func(k *ir.Kernel) {
			n, x := k.Len("x"), k.Address("x")
			var second *ir.Reg
			if name := k.Func.Params[1].Name; name == "y" {
				second = k.Address(name)
			}
			l := carry(k, k.Zeros())
			k.Loop(n, unroll, func(s ir.Step) {
				var y ir.Vec
				if second != nil {
					y = s.Load(second)
				}
				k.Set(s.Of(l.acc), add(k, s.Of(l.acc), s.Load(x), y))
			})
			l.save()
			k.ResultFloat(0, k.FoldAdd(l.acc))
		},
	}
}

var maxLanes = ir.Definition{
	Name:        "maxLanes",
	Signature:   "(x []float32, l *[16]float32) float32",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, x := k.Len("x"), k.Address("x")
		l := carry(k, lowest(k))
		greatest(k, n, x, l.acc)
		l.save()
		k.ResultFloat(0, k.FoldMax(l.acc))
	},
}

// lowest returns lanes of -Inf.
func lowest(k *ir.Kernel) ir.Vec { return k.All(k.Bits("minusInf", 0xff800000)) }

// greatest takes the maximum of acc and n elements, lane by lane: max1. The greatest number is the same in any order, but zeros
// have signs and NaNs do not count: where a lane ends as either, a quicker instruction has not been enough.
func greatest(k *ir.Kernel, n, x *ir.Reg, acc ir.Vec) {
	if !k.Target.MaxAny {
		greatestInOrder(k, n, x, acc)
		return
	}
	quick := k.Move(acc)
	k.Loop(k.IntCopy(n), unroll, func(s ir.Step) {
		quick := s.Of(quick)
		k.Set(quick, k.MaxAny(s.Existing(s.Load(x), quick), quick))
	})
	unclear := append(k.CmpEQ(quick, k.Const("zero", 0)), k.CmpUnord(quick, quick)...)
	k.IfElse(ir.Is(k.NoLane(unclear), ir.NE, 0), func() { k.Set(acc, quick) }, func() { greatestInOrder(k, n, x, acc) })
}

func greatestInOrder(k *ir.Kernel, n, x *ir.Reg, acc ir.Vec) {
	row := unroll
	if k.Target.MaxAny {
		row = 1 // it is needed seldom
	}
	k.Loop(n, row, func(s ir.Step) {
		acc := s.Of(acc)
		k.Set(acc, k.Max(s.Existing(s.Load(x), acc), acc))
	})
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
