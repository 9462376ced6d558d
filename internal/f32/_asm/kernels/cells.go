package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// What recurrent cells do between their products. The sequences are those of cells_generic.go, statement by statement, in
// its names.

var lstm = ir.Definition{
	Name:      "lstm",
	Signature: "(z, c, cPrev, tanhC, h []float32, rows, H int)",
	Body: func(k *ir.Kernel) {
		z, p := gates(k, "z", 4), k.Addresses("c", "cPrev", "tanhC", "h")
		rows(k, 4, z, p, func(s ir.Step) {
			recall := make([]func() ir.Vec, 4)
			activate := func(gate int, f func(*ir.Kernel, ir.Vec) ir.Vec) func() {
				return func() {
					v := f(k, s.Load(z[gate]))
					s.Store(v, z[gate])
					recall[gate] = s.Recall(v, z[gate])
				}
			}
			k.Interleave(activate(0, sigmoid), activate(1, sigmoid), activate(2, tanh), activate(3, sigmoid))
			c := k.FMA(recall[1](), s.Load(p[1]), k.Mul(recall[0](), recall[2]()))
			s.Store(c, p[0])
			t := tanh(k, c)
			s.Store(t, p[2])
			s.Store(k.Mul(t, recall[3]()), p[3])
		})
	},
}

var lstmGrad = ir.Definition{
	Name:      "lstmGrad",
	Signature: "(z, dc, dh, cPrev, tanhC []float32, rows, H int)",
	Body: func(k *ir.Kernel) {
		z, p := gates(k, "z", 4), k.Addresses("dc", "dh", "cPrev", "tanhC")
		rows(k, 4, z, p, func(s ir.Step) {
			o, t, dh := s.Load(z[3]), s.Load(p[3]), s.Load(p[1])
			dc := k.FMA(k.Mul(dh, o), oneMinusSquare(k, t), s.Load(p[0]))
			s.Store(k.Mul(k.Mul(dh, t), minusSquare(k, o)), z[3])
			i, g := s.Load(z[0]), s.Load(z[2])
			s.Store(k.Mul(k.Mul(dc, g), minusSquare(k, i)), z[0])
			s.Store(k.Mul(k.Mul(dc, i), oneMinusSquare(k, g)), z[2])
			f := s.Load(z[1])
			s.Store(k.Mul(k.Mul(dc, s.Load(p[2])), minusSquare(k, f)), z[1])
			s.Store(k.Mul(dc, f), p[0])
		})
	},
}

// minusSquare returns y - y*y, the derivative of y = sigmoid x.
func minusSquare(k *ir.Kernel, y ir.Vec) ir.Vec { return k.FNMA(y, y, y) }

// oneMinusSquare returns 1 - y*y, the derivative of y = tanh x.
func oneMinusSquare(k *ir.Kernel, y ir.Vec) ir.Vec { return k.FNMA(y, y, k.Const("one", 1)) }

// gates returns where the blocks of H elements begin that make a row of a slice.
func gates(k *ir.Kernel, name string, count int) []*ir.Reg {
	at := k.Addresses(name)
	width := k.ParamInt("H")
	for range count - 1 {
		next := k.Int()
		k.IntShlAdd(next, at[len(at)-1], width, 2)
		at = append(at, next)
	}
	return at
}

// rows emits a loop of body over all rows: of slices with so many blocks of H elements to a row, and of slices with one.
// What the inner loop does not need stays in memory, as addresses take most registers.
func rows(k *ir.Kernel, perRow int, blocks, narrow []*ir.Reg, body func(s ir.Step)) {
	k.Times(k.ColdParam("rows"), func() {
		k.Loop(k.ParamInt("H"), 1, body)
		width := k.Bytes("H")
		for _, p := range narrow {
			k.IntAdd(p, p, width)
		}
		k.IntMulImm(width, width, perRow)
		for _, p := range blocks {
			k.IntAdd(p, p, width)
		}
	})
}
