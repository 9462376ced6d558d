package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// What recurrent cells do between their products. The sequences are those of cells_generic.go, statement by statement, in
// its names.

var lstm = ir.Definition{
	Name:      "lstm",
	Signature: "(z, c, cPrev, tanhC, h []float32, rows, H int)",
	PerRow:    []string{"4*H", "H", "H", "H", "H"},
	Body: func(k *ir.Kernel) {
		z, p := gates(k, "z", 4), k.Addresses("c", "cPrev", "tanhC", "h")
		rows(k, 4, z, p, func(s ir.Step) {
			recall := make([]func() ir.Vec, 4)
			activate := func(gate int, f func(*ir.Kernel, argument) ir.Vec) func() {
				return func() {
					v := f(k, again(k, func() ir.Vec { return s.Load(z[gate]) }))
					s.Store(v, z[gate])
					recall[gate] = s.Recall(v, z[gate])
				}
			}
			s.Interleave(activate(0, sigmoid), activate(1, sigmoid), activate(2, tanh), activate(3, sigmoid))
			c := k.FMA(recall[1](), s.Load(p[1]), k.Mul(recall[0](), recall[2]()))
			s.Store(c, p[0])
			t := tanh(k, kept(c))
			s.Store(t, p[2])
			s.Store(k.Mul(t, recall[3]()), p[3])
		})
	},
}

var lstmGrad = ir.Definition{
	Name:      "lstmGrad",
	Signature: "(z, dc, dh, cPrev, tanhC []float32, rows, H int)",
	PerRow:    []string{"4*H", "H", "H", "H", "H"},
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

var gru = ir.Definition{
	Name:      "gru",
	Signature: "(z, u, bias, hPrev, h []float32, rows, H int)",
	PerRow:    []string{"3*H", "3*H", "", "H", "H"},
	Body: func(k *ir.Kernel) {
		z, u, bias, p := gates(k, "z", 3), gates(k, "u", 3), k.Address("bias"), k.Addresses("hPrev", "h")
		rows(k, 3, append(z[:3:3], u...), p, func(s ir.Step) {
			activate := func(gate int, x argument, f func(*ir.Kernel, argument) ir.Vec) ir.Vec {
				y := f(k, x)
				s.Store(y, z[gate])
				return y
			}
			sum := func(gate int) argument {
				return again(k, func() ir.Vec { return k.Add(s.Load(z[gate]), s.Load(u[gate])) })
			}
			var r, update ir.Vec
			s.Interleave(
				func() { update = activate(1, sum(1), sigmoid) },
				func() { r = activate(0, sum(0), sigmoid) })
			recall := s.Recall(update, z[1])
			un := k.Add(s.Load(u[2]), s.Load(bias))
			s.Store(un, u[2])
			n := activate(2, kept(k.FMA(r, un, s.Load(z[2]))), tanh)
			s.Store(k.FMA(k.Sub(s.Load(p[0]), n), recall(), n), p[1])
		})
	},
}

var gruGrad = ir.Definition{
	Name:      "gruGrad",
	Signature: "(z, u, dh, dy, hPrev []float32, rows, H int)",
	PerRow:    []string{"3*H", "3*H", "H", "H", "H"},
	Body: func(k *ir.Kernel) {
		z, u, p := gates(k, "z", 3), gates(k, "u", 3), k.Addresses("dh", "dy", "hPrev")
		rows(k, 3, append(z[:3:3], u...), p, func(s ir.Step) {
			dh := k.Add(s.Load(p[0]), s.Load(p[1]))
			update, n := s.Load(z[1]), s.Load(z[2])
			du := k.Mul(k.Mul(dh, k.Sub(s.Load(p[2]), n)), minusSquare(k, update))
			s.Store(du, z[1])
			s.Store(du, u[1])
			dn := k.Mul(k.FNMA(update, dh, dh), oneMinusSquare(k, n))
			s.Store(dn, z[2])
			s.Store(k.Mul(dh, update), p[0])
			r := s.Load(z[0])
			dr := k.Mul(dn, s.Load(u[2]))
			s.Store(k.Mul(dn, r), u[2])
			dr = k.Mul(dr, minusSquare(k, r))
			s.Store(dr, z[0])
			s.Store(dr, u[0])
		})
	},
}

var minGRU = ir.Definition{
	Name:      "minGRU",
	Signature: "(z, hPrev, h []float32, rows, H int)",
	PerRow:    []string{"2*H", "H", "H"},
	Body: func(k *ir.Kernel) {
		z, p := gates(k, "z", 2), k.Addresses("hPrev", "h")
		rows(k, 2, z, p, func(s ir.Step) {
			update := sigmoid(k, again(k, func() ir.Vec { return s.Load(z[0]) }))
			s.Store(update, z[0])
			old := s.Load(p[0])
			s.Store(k.FMA(k.Sub(s.Load(z[1]), old), update, old), p[1])
		})
	},
}

var minGRUGrad = ir.Definition{
	Name:      "minGRUGrad",
	Signature: "(z, dh, dy, hPrev []float32, rows, H int)",
	PerRow:    []string{"2*H", "H", "H", "H"},
	Body: func(k *ir.Kernel) {
		z, p := gates(k, "z", 2), k.Addresses("dh", "dy", "hPrev")
		rows(k, 2, z, p, func(s ir.Step) {
			dh, update := k.Add(s.Load(p[0]), s.Load(p[1])), s.Load(z[0])
			du := k.Mul(dh, k.Sub(s.Load(z[1]), s.Load(p[2])))
			s.Store(k.Mul(du, minusSquare(k, update)), z[0])
			s.Store(k.Mul(dh, update), z[1])
			s.Store(k.FNMA(update, dh, dh), p[0])
		})
	},
}

// again returns an argument that is fetched anew where registers are few.
func again(k *ir.Kernel, fetch func() ir.Vec) argument {
	if k.Registers <= 16 {
		return fetch
	}
	return kept(fetch())
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
