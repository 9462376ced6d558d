package f32

import (
	"unsafe"

	"github.com/seed-f4dd853e/elman/internal/fastpath"
)

// A product on vectors is cut into tiles of C that stay in registers while k runs over a block of its range. There is
// assembly for every tile that tileSize can lead to; lanes of the last vector that C does not have are not stored.

const (
	// blockK is the most steps along k at a time. A panel of b should stay in the second-level cache while the tiles of
	// all rows pass over it.
	blockK = 512

	// callLimit is about how many multiply-adds one call of assembly makes: some 10 microseconds.
	callLimit = 1 << 20

	// fewRows is the most rows whose tiles are wider than a panel.
	fewRows = 3
)

// tileSize returns the most rows of a tile and the vectors in each, for this many rows and vectors of C. The sums of a tile,
// one row of b and an element of a share the registers, 32 or 16. Few rows make up in width, as the sums must be enough
// to keep the multipliers busy: two for each cycle, four cycles each.
func tileSize(rows, vectors int) (height, width int) {
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
	case rows > 4 && (rows <= 6 || vectors%3 != 0):
		return 6, 2
	default:
		return 4, 3
	}
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
	if p.k <= blockK {
		p.prefetchBlock(b, stride)
		p.block(b, stride, lo, hi)
		return
	}
	q := *p
	for k := 0; k < p.k; k += blockK {
		q.a, q.k = p.a[k*p.kStride:], min(blockK, p.k-k)
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

// block is panelTiles for a k that is not too long. It shares the rows out evenly: with tiles of up to 8, 9 rows make 5
// and 4, not 8 and 1.
func (p *product) block(b []float32, stride, lo, hi int) {
	rows, vectors := p.c.Rows, (hi-lo+vectorLanes()-1)/vectorLanes()
	height, width := tileSize(rows, vectors)
	count, low, more := splitRows(rows, height)
	if more > 0 {
		p.rowTiles(0, low+1, more, vectors, width, b, stride, lo, hi)
	}
	p.rowTiles(more*(low+1), low, count-more, vectors, width, b, stride, lo, hi)
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

// rowTiles computes count rows of tiles of equal height, from the given row of C on. It shares the columns out among tiles.
func (p *product) rowTiles(row, height, count, vectors, width int, b []float32, stride, lo, hi int) {
	if vectors <= width {
		p.tiles(row, height, count, &b[0], stride, lo, hi)
		return
	}
	columnTiles := (vectors + width - 1) / width
	start := lo
	for i := 1; i <= columnTiles; i++ {
		end := min(lo+tileEnd(vectors, columnTiles, i)*vectorLanes(), hi)
		p.tiles(row, height, count, &b[start-lo], stride, start, end)
		start = end
	}
}

// tileEnd returns where the i-th of some tiles ends that vectors are shared out among, counted from 1.
func tileEnd(vectors, columnTiles, i int) int { return vectors * i / columnTiles }

// tiles computes tiles one below the other, not too wide, a few at a time.
func (p *product) tiles(row, height, count int, b *float32, stride, lo, hi int) {
	most := max(1, callLimit/(height*(hi-lo)*p.k))
	for count > 0 {
		some := min(count, most)
		if p.packed {
			some = p.prefetch.take(some)
		}
		p.compute(row, height, some, b, stride, lo, hi-lo)
		row, count = row+some*height, count-some
	}
}

// compute is one call of assembly. It must remain an ordinary call, so that between two of them the runtime may stop the
// goroutine.
//
//go:noinline
func (p *product) compute(row, height, count int, b *float32, stride, column, columns int) {
	c, a := &p.c.Data[row*p.c.Stride+column], &p.a[row*p.rowStride]
	lanes := vectorLanes()
	v := (columns + lanes - 1) / lanes
	last := columns - lanes*(v-1)
	next, share := p.next+uintptr(row*p.share), height*p.share
	switch {
	case p.packed:
		next, share = p.prefetch.next, p.prefetch.share
	case p.skip > 0:
		next, share = p.next+uintptr(row/height*p.skip), p.skip
	}
	if height > fewRows {
		p.tookPrefetch(share)
	} else if columns > panelWidth {
		fastpath.Took(fastpath.WideTiles)
	}
	if p.packed && packedTile(height, v) {
		if active == avx512 {
			tilesPackedAVX512(height, v, count, c, p.c.Stride, a, p.rowStride, b, stride, p.k, last, p.accumulate, next, share)
		} else {
			tilesPackedAVX2(height, v, count, c, p.c.Stride, a, p.rowStride, b, stride, p.k, last, p.accumulate, next, share)
		}
		return
	}
	masked := p.maskedSteps(lanes-last, stride)
	if active == avx512 {
		tilesAVX512(height, v, count, c, p.c.Stride, a, p.rowStride, p.kStride, b, stride, p.k, last, masked, p.accumulate, next, share)
	} else {
		tilesAVX2(height, v, count, c, p.c.Stride, a, p.rowStride, p.kStride, b, stride, p.k, last, masked, p.accumulate, next, share)
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
