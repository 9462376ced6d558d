package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// The sequences are those of softmax_generic.go.

var softmaxRow = ir.Definition{
	Name:      "softmaxRow",
	Signature: "(dst, x []float32, scale float32) (m, sum float32)",
	Body: func(k *ir.Kernel) {
		n, dst, x := k.Len("dst"), k.Address("dst"), k.Address("x")
		again := k.IntCopy(n)
		last := k.Zeros() // a tail stays here until it is scaled: a load would wait for its stores
		stays := func(s ir.Step) bool { return k.Masks && s.Tail() }
		total := maxExpSum(k, n, x, func(s ir.Step, e ir.Vec) {
			if stays(s) {
				k.Set(s.Of(last), k.Move(e))
				return
			}
			s.Store(e, dst)
		})
		by := k.Spread(k.Div(k.Param("scale"), ir.Vec{total})[0])
		k.Loop(again, unroll, func(s ir.Step) {
			e := s.Of(last)
			if !stays(s) {
				e = s.Load(dst)
			}
			s.Store(k.Mul(e, by), dst)
		})
	},
}

var maxExpSumRow = ir.Definition{
	Name:      "maxExpSumRow",
	Signature: "(x []float32) (m, sum float32)",
	Body: func(k *ir.Kernel) {
		n, x := k.Len("x"), k.Address("x")
		maxExpSum(k, n, x, func(ir.Step, ir.Vec) {})
	},
}

// expStoreSumLanes and expSumLanes are parts of the two above, for rows too long for one call.
var expStoreSumLanes = ir.Definition{
	Name:        "expStoreSumLanes",
	Signature:   "(dst, x []float32, m float32, l *[16]float32) float32",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, dst, x := k.Len("dst"), k.Address("dst"), k.Address("x")
		lanesOfExp(k, n, x, func(s ir.Step, e ir.Vec) { s.Store(e, dst) })
	},
}

var expSumLanes = ir.Definition{
	Name:        "expSumLanes",
	Signature:   "(x []float32, m float32, l *[16]float32) float32",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, x := k.Len("x"), k.Address("x")
		lanesOfExp(k, n, x, func(ir.Step, ir.Vec) {})
	},
}

func lanesOfExp(k *ir.Kernel, n, x *ir.Reg, keep func(s ir.Step, e ir.Vec)) {
	l := carry(k, k.Zeros())
	expSum(k, n, x, k.Param("m"), l.acc, keep)
	l.save()
	k.ResultFloat(0, k.FoldAdd(l.acc))
}

// maxExpSum sets the results m and sum, and returns the latter.
func maxExpSum(k *ir.Kernel, n, x *ir.Reg, keep func(s ir.Step, e ir.Vec)) (total *ir.Reg) {
	acc := lowest(k)
	greatest(k, k.IntCopy(n), x, acc)
	m := k.FoldMax(acc)
	k.ResultFloat(0, m)
	sums := k.Zeros()
	expSum(k, n, x, k.Spread(m), sums, keep)
	total = k.FoldAdd(sums)
	k.ResultFloat(1, total)
	return total
}

// expSum adds e^(x[i]-m) to the lanes and hands it to keep. As x is not above m, the upper clamp of exp1 is left out.
func expSum(k *ir.Kernel, n, x *ir.Reg, m, sums ir.Vec, keep func(s ir.Step, e ir.Vec)) {
	k.Loop(n, 1, func(s ir.Step) {
		e := exp(k, k.Sub(s.Load(x), m))
		keep(s, e)
		k.Set(s.Of(sums), k.Add(s.Of(sums), s.Existing(e, k.Const("zero", 0))))
	})
}
