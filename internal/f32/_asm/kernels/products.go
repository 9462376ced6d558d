package kernels

import (
	"fmt"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// The products: C (+)= A*B in tiles of C that stay in registers while k runs. There is a loop for each size of tile. Each
// element of C is one chain of multiply-adds over k ascending.

// FewRows is the most rows whose tiles are wider than a panel: fewRows of package f32.
const FewRows = 3

// tiles computes tiles, one below the other in strips beside each other. A strip of B is used for all of its tiles before the
// next, to be in the first-level cache.
var tiles = ir.Definition{
	Name: "tiles",
	Signature: "(rows, vectors, strips, tiles, lower int, c *float32, cStride int, a *float32, rowStride, kStride int, " +
		"b *float32, bStride, k, last, masked int, accumulate bool, next uintptr, nextTile, nextRound int)",
	Doc: fmt.Sprintf(`computes strips of C, so many vectors wide: in each, tiles one below the other, the first of the given rows, and
below them lower ones, of one row less; k > 0. The last vector of a row has so many lanes, all of them if there
are several strips or the set has no masks; those that it lacks are not read in the given number of steps at the end of k. In every
round of its loop over k a tile of more than %d rows asks for the line at next to come into the second-level cache,
and the next round for the one nextRound bytes behind it; the next tile begins nextTile bytes behind next. More rows
need a kStride of 1: tilesTransA is for others.`, FewRows),
	Body: func(k *ir.Kernel) {
		t := newTile(k)
		t.kStride = k.Bytes("kStride")
		t.strips(k.ColdParam("strips"), 1, 1)
	},
}

// tilesTransA is the same for an A whose rows lie side by side: for targets that multiply by an element of a register, it
// takes four rows of a step at once, where tiles takes four steps of a row.
var tilesTransA = ir.Definition{
	Name:      "tilesTransA",
	Signature: tiles.Signature,
	Doc:       fmt.Sprintf("is tiles for at least %d rows and a rowStride of 1.", FewRows+1),
	Only:      func(t *ir.Target) bool { return t.ByElement },
	Instead:   "tiles",
	Body: func(k *ir.Kernel) {
		t := newTile(k)
		t.transposed = true
		t.kStride = k.Bytes("kStride")
		t.strips(k.ColdParam("strips"), FewRows+1, 1)
	},
}

// tilesPanels is for targets whose calls are dear, or what leads to them.
var tilesPanels = ir.Definition{
	Name: "tilesPanels",
	Signature: "(rows, vectors, strips, tiles, lower, panels int, c *float32, cStride int, a *float32, rowStride int, " +
		"b *float32, bStride, k int, accumulate bool)",
	Doc:  `is tiles for a packed B and several panels of equal width, all of whose columns C has. It asks for nothing to come.`,
	Only: func(t *ir.Target) bool { return TilingOf(t).Panels },
	Body: func(k *ir.Kernel) {
		t := newTile(k)
		t.kStride = k.IntConst(4)
		next := k.SeldomInt() // from the end of a panel's first row to the next panel
		k.IntMul(next, t.bStride, k.ParamInt("k"))
		k.IntSub(next, next, t.bStride)
		k.Times(k.ColdParam("panels"), func() {
			t.strips(k.ParamInt("strips"), 1, 2)
			b := k.ColdParam("b")
			k.IntAdd(b, b, next)
		})
	},
}

// A tile is a loop under description.
type tile struct {
	*ir.Kernel
	tiling                 Tiling
	transposed             bool
	hinted                 bool      // there is something to prefetch
	rows, vectors          int       // vectors of one register
	left                   *ir.Reg   // tiles of a stack
	c, a                   *ir.Reg   // the tile's corner of C, its first row of A
	cStride                *ir.Reg   // in bytes, as all strides
	rowStride              *ir.Reg   // from one row to the next in A
	kStride, bStride       *ir.Reg   // from one k to the next in A and B
	times3, times5, times7 *ir.Reg   // multiples of rowStride, if the target has scaled indices
	tail                   *ir.Reg   // the lanes of a row's last vector, if the target has masks; otherwise all
	sums                   []ir.Vec  // by row and vector
	addresses              []*ir.Reg // of the rows of A, if the target has no scaled indices
}

// newTile emits what the functions have in common.
func newTile(k *ir.Kernel) *tile {
	t := &tile{Kernel: k, tiling: TilingOf(k.Target), c: k.Int(), a: k.Int(), left: k.SeldomInt(),
		rowStride: k.Bytes("rowStride"), bStride: k.Bytes("bStride"), cStride: k.ColdParam("cStride")}
	k.IntShl(t.cStride, t.cStride, 2)
	if k.Scaled {
		t.times3, t.times5, t.times7 = k.Int(), k.Int(), k.Int()
		k.IntShlAdd(t.times3, t.rowStride, t.rowStride, 1)
		k.IntShlAdd(t.times5, t.rowStride, t.rowStride, 2)
		k.IntShlAdd(t.times7, t.times3, t.rowStride, 2)
	}
	t.hinted = k.Func.Has("next")
	if k.Masks {
		t.tail = k.LanesOf(k.ParamInt("last"))
	}
	return t
}

// strips emits the loop over strips: in each a stack of tiles, and below it perhaps one of lower tiles.
func (t *tile) strips(count *ir.Reg, fewest, narrowest int) {
	c, b := t.ColdParam("c"), t.ColdParam("b")
	height, lower := t.SeldomInt(), t.SeldomInt()
	t.Times(count, func() {
		t.IntSet(t.c, c)
		t.IntSet(t.a, t.ParamInt("a"))
		t.IntSet(height, t.ParamInt("rows"))
		t.IntSet(t.left, t.ParamInt("tiles"))
		t.IntSet(lower, t.ParamInt("lower"))
		t.Repeat(func() ir.Cond {
			t.sizes(height, fewest, narrowest)
			t.IntSet(t.left, t.IntCopy(lower))
			t.IntAddImm(height, height, -1)
			t.IntSet(lower, t.IntConst(0))
			return ir.Is(t.left, ir.NE, 0)
		})
		width := t.ParamInt("vectors")
		t.IntMulImm(width, width, 4*t.Lanes*t.tiling.Registers(1))
		t.IntAdd(c, c, width)
		t.IntAdd(b, b, width)
	})
}

// sizes emits the stacks of all sizes of tiles from the given numbers of rows and vectors on, and the way to them.
func (t *tile) sizes(height *ir.Reg, fewest, narrowest int) {
	rows, vectors := t.IntCopy(height), t.ParamInt("vectors")
	var widths []int
	for v := narrowest; v <= len(t.tiling.Heights); v++ {
		if t.tiling.Height(v) >= fewest {
			widths = append(widths, v)
		}
	}
	t.Choose(vectors, widths, func(n int) {
		t.vectors = t.tiling.Registers(n)
		t.Choose(rows, ir.From(fewest, t.tiling.Height(n)), func(n int) {
			t.rows = n
			t.stack()
		})
	})
}

// unroll returns how many steps of k the main loop takes at a time. There should be few enough rounds for the processor
// to foresee the last. Wide tiles wait for memory, and the prefetcher can follow no more than about 16 loads, each with
// its own stride (1 row, 128 x 128: 290 ns, with 4 steps 400; 256 x 256: 1.1 us, with 2 steps 1.8). Tiles of many sums are as
// fast with few steps.
func (t *tile) unroll() int {
	switch {
	case t.ByElement && !t.transposed:
		return t.Lanes
	case t.rows > 1:
		return max(1, min(t.tiling.Round(t.Target), 16/t.vectors))
	}
	return max(1, min(t.tiling.Unroll, 16/t.vectors))
}

// stack emits the tiles of one size.
func (t *tile) stack() {
	t.sums = nil
	for range t.rows {
		row := make(ir.Vec, t.vectors)
		for j := range row {
			row[j] = t.Register()
		}
		t.sums = append(t.sums, row)
	}
	t.Times(t.left, func() {
		t.load()
		t.rowAddresses()
		t.along()
		t.store()
		t.nextTile()
	})
}

// load starts the sums from zero or C.
func (t *tile) load() {
	t.IfElse(ir.Is(t.ColdParam("accumulate"), ir.EQ, 0), func() {
		for _, row := range t.sums {
			for _, s := range row {
				t.Emit(&ir.Instr{Op: ir.Zero, Dst: s})
			}
		}
	}, func() {
		c := t.IntCopy(t.c)
		t.each(c, func(s *ir.Reg, m ir.Mem, last bool) {
			if last && t.tail != nil {
				t.Emit(&ir.Instr{Op: ir.LoadTail, Dst: s, Args: []*ir.Reg{t.tail}, Mem: m})
			} else {
				t.Emit(&ir.Instr{Op: ir.Load, Dst: s, Mem: m})
			}
		})
	})
}

// store moves the sums to C, and t.c below the tile.
func (t *tile) store() {
	store := func(whole bool) {
		t.each(t.c, func(s *ir.Reg, m ir.Mem, last bool) {
			if last && !whole {
				t.StoreLanes(t.tail, s, m)
			} else {
				t.Emit(&ir.Instr{Op: ir.Store, Args: []*ir.Reg{s}, Mem: m})
			}
		})
	}
	if t.tail == nil || t.tiling.MaskedStores {
		store(t.tail == nil)
		return
	}
	t.IfElse(ir.Is(t.ColdParam("last"), ir.EQ, int64(t.Lanes)), func() { store(true) }, func() { store(false) })
}

// each calls f with every sum, its place in C, and whether it is the last of its row. It leaves c one row below the tile.
func (t *tile) each(c *ir.Reg, f func(s *ir.Reg, m ir.Mem, last bool)) {
	for _, row := range t.sums {
		for j, s := range row {
			f(s, ir.Mem{Base: c, Disp: 4 * t.Lanes * j}, j == t.vectors-1)
		}
		t.IntAdd(c, c, t.cStride)
	}
}

// nextTile moves t.a, and next, to the tile below.
func (t *tile) nextTile() {
	if t.Scaled || t.transposed {
		t.Emit(&ir.Instr{Op: ir.IntLea, Dst: t.a, Mem: t.row(t.a, t.rows, 0)})
	} else {
		t.IntAdd(t.a, t.addresses[t.rows-1], t.rowStride)
	}
	if t.rows > FewRows && t.hinted {
		by := t.ParamInt("nextTile")
		next := t.ColdParam("next")
		t.IntAdd(next, next, by)
	}
}

// rowAddresses sets the addresses of the rows of A.
func (t *tile) rowAddresses() {
	if t.Scaled || t.transposed {
		return
	}
	t.addresses = []*ir.Reg{t.a}
	for i := 1; i < t.rows; i++ {
		p := t.Int()
		t.IntAdd(p, t.addresses[i-1], t.rowStride)
		t.addresses = append(t.addresses, p)
	}
}

// row returns the address of row i of A: k is that of row 0, if the target has scaled indices or rows lie side by side, and
// otherwise the bytes from the beginning of every row.
func (t *tile) row(k *ir.Reg, i, disp int) ir.Mem {
	switch {
	case t.transposed:
		return ir.Mem{Base: k, Disp: 4*i + disp}
	case !t.Scaled:
		return ir.Mem{Base: t.addresses[i], Index: k, Disp: disp}
	}
	m := ir.Mem{Base: k, Disp: disp}
	switch i {
	case 0:
	case 1, 2, 4, 8:
		m.Index, m.Scale = t.rowStride, i
	case 3, 6:
		m.Index, m.Scale = t.times3, i/3
	case 5:
		m.Index, m.Scale = t.times5, 1
	case 7:
		m.Index, m.Scale = t.times7, 1
	default:
		panic(fmt.Sprintf("kernels: no address for row %d", i))
	}
	return m
}

// startOfA returns what row takes at the first step.
func (t *tile) startOfA() *ir.Reg {
	if t.Scaled || t.transposed {
		return t.IntCopy(t.a)
	}
	return t.IntConst(0)
}

// along emits the loops over k for a B as it lies.
func (t *tile) along() {
	a, b, k := t.startOfA(), t.IntCopy(t.ColdParam("b")), t.ParamInt("k")
	var masked *ir.Reg
	if t.Masks {
		masked = t.ColdParam("masked")
		t.IntSub(k, k, masked)
	}
	var next *ir.Reg
	if t.rows > FewRows && t.hinted {
		next = t.IntCopy(t.ColdParam("next"))
	}
	steps := func(n int, tail *ir.Reg) {
		elements := t.elements(a, n)
		for i := range n {
			t.step(elements, i, ir.Mem{Base: b}, tail)
			t.IntAdd(b, b, t.bStride)
		}
		if n > 1 {
			t.IntAddImm(a, a, 4*n)
		} else {
			t.IntAdd(a, a, t.kStride)
		}
	}
	t.unrolled(k, func() {
		if next != nil {
			t.Prefetch(ir.Mem{Base: next}, 2)
			t.IntAdd(next, next, t.ColdParam("nextRound"))
			t.ahead(b)
		}
		if t.unroll() == t.Lanes && t.ByElement && !t.transposed {
			steps(t.Lanes, nil)
			return
		}
		for range t.unroll() {
			steps(1, nil)
		}
	}, masked, func() { steps(1, t.tail) })
}

// ahead brings lines of B into the first-level cache some steps before they are used, which is worth 3 % where they lie in the
// second-level cache.
func (t *tile) ahead(b *ir.Reg) {
	if t.tiling.Ahead == 8 && t.vectors > 1 {
		for j := range t.vectors {
			t.Prefetch(ir.Mem{Base: b, Index: t.bStride, Scale: 8, Disp: 4 * t.Lanes * j}, 1)
		}
	}
}

// unrolled emits k steps, most of them several at a time, and more single ones.
func (t *tile) unrolled(k *ir.Reg, many func(), more *ir.Reg, one func()) {
	n := t.unroll()
	several := func() {
		t.IntAddImm(k, k, -n)
		t.If(ir.Is(k, ir.GE, 0), func() {
			t.Repeat(func() ir.Cond {
				many()
				t.IntAddImm(k, k, -n)
				return ir.Is(k, ir.GE, 0)
			})
		})
		t.IntAddImm(k, k, n)
	}
	if t.ByElement && t.rows <= FewRows {
		t.If(ir.Is(t.kStride, ir.EQ, 4), several) // so that a register holds the elements of all steps
	} else {
		several()
	}
	if more != nil {
		t.IntAdd(k, k, more)
	} else if n == 1 {
		return
	}
	t.If(ir.Is(k, ir.NE, 0), func() { t.Times(k, one) })
}

// elements returns, for some steps of k, what gives the multiply-add of an element of A and of a vector of B: A's row, the
// step, the vector and the sum.
func (t *tile) elements(a *ir.Reg, steps int) func(row, step int) func(right, sum *ir.Reg) {
	byElement := func(register *ir.Reg, lane int) func(right, sum *ir.Reg) {
		return func(right, sum *ir.Reg) {
			t.Emit(&ir.Instr{Op: ir.FMAE, Dst: sum, Args: []*ir.Reg{right, register, sum}, Imm: int64(lane)})
		}
	}
	if t.ByElement && !t.transposed && steps == t.Lanes { // a register holds the elements of all steps
		registers := make([]*ir.Reg, t.rows)
		for i := range registers {
			registers[i] = t.Fetch(t.row(a, i, 0))
		}
		return func(row, step int) func(right, sum *ir.Reg) { return byElement(registers[row], step) }
	}
	if t.transposed { // registers hold the elements of all rows: the last one, those of the last rows
		var registers []*ir.Reg
		first := func(i int) int { return min(t.Lanes*i, t.rows-t.Lanes) }
		for i := range (t.rows + t.Lanes - 1) / t.Lanes {
			registers = append(registers, t.Fetch(t.row(a, first(i), 0)))
		}
		return func(row, step int) func(right, sum *ir.Reg) {
			i := row / t.Lanes
			return byElement(registers[i], row-first(i))
		}
	}
	return func(row, step int) func(right, sum *ir.Reg) {
		left := t.Broadcast(t.row(a, row, 4*step))[0]
		return func(right, sum *ir.Reg) {
			t.Emit(&ir.Instr{Op: ir.FMA, Dst: sum, Args: []*ir.Reg{left, right, sum}})
		}
	}
}

// step adds the products of one k. Each vector of B is loaded once; in a tile of one row that use is its only one, and the
// multiply-add can load it itself.
func (t *tile) step(elements func(row, step int) func(right, sum *ir.Reg), i int, b ir.Mem, tail *ir.Reg) {
	fetch := func(j int) *ir.Reg {
		m := b
		m.Disp += 4 * t.Lanes * j
		switch {
		case tail != nil && j == t.vectors-1:
			return t.LoadLanes(tail, m)
		case t.rows == 1:
			return t.FetchOnce(m)
		}
		return t.Fetch(m)
	}
	if t.tiling.Left && t.rows < t.vectors {
		var multiplyAdds []func(right, sum *ir.Reg)
		for row := range t.sums {
			multiplyAdds = append(multiplyAdds, elements(row, i))
		}
		for j := range t.vectors {
			right := fetch(j)
			for row, multiplyAdd := range multiplyAdds {
				multiplyAdd(right, t.sums[row][j])
			}
		}
		return
	}
	right := make([]*ir.Reg, t.vectors)
	if t.rows > 1 {
		for j := range right {
			right[j] = fetch(j)
		}
	}
	for row, sums := range t.sums {
		multiplyAdd := elements(row, i)
		for j, s := range sums {
			if t.rows == 1 {
				right[j] = fetch(j)
			}
			multiplyAdd(right[j], s)
		}
	}
}
