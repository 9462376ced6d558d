package f32

// A product on vectors is cut into tiles of C that stay in registers while k runs over a block of its range. There is
// assembly for every tile up to the sizes below; lanes of the last vector that C does not have are masked.

const (
	// tileHeight is the most rows of a tile. Rows are shared out evenly: 8 make tiles of 4 and 4, not of 6 and 2, since a
	// low tile has too few sums to keep the multipliers busy.
	tileHeight = 6

	// blockK is the most steps along k at a time. A panel of b should stay in the second-level cache while the tiles of
	// all rows pass over it.
	blockK = 512

	// callLimit is about how many multiply-adds one call of assembly makes: some 10 microseconds.
	callLimit = 1 << 20
)

// tileWidth returns the most vectors of a tile with so many rows, and their lanes. The sums of a tile, a vector of each
// row of b and a spread element of a share the registers, 32 or 16. With one row the sums are all there is.
func tileWidth(rows int) (vectors, lanes int) {
	switch {
	case active == avx512 && rows == 1:
		return 16, 16
	case active == avx512:
		return 4, 16
	case rows == 1:
		return 8, 8
	case rows <= 4:
		return 3, 8
	default:
		return 2, 8
	}
}

// runTiles is run on vectors, for k > 0.
func (p product) runTiles(b []float32, stride, n int) {
	rows, end := p.c.Rows-1, p.k-1
	_, _, _ = p.c.Data[rows*p.c.Stride+n-1], p.a[rows*p.rowStride+end*p.kStride], b[end*stride+n-1]
	whole := p
	for k := 0; k < whole.k; k += blockK {
		p.a, p.k = whole.a[k*p.kStride:], min(blockK, whole.k-k)
		p.block(b[k*stride:], stride, n)
		p.accumulate = true
	}
}

// block computes n columns for a k that is not too long. A single row passes over b in stripes as wide as they come;
// otherwise panels of b stay in the cache for all rows.
func (p *product) block(b []float32, stride, n int) {
	if p.c.Rows == 1 {
		p.rows(0, 1, 1, b, stride, 0, n)
		return
	}
	count := (p.c.Rows + tileHeight - 1) / tileHeight
	low, more := p.c.Rows/count, p.c.Rows%count // the first tiles are one row higher
	for i := range panelCount(n) {
		lo, hi := panelColumns(n, i)
		hi = min(hi, n)
		p.rows(0, low+1, more, b, stride, lo, hi)
		p.rows(more*(low+1), low, count-more, b, stride, lo, hi)
	}
}

// rows computes count tiles of the given height from row first on, columns lo to hi-1.
func (p *product) rows(first, height, count int, b []float32, stride, lo, hi int) {
	width, lanes := tileWidth(height)
	vectors := (hi - lo + lanes - 1) / lanes
	stripes := (vectors + width - 1) / width
	atATime := max(1, callLimit/(height*width*lanes*p.k))
	for i := range stripes {
		v := tiles{row: first, column: lo + vectors*i/stripes*lanes, height: height, lanes: lanes}
		end := min(lo+vectors*(i+1)/stripes*lanes, hi)
		v.vectors = (end - v.column + lanes - 1) / lanes
		v.last = end - v.column - (v.vectors-1)*lanes
		for left := count; left > 0; left -= v.count {
			v.count = min(atATime, left)
			p.compute(&v, b, stride)
			v.row += v.count * height
		}
	}
}

// tiles is a pile of equal tiles of C, one below the other.
type tiles struct {
	row, column            int // of the first
	height, vectors, lanes int
	last                   int // lanes of the last vector that C has
	count                  int
}

// compute is one call of assembly. It must remain an ordinary call, between two of which the runtime may stop the
// goroutine.
//
//go:noinline
func (p *product) compute(t *tiles, b []float32, stride int) {
	c, a, right := &p.c.Data[t.row*p.c.Stride+t.column], &p.a[t.row*p.rowStride], &b[t.column]
	switch active {
	case avx512:
		tilesAVX512(t.height, t.vectors, t.last, t.count, c, p.c.Stride, a, p.rowStride, p.kStride, right, stride, p.k, p.accumulate)
	case avx2:
		tilesAVX2(t.height, t.vectors, t.last, t.count, c, p.c.Stride, a, p.rowStride, p.kStride, right, stride, p.k, p.accumulate)
	}
}
