package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// unroll is how many vectors a loop takes at a time where memory, not arithmetic, is the limit.
const unroll = 2

// The sequences are those of pointwise_generic.go.

// pairwise returns a kernel dst[i] = op(a[i], b[i]).
func pairwise(name string, op func(k *ir.Kernel, a, b ir.Vec) ir.Vec) ir.Definition {
	return ir.Definition{
		Name:        name,
		Signature:   "(dst, a, b []float32)",
		Elementwise: true,
		Body: func(k *ir.Kernel) {
			n, p := k.Len("dst"), k.Addresses("dst", "a", "b")
			k.Loop(n, unroll, func(s ir.Step) { s.Store(op(k, s.Load(p[1]), s.Load(p[2])), p[0]) })
		},
	}
}

// by returns a kernel x[i] = op(x[i], the number a).
func by(name string, op func(k *ir.Kernel, x, a ir.Vec) ir.Vec) ir.Definition {
	return ir.Definition{
		Name:        name,
		Signature:   "(x []float32, a float32)",
		Elementwise: true,
		Body: func(k *ir.Kernel) {
			n, x := k.Len("x"), k.Address("x")
			k.Loop(n, unroll, func(s ir.Step) { s.Store(op(k, s.Load(x), k.Param("a")), x) })
		},
	}
}

var addScaled = ir.Definition{
	Name:        "addScaled",
	Signature:   "(y []float32, a float32, x []float32)",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, p := k.Len("y"), k.Addresses("y", "x")
		k.Loop(n, unroll, func(s ir.Step) { s.Store(k.FMA(k.Param("a"), s.Load(p[1]), s.Load(p[0])), p[0]) })
	},
}

var interpolate = ir.Definition{
	Name:        "interpolate",
	Signature:   "(dst, from, to, share []float32)",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, p := k.Len("dst"), k.Addresses("dst", "from", "to", "share")
		k.Loop(n, unroll, func(s ir.Step) {
			from := s.Load(p[1])
			s.Store(k.FMA(k.Sub(s.Load(p[2]), from), s.Load(p[3]), from), p[0])
		})
	},
}

var interpolateCarry = ir.Definition{
	Name:        "interpolateCarry",
	Signature:   "(dy, carry, share []float32)",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, p := k.Len("dy"), k.Addresses("dy", "carry", "share")
		k.Loop(n, unroll, func(s ir.Step) {
			dy := k.Add(s.Load(p[1]), s.Load(p[0]))
			s.Store(dy, p[0])
			s.Store(k.FNMA(s.Load(p[2]), dy, dy), p[1])
		})
	},
}

var interpolateSums = ir.Definition{
	Name:        "interpolateSums",
	Signature:   "(shareSum, shareRow, toSum, toRow, dy, from, to, share []float32)",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, sums, p := k.Len("dy"), k.Addresses("shareSum", "shareRow", "toSum", "toRow"), k.Addresses("dy", "from", "to", "share")
		k.Loop(n, 1, func(s ir.Step) {
			dy, share := s.Load(p[0]), s.Load(p[3])
			d := k.Mul(k.Mul(dy, k.Sub(s.Load(p[2]), s.Load(p[1]))), minusSquare(k, share))
			s.Store(k.Add(s.Load(sums[0]), d), sums[0])
			s.Store(k.Add(s.Load(sums[1]), d), sums[1])
			d = k.Mul(dy, share)
			s.Store(k.Add(s.Load(sums[2]), d), sums[2])
			s.Store(k.Add(s.Load(sums[3]), d), sums[3])
		})
	},
}

var mulAdd = ir.Definition{
	Name:        "mulAdd",
	Signature:   "(y, a, b []float32)",
	Elementwise: true,
	Body: func(k *ir.Kernel) {
		n, p := k.Len("y"), k.Addresses("y", "a", "b")
		k.Loop(n, unroll, func(s ir.Step) { s.Store(k.FMA(s.Load(p[1]), s.Load(p[2]), s.Load(p[0])), p[0]) })
	},
}

// addRows keeps the sums of some columns in registers while it runs down the rows.
var addRows = ir.Definition{
	Name:      "addRows",
	Signature: "(dst, data []float32, rows, stride int)",
	Body: func(k *ir.Kernel) {
		n, dst, data, rows, stride := k.Len("dst"), k.Address("dst"), k.Address("data"), k.ParamInt("rows"), k.Bytes("stride")
		columns(k, n, dst, dst, func(each func(f func(s ir.Step, sum ir.Vec))) {
			left, row := k.IntCopy(rows), k.IntCopy(data)
			k.Times(left, func() {
				each(func(s ir.Step, sum ir.Vec) { k.Set(sum, k.Add(sum, s.Load(row))) })
				k.IntAdd(row, row, stride)
			})
		})
	},
}

// mulAdds keeps some columns of y in registers while it runs down the slices of a and b.
var mulAdds = ir.Definition{
	Name:      "mulAdds",
	Signature: "(y, start []float32, a, b [][]float32)",
	Body: func(k *ir.Kernel) {
		n, y, start, count, lists := k.Len("y"), k.Address("y"), k.Address("start"), k.Len("a"), k.Addresses("a", "b")
		columns(k, n, y, start, func(each func(f func(s ir.Step, sum ir.Vec))) {
			left, a, b := k.IntCopy(count), k.IntCopy(lists[0]), k.IntCopy(lists[1])
			k.If(ir.Is(left, ir.NE, 0), func() {
				k.Times(left, func() {
					x, y := k.IntLoad(ir.Mem{Base: a}), k.IntLoad(ir.Mem{Base: b})
					each(func(s ir.Step, sum ir.Vec) { k.Set(sum, k.FMA(s.Load(x), s.Load(y), sum)) })
					k.IntAddImm(a, a, sliceHeader)
					k.IntAddImm(b, b, sliceHeader)
				})
			})
		})
	},
}

// sliceHeader is the size of a slice's pointer, length and capacity.
const sliceHeader = 24

// columns emits body for a few vectors of columns at a time, whose sums begin with what start holds and end in dst. body
// gets a function that calls another with each of them.
func columns(k *ir.Kernel, n, dst, start *ir.Reg, body func(each func(f func(s ir.Step, sum ir.Vec)))) {
	k.Blocks(n, unroll, func(s ir.Step, count int) {
		sums := make([]ir.Vec, count)
		for i := range sums {
			sums[i] = s.At(i).Load(start)
		}
		body(func(f func(s ir.Step, sum ir.Vec)) {
			for i, sum := range sums {
				f(s.At(i), sum)
			}
		})
		for i, sum := range sums {
			s.At(i).Store(sum, dst)
		}
	})
}
