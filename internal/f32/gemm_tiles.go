package f32

import (
	"unsafe"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A product on vectors is cut into tiles of C that stay in registers while k runs over a block of its range. There is
// a kernel for every tile that tiling can lead to; lanes of the last vector that C does not have are not stored.

const (
	// callLimit is about how many multiply-adds one call of assembly makes: some 10 microseconds.
	callLimit = 1 << 20

	// fewRows is the most rows whose tiles are wider than a panel.
	fewRows = 3
)

// A tiling is how a kernel set cuts products. The generated code has that of each set.
type tiling struct {
	lanes   int   // float32s in a register
	unit    int   // float32s in a vector, as tiles count them: one register or several
	masks   bool  // a tile's last vector may have fewer
	heights []int // the most rows of the tiles there are that are 1, 2, ... vectors wide
	few     []int // vectors in the widest tile of 0 (which does not matter), 1, ... fewRows rows
	gapless []int // the same for the widest one of which there are all narrower ones too

	// The size of tiles of more rows, and another size that some sets have. The sums of a tile, one row of b and an element of
	// a share the registers.
	height, width             int
	narrowHeight, narrowWidth int

	round                int  // steps along k in a round of the loop of a tile of more than a few rows
	blockK               int  // the most steps along k at a time for more than a few rows
	cached               int  // the most elements of weights that are taken to stay in the second-level cache
	panels               bool // one call computes several panels
	packRows, packStride int  // from how many rows of c and columns of b on MulTransA packs b; 0 rows is never
}

// tiling returns that of the set.
func (s kernelSet) tiling() *tiling { return &tilings[s] }

// fewBlockK is the most steps along k at a time for a few rows, whose tiles pass over b once.
const fewBlockK = 512

// steps returns the most steps along k at a time for this many rows of C.
func (t *tiling) steps(rows int) int {
	if rows <= fewRows {
		return fewBlockK
	}
	return t.blockK
}

// tile returns the most rows of a tile and the vectors in each, for this many rows and vectors of C and steps along k.
func (t *tiling) tile(rows, vectors, k int) (height, width int) {
	switch {
	case rows <= fewRows:
		return max(1, rows), t.few[rows]
	case t.narrow(rows, vectors, k):
		return t.narrowHeight, t.narrowWidth
	}
	return t.height, t.width
}

// narrow says whether to take tiles of the other size: with AVX2 of 6 x 16 and not of 4 x 24. A strip of 24 columns touches two
// cache lines in each row of a panel of 48, so that for more than 128 steps it does not stay in the first-level cache, as one
// of 16 does: 73 to 78 instead of 91 to 93 % of Peak on a Zen 3 with 256 steps. But where rows and columns divide evenly into
// 4 x 24 and not into 6 x 16, these have sums to spare (32 rows by 128 x 128: 96 instead of 94 %).
func (t *tiling) narrow(rows, vectors, k int) bool {
	switch {
	case t.narrowWidth == 0 || rows <= t.height || rows > t.narrowHeight && rows <= 2*t.height:
		return false
	case vectors%t.width == 0 && rows%t.height == 0 && k <= 128:
		return false
	}
	return vectors == 1 || vectors%t.narrowWidth == 0
}

// packs says whether MulTransA should pack pieces of b for this many rows of c.
func (t *tiling) packs(rows, stride int) bool {
	return t.packRows > 0 && rows >= t.packRows && stride >= t.packStride
}

// panel computes columns lo to hi-1 of c from b, in which row k starts at b[k*stride] with column lo.
func (p *product) panel(b []float32, stride, lo, hi int) {
	t := active.tiling()
	step := t.steps(p.c.Rows)
	if !t.masks && p.k > 0 {
		if end := hi - (hi-lo)%t.unit; end < hi {
			p.edge(b[end-lo:], stride, end, hi)
			hi = end
		}
	}
	switch {
	case p.c.Rows <= 0 || lo >= hi:
	case p.k <= 0:
		p.empty(lo, hi)
	case p.k <= step:
		p.block(b, stride, lo, hi)
	default:
		q := *p
		for k := 0; k < p.k; k += step {
			q.a, q.k = p.a[k*p.kStride:], min(step, p.k-k)
			q.block(b[k*stride:], stride, lo, hi)
			q.accumulate = true
		}
		p.prefetch = q.prefetch
	}
}

// edge is panel for fewer columns than a vector has, where kernels compute whole ones only: on a copy of that part of c, and
// of b if nothing follows its rows.
func (p *product) edge(b []float32, stride, lo, hi int) {
	const rows, steps, widest = 32, 128, 8
	var roomC [rows * widest]float32
	var roomB [steps * widest]float32
	q, unit := *p, active.tiling().unit
	q.packed, q.share, q.accumulate = false, 0, true
	for k := 0; k < p.k; k += steps {
		q.k = min(steps, p.k-k)
		right, width := b[k*stride:], stride
		if !p.packed {
			right, width = roomB[:], unit
			for i := range q.k {
				copy(roomB[i*unit:][:unit], b[(k+i)*stride:][:hi-lo])
			}
		}
		for row := 0; row < p.c.Rows; row += rows {
			q.c = Mat(roomC[:], min(rows, p.c.Rows-row), unit)
			q.a = p.a[row*p.rowStride+k*p.kStride:]
			clear(roomC[:])
			for i := range q.c.Rows {
				if from := p.c.Row(row + i)[lo:hi]; p.accumulate || k > 0 {
					copy(q.c.Row(i), from)
				}
			}
			q.block(right, width, 0, unit)
			for i := range q.c.Rows {
				copy(p.c.Row(row + i)[lo:hi], q.c.Row(i))
			}
		}
	}
}

// manyPanels computes c from packed b in as few calls as there are widths of panels. Where a call and what leads to it take a
// microsecond, in WebAssembly, a row by 256 x 1024 would wait for 22 of them.
func (p *product) manyPanels(b *Packed) {
	whole := b.panels.count
	if b.n%16 != 0 {
		whole-- // the last panel is padded
	}
	wide := min(b.panels.more, whole)
	p.samePanels(b, 0, wide)
	p.samePanels(b, wide, whole)
	if whole < b.panels.count {
		lo, hi := b.columns(whole)
		p.panel(b.data[lo*b.k:hi*b.k], hi-lo, lo, b.n)
	}
}

// samePanels is manyPanels for those from first to end-1, which are equally wide.
func (p *product) samePanels(b *Packed, first, end int) {
	if first == end {
		return
	}
	fastpath.Took(fastpath.ManyPanels)
	t := active.tiling()
	lo, hi := b.columns(first)
	vectors := (hi - lo) / t.unit
	height, width := t.tile(p.c.Rows, vectors, p.k)
	for vectors%width != 0 {
		width--
	}
	s := newStack(p.c.Rows, height)
	tilesPanels(s.height, width, vectors/width, s.count, s.lower, end-first, &p.c.Data[lo], p.c.Stride, &p.a[0], p.rowStride,
		&b.data[lo*p.k], hi-lo, p.k, p.accumulate)
}

// empty is panel for k = 0.
func (p *product) empty(lo, hi int) {
	for i := range p.c.Rows {
		if !p.accumulate {
			clear(p.c.Row(i)[lo:hi])
		}
	}
}

// prefetchBlock lets the tiles of a block of packed b prefetch the block after it, so that no tile waits for weights in the
// third-level cache or in memory: 64 rows by 1024 x 1024 from 76 to 92 % of Peak.
func (p *product) prefetchBlock(b []float32, stride int) {
	size, after := p.k*stride, p.after
	if len(b) > size {
		after = address(b, size)
	}
	p.prefetch.newBlock(after, p.c.Rows, p.k, stride)
}

// address returns where element i of x lies, for hints that need not be right.
func address(x []float32, i int) uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(x))) + 4*uintptr(i)
}

// A stack is tiles of C one below the other: count of the given height from a row on, and below them lower ones, of one
// row less.
type stack struct{ row, height, count, lower int }

func (s stack) tiles() int { return s.count + s.lower }
func (s stack) rows() int  { return s.height*s.tiles() - s.lower }

// newStack cuts rows of C into tiles of at most the given height. It shares the rows out evenly: with tiles of up to 8, 9
// rows make 5 and 4, not 8 and 1.
func newStack(rows, height int) stack {
	count, low, more := splitRows(rows, height)
	if more == 0 {
		return stack{0, low, count, 0}
	}
	return stack{0, low + 1, more, count - more}
}

// split returns the first tiles of s and the rest.
func (s stack) split(tiles int) (first, rest stack) {
	if tiles < s.count {
		first, rest = stack{s.row, s.height, tiles, 0}, stack{s.row, s.height, s.count - tiles, s.lower}
	} else {
		lower := tiles - s.count
		first, rest = stack{s.row, s.height, s.count, lower}, stack{s.row, s.height - 1, s.lower - lower, 0}
	}
	rest.row += first.rows()
	return first, rest
}

// block is panel for a k that is not too long. It shares the columns out among strips of tiles, some of which may be a
// vector wider, and computes those of equal width together.
func (p *product) block(b []float32, stride, lo, hi int) {
	if p.packed { // MulTransA prefetches rows
		p.prefetchBlock(b, stride)
	}
	t := active.tiling()
	unit := t.unit
	vectors := (hi - lo + unit - 1) / unit
	height, width := t.tile(p.c.Rows, vectors, p.k)
	gap := p.c.Rows <= fewRows && t.gapless[p.c.Rows] < min(vectors, width)
	if p.c.Rows <= height && (vectors < width && !gap || vectors == width) {
		p.take(1)
		p.compute(stack{0, p.c.Rows, 1, 0}, 1, vectors, hi-lo-(vectors-1)*unit, &b[0], stride, lo)
		return
	}
	if gap { // as many of the widest tiles as there are, and narrower ones behind
		whole := vectors / width * width * unit
		p.part(b, stride, lo, min(lo+whole, hi), height, width)
		if lo+whole >= hi {
			return
		}
		b, lo, width = b[whole:], lo+whole, t.gapless[p.c.Rows]
	}
	p.part(b, stride, lo, hi, height, width)
}

// part computes some columns of a block by tiles of at most the given size.
func (p *product) part(b []float32, stride, lo, hi, height, width int) {
	unit := active.tiling().unit
	vectors := (hi - lo + unit - 1) / unit
	if vectors == 0 {
		return
	}
	s := newStack(p.c.Rows, height)
	count, low, more := splitRows(vectors, width)
	if more > 0 {
		p.strips(s, more, low+1, unit, b, stride, lo)
		b = b[more*(low+1)*unit:]
		lo += more * (low + 1) * unit
	}
	last := hi - lo - ((count-more)*low-1)*unit
	if narrow := count - more - 1; last < unit && narrow > 0 {
		p.strips(s, narrow, low, unit, b, stride, lo)
		b = b[narrow*low*unit:]
		lo += narrow * low * unit
		count = more + 1
	}
	p.strips(s, count-more, low, last, b, stride, lo)
}

// splitRows returns how many tiles of at most the given height make this many rows, the rows of the lower ones, and how many
// have one row more.
func splitRows(rows, height int) (count, low, more int) {
	if rows <= height {
		return 1, rows, 0
	}
	count = (rows + height - 1) / height
	low = rows / count
	return count, low, rows - low*count
}

// strips computes strips of C, from a column on, with so many lanes in the last vector, in as few calls of assembly as are
// not too long.
func (p *product) strips(s stack, strips, width, last int, b []float32, stride, column int) {
	columns := width * active.tiling().unit
	one := s.height * columns * p.k // multiply-adds of a tile
	if n := s.tiles() * strips; n*one <= callLimit && (!p.packed || p.prefetch.covers(n)) {
		p.take(n)
		p.compute(s, strips, width, last, &b[0], stride, column)
		return
	}
	for range strips {
		for left := s; left.tiles() > 0; {
			now, rest := left.split(p.take(min(left.tiles(), max(1, callLimit/one))))
			p.compute(now, 1, width, last, &b[0], stride, column)
			left = rest
		}
		column += columns
		b = b[min(len(b), columns):]
	}
}

// take gives the next tiles something to prefetch and returns how many of them it is for.
func (p *product) take(tiles int) int {
	if p.packed {
		tiles = p.prefetch.take(tiles)
		p.nextNow, p.shareNow = p.prefetch.next, p.prefetch.share
		return tiles
	}
	p.nextNow, p.shareNow = p.next, p.share
	p.next += uintptr(tiles * p.share)
	return tiles
}

// compute is one call of a kernel.
func (p *product) compute(s stack, strips, width, last int, b *float32, stride, column int) {
	c, a, unit := &p.c.Data[s.row*p.c.Stride+column], &p.a[s.row*p.rowStride], active.tiling().unit
	if s.height > fewRows {
		p.tookPrefetch(p.shareNow)
	} else if strips*width*unit > panelWidth {
		fastpath.Took(fastpath.WideTiles)
	}
	round := cacheLine // of a packed b, which is far away, a line in every round; of rows one in four steps
	if !p.packed {
		round = cacheLine / 4 * active.tiling().round
	}
	masked := p.maskedSteps(unit-last, stride)
	if p.kStride == 1 || s.height <= fewRows {
		tiles(s.height, width, strips, s.count, s.lower, c, p.c.Stride, a, p.rowStride, p.kStride, b, stride, p.k, last, masked, p.accumulate, p.nextNow, p.shareNow, round)
		return
	}
	tilesTransA(s.height, width, strips, s.count, s.lower, c, p.c.Stride, a, 1, p.kStride, b, stride, p.k, last, masked, p.accumulate, p.nextNow, p.shareNow, round)
}

// tookPrefetch says what tiles of more than a few rows prefetch.
func (p *product) tookPrefetch(share int) {
	switch {
	case share == 0:
	case !p.packed:
		fastpath.Took(fastpath.PrefetchRows)
	case p.prefetch.blocks:
		fastpath.Took(fastpath.PrefetchBlock)
	default:
		fastpath.Took(fastpath.PrefetchAfter)
	}
}

// maskedSteps returns how many steps at the end of k must not read the given number of elements after a row of b: where
// they could lie beyond the last row.
func (p *product) maskedSteps(after, stride int) int {
	switch {
	case after == 0 || p.packed:
		return 0
	case stride < after:
		return p.k
	}
	return 1
}
