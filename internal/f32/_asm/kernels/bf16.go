package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// bf16Row takes two or four vectors of 16 columns through all steps of k. A 32-bit number in memory is two weights, whose bits
// are the upper halves of float32s: sixteen of them make two vectors. The sequence is that of bf16_generic.go.
var bf16Row = ir.Definition{
	Name:      "bf16Row",
	Signature: "(y, x []float32, w []uint32)",
	Body: func(k *ir.Kernel) {
		y, x, w, steps := k.Address("y"), k.Address("x"), k.Address("w"), k.Len("x")
		upper := k.Bits("upperHalf", 0xffff0000)
		add := func(pairs int) {
			var sums []ir.Vec
			for i := range 2 * pairs {
				sums = append(sums, k.FetchWhole(ir.Mem{Base: y, Disp: 4 * ir.Lanes * i}))
			}
			k.Times(steps, func() {
				v := k.Broadcast(ir.Mem{Base: x})
				for i := range pairs {
					two := k.FetchWhole(ir.Mem{Base: w, Disp: 4 * ir.Lanes * i})
					low, high := sums[2*i], sums[2*i+1]
					k.Set(low, k.FMA(v, k.ShlI(two, 16), low))
					k.Set(high, k.FMA(v, k.And(two, upper), high))
				}
				k.IntAddImm(x, x, 4)
				k.IntAddImm(w, w, 4*ir.Lanes*pairs)
			})
			for i, sum := range sums {
				k.StoreWhole(sum, ir.Mem{Base: y, Disp: 4 * ir.Lanes * i})
			}
		}
		k.If(ir.Is(steps, ir.NE, 0), func() {
			k.IfElse(ir.Is(k.Len("y"), ir.EQ, 4*ir.Lanes), func() { add(2) }, func() { add(1) })
		})
	},
}
