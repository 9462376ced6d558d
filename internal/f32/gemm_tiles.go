package f32

import (
	"unsafe"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A product on vectors is cut into tiles of C that stay in registers while k runs over a block of its range. There is
// assembly for every tile that tileSize can lead to; lanes of the last vector that C does not have are not stored.

const (
	// callLimit is about how many multiply-adds one call of assembly makes: some 10 microseconds.
	callLimit = 1 << 20

	// fewRows is the most rows whose tiles are wider than a panel.
	fewRows = 3
)

// blockK returns the most steps along k at a time for this many rows of C. A panel of b should stay in the second-level cache
// while the tiles of all rows pass over it, and with AVX2, whose tiles need b twice as often, a strip of it in the first: 256
// rows of 16 columns take half of 32 KB.
func blockK(rows int) int {
	if active == avx512 || rows <= fewRows {
		return 512
	}
	return 256
}

// tileSize returns the most rows of a tile and the vectors in each, for this many rows and vectors of C and steps along k. The
// sums of a tile, one row of b and an element of a share the registers, 32 or 16. Few rows make up in width, as the sums must
// be enough to keep the multipliers busy: two for each cycle, four cycles each.
func tileSize(rows, vectors, k int) (height, width int) {
	switch {
	case active == avx512 && rows == 1:
		return 1, 16
	case active == avx512 && rows == 2:
		return 2, 8
	case active == avx512 && rows == 3:
		return 3, 6
	case active == avx512:
		return 8, 3
	case rows == 1:
		return 1, 8
	case rows == 2:
		return 2, 5
	case narrowTiles(rows, vectors, k):
		return 6, 2
	default:
		return 4, 3
	}
}

// narrowTiles says whether AVX2 should take tiles of 6 x 16 and not of 4 x 24. A strip of 24 columns touches two cache lines in
// each row of a panel of 48, so that for more than 128 steps it does not stay in the first-level cache, as one of 16 does:
// 73 to 78 instead of 91 to 93 % of Peak on a Zen 3 with 256 steps. But where rows and columns divide evenly into 4 x 24 and
// not into 6 x 16, these have sums to spare (32 rows by 128 x 128: 96 instead of 94 %).
func narrowTiles(rows, vectors, k int) bool {
	switch {
	case rows <= 4 || rows == 7 || rows == 8:
		return false
	case vectors%3 == 0 && rows%4 == 0 && k <= 128:
		return false
	}
	return vectors == 1 || vectors%2 == 0
}

// vectorLanes returns the float32s in a vector.
func vectorLanes() int {
	if active == avx512 {
		return 16
	}
	return 8
}

// panelTiles is panel on vectors, for k > 0.
func (p *product) panelTiles(b []float32, stride, lo, hi int) {
	step := blockK(p.c.Rows)
	if p.k <= step {
		p.prefetchBlock(b, stride)
		p.block(b, stride, lo, hi)
		return
	}
	q := *p
	for k := 0; k < p.k; k += step {
		q.a, q.k = p.a[k*p.kStride:], min(step, p.k-k)
		q.prefetchBlock(b[k*stride:], stride)
		q.block(b[k*stride:], stride, lo, hi)
		q.accumulate = true
	}
	p.prefetch = q.prefetch
}

// prefetchBlock lets the tiles of a block of packed b prefetch the block after it, so that no tile waits for weights in the
// third-level cache or in memory: 64 rows by 1024 x 1024 from 76 to 92 % of Peak.
func (p *product) prefetchBlock(b []float32, stride int) {
	if !p.packed {
		return // MulTransA prefetches rows
	}
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

// block is panelTiles for a k that is not too long. It shares the columns out among strips of tiles, some of which may be a
// vector wider, and computes those of equal width together.
func (p *product) block(b []float32, stride, lo, hi int) {
	lanes := vectorLanes()
	vectors := (hi - lo + lanes - 1) / lanes
	height, width := tileSize(p.c.Rows, vectors, p.k)
	if p.c.Rows <= height && vectors <= width {
		p.take(1)
		p.compute(stack{0, p.c.Rows, 1, 0}, 1, vectors, hi-lo-(vectors-1)*lanes, &b[0], stride, lo)
		return
	}
	s := newStack(p.c.Rows, height)
	count, low, more := splitRows(vectors, width)
	if more > 0 {
		p.strips(s, more, low+1, lanes, b, stride, lo)
		b = b[more*(low+1)*lanes:]
		lo += more * (low + 1) * lanes
	}
	last := hi - lo - ((count-more)*low-1)*lanes
	if narrow := count - more - 1; last < lanes && narrow > 0 {
		p.strips(s, narrow, low, lanes, b, stride, lo)
		b = b[narrow*low*lanes:]
		lo += narrow * low * lanes
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
	if p.packed && s.lower > 0 && packedTile(s.height, width) != packedTile(s.height-1, width) {
		high, low := s.split(s.count)
		p.strips(high, strips, width, last, b, stride, column)
		p.strips(low, strips, width, last, b, stride, column)
		return
	}
	one := s.height * width * vectorLanes() * p.k // multiply-adds of a tile
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
		column += width * vectorLanes()
		b = b[min(len(b), width*vectorLanes()):]
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

// compute is one call of assembly. It must remain an ordinary call, so that between two of them the runtime may stop the
// goroutine.
//
//go:noinline
func (p *product) compute(s stack, strips, width, last int, b *float32, stride, column int) {
	c, a := &p.c.Data[s.row*p.c.Stride+column], &p.a[s.row*p.rowStride]
	if s.height > fewRows {
		p.tookPrefetch(p.shareNow)
	} else if strips*width*vectorLanes() > panelWidth {
		fastpath.Took(fastpath.WideTiles)
	}
	if p.packed && packedTile(s.height, width) {
		if active == avx512 {
			tilesPackedAVX512(s.height, width, strips, s.count, s.lower, c, p.c.Stride, a, p.rowStride, b, stride, p.k, last, p.accumulate, p.nextNow, p.shareNow)
		} else {
			tilesPackedAVX2(s.height, width, strips, s.count, s.lower, c, p.c.Stride, a, p.rowStride, b, stride, p.k, last, p.accumulate, p.nextNow, p.shareNow)
		}
		return
	}
	masked := p.maskedSteps(vectorLanes()-last, stride)
	if active == avx512 {
		tilesAVX512(s.height, width, strips, s.count, s.lower, c, p.c.Stride, a, p.rowStride, p.kStride, b, stride, p.k, last, masked, p.accumulate, p.nextNow, p.shareNow)
	} else {
		tilesAVX2(s.height, width, strips, s.count, s.lower, c, p.c.Stride, a, p.rowStride, p.kStride, b, stride, p.k, last, masked, p.accumulate, p.nextNow, p.shareNow)
	}
}

// packedTile says whether there is a tile of its own for packed b. Those of few rows or one vector are the same for all b.
func packedTile(height, vectors int) bool { return height > fewRows && vectors > 1 }

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
