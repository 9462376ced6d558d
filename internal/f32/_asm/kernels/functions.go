package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// The sequences are those of functions_generic.go, statement by statement, in its names.

// reduce returns p = e^r - 1 and the bits of n + shift, where x = n ln2 + r: reduceExp. The shift is greater than shifter
// by bias.
func reduce(k *ir.Kernel, x ir.Vec, shift ir.Vec) (p, bits ir.Vec) {
	t := k.FMA(x, k.Const("log2e", 0x1.715476p+0), shift)
	n := k.Sub(t, shift)
	r := k.FNMA(n, k.Const("ln2Hi", 0x1.62e43p-1), x)
	r = k.FNMA(n, k.Const("ln2Lo", -0x1.05c61p-29), r)
	q := k.FMA(k.Const("expm1C7", 0x1.9c5062p-13), r, k.Const("expm1C6", 0x1.6d4c12p-10))
	q = k.FMA(q, r, k.Const("expm1C5", 0x1.1113acp-7))
	q = k.FMA(q, r, k.Const("expm1C4", 0x1.5554eap-5))
	q = k.FMA(q, r, k.Const("expm1C3", 0x1.555554p-3))
	q = k.FMA(q, r, k.Const("half", 0.5))
	return k.FMA(q, k.Mul(r, r), r), t
}

// exp is exp1 for x no greater than expMax.
func exp(k *ir.Kernel, x ir.Vec) ir.Vec {
	x = k.Max(k.Const("expMin", -104), x)
	p, n := reduce(k, x, k.Const("shifterOfExp", 0x1.8p23+2*127))
	half := k.ShrI(n, 1)
	n = k.ShlI(k.SubI(n, half), 23)
	half = k.ShlI(half, 23)
	return k.Mul(k.FMA(p, half, half), n)
}

func sigmoid(k *ir.Kernel, x ir.Vec) ir.Vec {
	one := k.Const("one", 1)
	negative := k.SignMask(x)
	e := exp(k, k.Or(x, k.Bits("signBits", 1<<31)))
	return k.Div(k.Select(negative, e, one), k.Add(e, one))
}

func tanh(k *ir.Kernel, x ir.Vec) ir.Vec {
	sign := k.Bits("signBits", 1<<31)
	y := k.Or(x, sign)
	y = k.Max(k.Const("tanhMin", -20), k.Add(y, y))
	p, s := reduce(k, y, k.Const("shifterOfTanh", 0x1.8p23+127))
	s = k.ShlI(s, 23)
	m := k.FMA(p, s, k.Sub(s, k.Const("one", 1)))
	return k.Blend(sign, x, k.Div(m, k.Add(m, k.Const("two", 2))))
}

// mapping returns a kernel dst[i] = f(x[i]).
func mapping(name string, f func(*ir.Kernel, ir.Vec) ir.Vec) ir.Definition {
	return ir.Definition{
		Name:      name,
		Signature: "(dst, x []float32)",
		Body: func(k *ir.Kernel) {
			n, p := k.Len("dst"), k.Addresses("dst", "x")
			k.Loop(n, 1, func(s ir.Step) { s.Store(f(k, s.Load(p[1])), p[0]) })
		},
	}
}

func relu(k *ir.Kernel, x ir.Vec) ir.Vec { return k.Max(k.Const("zero", 0), x) }
