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

// An argument is a vector that a function needs at its beginning and at its end. In between it need not take registers if
// it can be had again.
type argument func() ir.Vec

// kept returns an argument that stays in its registers.
func kept(x ir.Vec) argument { return func() ir.Vec { return x } }

func sigmoid(k *ir.Kernel, x argument) ir.Vec {
	one := k.Const("one", 1)
	e := exp(k, k.Or(x(), k.Bits("signBits", 1<<31)))
	top := k.Select(k.SignMask(x()), e, one)
	return k.Div(top, k.Add(e, one))
}

func tanh(k *ir.Kernel, x argument) ir.Vec {
	sign := k.Bits("signBits", 1<<31)
	y := k.Or(x(), sign)
	y = k.Max(k.Const("tanhMin", -20), k.Add(y, y))
	p, s := reduce(k, y, k.Const("shifterOfTanh", 0x1.8p23+127))
	s = k.ShlI(s, 23)
	m := k.FMA(p, s, k.Sub(s, k.Const("one", 1)))
	return k.Blend(sign, x(), k.Div(m, k.Add(m, k.Const("two", 2))))
}

// mapping returns a kernel dst[i] = f(x[i]).
func mapping(name string, f func(*ir.Kernel, argument) ir.Vec) ir.Definition {
	return ir.Definition{
		Name:        name,
		Signature:   "(dst, x []float32)",
		Elementwise: true,
		Body: func(k *ir.Kernel) {
			n, p := k.Len("dst"), k.Addresses("dst", "x")
			k.Loop(n, 1, func(s ir.Step) { s.Store(f(k, kept(s.Load(p[1]))), p[0]) })
		},
	}
}

func relu(k *ir.Kernel, x argument) ir.Vec { return k.Max(k.Const("zero", 0), x()) }

// log1 takes one number, and computes in all lanes.
var log1 = ir.Definition{
	Name:      "log1",
	Signature: "(x float32) float32",
	Body: func(k *ir.Kernel) {
		x, zero, one := k.Param("x"), k.Const("zero", 0), k.Const("one", 1)
		small := k.CmpLT(x, k.Const("smallestNormal", 0x1p-126))
		u := k.Mul(x, k.Select(small, k.Const("scaleUp", 0x1p23), one))
		offset := k.Select(small, k.Const("offsetDown", -23), zero)
		n := k.SarI(k.SubI(u, k.Bits("twoThirdsBits", 0x3f2aaaab)), 23)
		f := k.Sub(k.SubI(u, k.ShlI(n, 23)), one)
		shift := k.Const("shifter", 0x1.8p23)
		n = k.Add(k.Sub(k.AddI(n, shift), shift), offset)
		q := k.FMA(k.Const("logC10", -0x1.0925p-3), f, k.Const("logC9", 0x1.1e90f8p-3))
		q = k.FMA(q, f, k.Const("logC8", -0x1.f29a4ap-4))
		q = k.FMA(q, f, k.Const("logC7", 0x1.1ecf92p-3))
		q = k.FMA(q, f, k.Const("logC6", -0x1.55a192p-3))
		q = k.FMA(q, f, k.Const("logC5", 0x1.99d088p-3))
		q = k.FMA(q, f, k.Const("logC4", -0x1.fffedep-3))
		q = k.FMA(q, f, k.Const("logC3", 0x1.555506p-2))
		q = k.FMA(q, f, k.Const("logC2", -0.5))
		q = k.FMA(n, k.Const("ln2Hi", 0x1.62e43p-1), k.FMA(q, k.Mul(f, f), f))
		q = k.Select(k.CmpNLE(x, k.Const("largest", 0x1.fffffep127)), x, q)
		q = k.Select(k.CmpEQ(x, zero), k.Bits("minusInf", 0xff800000), q)
		q = k.Select(k.CmpLT(x, zero), k.Bits("nan", 0x7fc00000), q)
		k.ResultFloat(0, q[0])
	},
}

// gradient returns a kernel dz[i] = f(dy[i], y[i]).
func gradient(name string, f func(k *ir.Kernel, dy, y ir.Vec) ir.Vec) ir.Definition {
	return ir.Definition{
		Name:        name,
		Signature:   "(dz, dy, y []float32)",
		Elementwise: true,
		Body: func(k *ir.Kernel) {
			n, p := k.Len("dz"), k.Addresses("dz", "dy", "y")
			k.Loop(n, unroll, func(s ir.Step) { s.Store(f(k, s.Load(p[1]), s.Load(p[2])), p[0]) })
		},
	}
}

func sigmoidGrad(k *ir.Kernel, dy, y ir.Vec) ir.Vec { return k.Mul(dy, minusSquare(k, y)) }

func tanhGrad(k *ir.Kernel, dy, y ir.Vec) ir.Vec { return k.Mul(dy, oneMinusSquare(k, y)) }

func reluGrad(k *ir.Kernel, dy, y ir.Vec) ir.Vec {
	zero := k.Const("zero", 0)
	return k.Select(k.CmpGT(y, zero), dy, k.Max(zero, y))
}
