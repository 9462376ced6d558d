package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// The sequences are those of int8_generic.go.

var maxMagnitude = ir.Definition{
	Name:      "maxMagnitude",
	Signature: "(x []float32) float32",
	Body: func(k *ir.Kernel) {
		n, x := k.Len("x"), k.Address("x")
		largest, finite := k.Zeros(), k.Zeros() // sums of x*0, NaN for what is not finite
		k.Loop(n, 1, func(s ir.Step) {
			v := s.Load(x)
			k.Set(s.Of(finite), k.FMA(v, k.Const("zero", 0), s.Of(finite)))
			k.Set(s.Of(largest), k.Max(k.And(v, k.Bits("magnitude", 1<<31-1)), s.Of(largest)))
		})
		k.ResultFloat(0, k.Add(ir.Vec{k.FoldMax(largest)}, ir.Vec{k.FoldAdd(finite)})[0])
	},
}

var roundRow = ir.Definition{
	Name:      "roundRow",
	Signature: "(q []int16, x []float32, inverse float32)",
	Body: func(k *ir.Kernel) {
		n, q, x := k.Len("x"), k.Address("q"), k.Address("x")
		rounder := k.Const("rounder", 0x1.8p23)
		k.Loop(n, 1, func(s ir.Step) {
			s.StoreShort(k.SubI(k.FMA(s.Load(x), k.Param("inverse"), rounder), rounder), q)
		})
	},
}

// int8Rows, int8K and int8Groups are the rows of a tall tile, the steps of k from one row of q to the next, and the
// groups of 16 columns of a whole panel.
const (
	int8Rows   = 4
	int8K      = 512
	int8Groups = 4
)

// int8Tile takes one row or four. A single row goes through all columns of a whole panel at once, because it is bound by reading
// weights. Four share what is read, and take 16 columns at a time, as a row does in a narrower panel.
var int8Tile = ir.Definition{
	Name:      "int8Tile",
	Signature: "(c []float32, stride int, q []int16, rowScale, scale []float32, w []int8, pairs int)",
	Body: func(k *ir.Kernel) {
		t := pairsTile{
			k: k, c: k.Address("c"), q: k.Address("q"), w: k.Address("w"), scale: k.Address("scale"), rowScale: k.Address("rowScale"),
			stride: k.Bytes("stride"), step: k.Len("scale"),
		}
		groups := k.Int()
		k.Emit(&ir.Instr{Op: ir.IntShr, Dst: groups, Args: []*ir.Reg{t.step}, Imm: 4})
		k.IntShl(t.step, t.step, 1)
		rows := k.Len("rowScale")
		each := func(rows int) {
			k.Times(groups, func() {
				t.add(rows, 1)
				k.IntAddImm(t.c, t.c, 4*ir.Lanes)
				k.IntAddImm(t.scale, t.scale, 4*ir.Lanes)
				k.IntAddImm(t.w, t.w, 2*ir.Lanes)
			})
		}
		k.IfElse(ir.Is(rows, ir.NE, 1), func() { each(int8Rows) }, func() {
			k.IfElse(ir.Is(groups, ir.EQ, int8Groups), func() { t.add(1, int8Groups) }, func() { each(1) })
		})
	},
}

// A pairsTile is a block of sums.
type pairsTile struct {
	k                        *ir.Kernel
	c, q, w, scale, rowScale *ir.Reg
	stride, step             *ir.Reg // bytes from one row of c to the next, from one pair of k to the next in w
}

// add emits the block of so many rows and groups of 16 columns.
func (t *pairsTile) add(rows, groups int) {
	k := t.k
	sums := make([][]ir.Vec, rows)
	for r := range sums {
		for range groups {
			sums[r] = append(sums[r], k.Zeros())
		}
	}
	q, w := k.IntCopy(t.q), k.IntCopy(t.w)
	k.Times(k.ParamInt("pairs"), func() {
		numbers := make([]ir.Vec, rows)
		for r := range numbers {
			numbers[r] = k.SpreadPair(ir.Mem{Base: q, Disp: 2 * int8K * r})
		}
		for g := range groups {
			weights := k.LoadPairs(ir.Mem{Base: w, Disp: 2 * ir.Lanes * g})
			for r, row := range sums {
				k.Set(row[g], k.AddPairs(weights, numbers[r], row[g]))
			}
		}
		k.IntAddImm(q, q, 4)
		k.IntAdd(w, w, t.step)
	})
	c := k.IntCopy(t.c)
	for r, row := range sums {
		own := k.Broadcast(ir.Mem{Base: t.rowScale, Disp: 4 * r})
		for g, sum := range row {
			at := ir.Mem{Base: c, Disp: 4 * ir.Lanes * g}
			scale := k.Mul(own, k.FetchWhole(ir.Mem{Base: t.scale, Disp: 4 * ir.Lanes * g}))
			k.StoreWhole(k.FMA(k.FloatOf(sum), scale, k.FetchWhole(at)), at)
		}
		k.IntAdd(c, c, t.stride)
	}
}
