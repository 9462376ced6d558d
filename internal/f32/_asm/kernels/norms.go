package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// What a row of a block goes through between products: the sequences are those of norm_generic.go and dropout.go.

// rootMeanSquare returns RMSNorm, or AddRMSNorm if a slice h is added first.
func rootMeanSquare(name string, adds bool) ir.Definition {
	signature, perRow := "(y, inv, x []float32, rows, n int)", []string{"n", "1", "n"}
	if adds {
		signature, perRow = "(y, inv, x, h []float32, rows, n int)", append(perRow, "n")
	}
	return ir.Definition{
		Name:      name,
		Signature: signature,
		PerRow:    perRow,
		Body: func(k *ir.Kernel) {
			y, x, inv := k.Address("y"), k.Address("x"), k.Address("inv")
			slices := []*ir.Reg{y, x}
			if adds {
				slices = append(slices, k.Address("h"))
			}
			normRows(k, slices, func() {
				squares := k.Zeros()
				k.Loop(k.ParamInt("n"), unroll, func(s ir.Step) {
					v := s.Load(x)
					if adds {
						v = k.Add(v, s.Load(slices[2]))
						s.Store(v, x)
					}
					k.Set(s.Of(squares), k.FMA(v, v, s.Of(squares)))
				})
				variance := k.Add(meanOf(k, squares), k.Bits("normEpsilon", 0x3727c5ac))
				r := k.Div(k.Const("one", 1), k.Sqrt(variance))[0]
				k.StoreFirst(r, ir.Mem{Base: inv})
				k.IntAddImm(inv, inv, 4)
				by := k.Spread(r)
				k.Loop(k.ParamInt("n"), unroll, func(s ir.Step) { s.Store(k.Mul(s.Load(x), by), y) })
			})
		},
	}
}

var rmsNormGrad = ir.Definition{
	Name:      "rmsNormGrad",
	Signature: "(dx, dh, dy, y, inv []float32, rows, n int)",
	PerRow:    []string{"n", "n", "n", "n", "1"},
	Body: func(k *ir.Kernel) {
		p, inv := k.Addresses("dx", "dh", "dy", "y"), k.Address("inv")
		normRows(k, p, func() {
			dots := k.Zeros()
			k.Loop(k.ParamInt("n"), unroll, func(s ir.Step) {
				k.Set(s.Of(dots), k.FMA(s.Load(p[2]), s.Load(p[3]), s.Of(dots)))
			})
			mean, by := k.Spread(meanOf(k, dots)[0]), k.Broadcast(ir.Mem{Base: inv})
			k.IntAddImm(inv, inv, 4)
			k.Loop(k.ParamInt("n"), 2, func(s ir.Step) {
				d := k.FMA(k.FNMA(mean, s.Load(p[3]), s.Load(p[2])), by, s.Load(p[0]))
				s.Store(d, p[0])
				s.Store(d, p[1])
			})
		})
	},
}

// meanOf returns the sum of some lanes divided by the parameter n.
func meanOf(k *ir.Kernel, lanes ir.Vec) ir.Vec {
	return k.Div(ir.Vec{k.FoldAdd(lanes)}, k.FloatOfInt(k.ParamInt("n")))
}

// normRows emits a loop of body over rows of n elements.
func normRows(k *ir.Kernel, slices []*ir.Reg, body func()) {
	k.Times(k.ParamInt("rows"), func() {
		body()
		width := k.Bytes("n")
		for _, p := range slices {
			k.IntAdd(p, p, width)
		}
	})
}

var dropout = ir.Definition{
	Name:      "dropout",
	Signature: "(dst, x []float32, drawn []byte, zeros uint32, keep float32)",
	Body: func(k *ir.Kernel) {
		n, dst, x, drawn := k.Len("dst"), k.Address("dst"), k.Address("x"), k.Address("drawn")
		k.Loop(n, 1, func(s ir.Step) {
			dropped := k.CmpGTI(k.Param("zeros"), s.LoadBytes(drawn))
			s.Store(k.Mul(s.Load(x), k.Select(dropped, k.Const("zero", 0), k.Param("keep"))), dst)
		})
	},
}
