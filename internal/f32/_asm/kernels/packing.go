package kernels

import "github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"

// panelVectors is the width of the widest panel in units of 16 columns.
const panelVectors = 3

// packPanel copies rows into a panel. All of a row is loaded before it is stored, so that the copy runs at the speed of the
// caches.
var packPanel = ir.Definition{
	Name:      "packPanel",
	Signature: "(dst, src []float32, rows, stride, vectors, last int)",
	Doc:       "copies rows of 16*(vectors-1)+last columns, padded with zeros.",
	Body: func(k *ir.Kernel) {
		dst, src, rows, vectors := k.Address("dst"), k.Address("src"), k.ParamInt("rows"), k.ParamInt("vectors")
		last, stride := k.ParamInt("last"), k.Bytes("stride")
		var tail []*ir.Reg
		for i := range k.Parts() {
			tail = append(tail, k.LanesOfPart(last, i))
		}
		k.Choose(vectors, ir.From(1, panelVectors), func(v int) {
			k.Times(rows, func() {
				copyRow(k, dst, src, v*k.Parts(), tail)
				k.IntAdd(src, src, stride)
				k.IntAddImm(dst, dst, 4*ir.Lanes*v)
			})
			k.Return()
		})
	},
}

// copyRow copies so many registers, the last of them in part.
func copyRow(k *ir.Kernel, dst, src *ir.Reg, registers int, tail []*ir.Reg) {
	row := make([]*ir.Reg, registers)
	whole := registers - len(tail)
	for i := range row {
		if m := (ir.Mem{Base: src, Disp: 4 * k.Lanes * i}); i < whole {
			row[i] = k.Fetch(m)
		} else {
			row[i] = k.LoadLanes(tail[i-whole], m)
		}
	}
	for i, r := range row {
		k.Emit(&ir.Instr{Op: ir.Store, Args: []*ir.Reg{r}, Mem: ir.Mem{Base: dst, Disp: 4 * k.Lanes * i}})
	}
}

// transposeBlock transposes a block of squares of as many elements as a register has lanes. It goes down in src, and so
// along the rows of dst, before it goes right: a few squares then fill whole neighbouring lines of dst.
var transposeBlock = ir.Definition{
	Name:      "transposeBlock",
	Signature: "(dst []float32, dstStride int, src []float32, srcStride, high, wide int)",
	Doc:       "transposes a block of squares as wide as a register, so many high and wide in src.",
	Body: func(k *ir.Kernel) {
		n := k.Lanes
		to, from := k.Address("dst"), k.Address("src")
		toStride, fromStride := k.Bytes("dstStride"), k.Bytes("srcStride")
		k.Times(k.ColdParam("wide"), func() {
			top, left, high := k.IntCopy(from), k.IntCopy(to), k.ParamInt("high")
			column := k.Int()
			k.Times(high, func() {
				rows := make([]*ir.Reg, n)
				for i := range rows {
					rows[i] = k.Fetch(ir.Mem{Base: from})
					k.IntAdd(from, from, fromStride)
				}
				k.Transpose(rows)
				k.IntSet(column, to)
				for _, r := range rows {
					k.Emit(&ir.Instr{Op: ir.Store, Args: []*ir.Reg{r}, Mem: ir.Mem{Base: column}})
					k.IntAdd(column, column, toStride)
				}
				k.IntAddImm(to, to, 4*n)
			})
			k.IntAddImm(from, top, 4*n)
			k.IntSub(column, column, to) // n rows below where the last square begins
			k.IntAdd(to, left, column)
			k.IntAddImm(to, to, 4*n)
		})
	},
}

// peak runs independent multiply-adds, at least as many as the latency in cycles times those that start in each: 5 or 6 times
// 2 on amd64, up to 4 times 4 on arm64.
var peak = ir.Definition{
	Name:      "peak",
	Signature: "(n int)",
	Doc:       "runs 24 multiply-adds of vectors, n times.",
	Body: func(k *ir.Kernel) {
		n, x := k.ParamInt("n"), k.Register()
		k.Emit(&ir.Instr{Op: ir.Zero, Dst: x})
		sums := make([]*ir.Reg, 12)
		if k.Registers > 16 {
			sums = make([]*ir.Reg, 24)
		}
		for i := range sums {
			sums[i] = k.Emit(&ir.Instr{Op: ir.Zero, Dst: k.Register()})
		}
		k.Times(n, func() {
			for i := range 24 {
				s := sums[i%len(sums)]
				k.Emit(&ir.Instr{Op: ir.FMA, Dst: s, Args: []*ir.Reg{x, x, s}})
			}
		})
	},
}
