package f32

// Soon is memory that is needed after a product.
type Soon [4][]float32

// Errands are what the tiles of a packed product fetch into the second-level cache while they compute, a line in every
// step along k, in equal shares: while a block of weights is used the block after it, or beside small weights what is needed
// soon, if there is any. Both at once were tried: requests that are under way keep the loads of the product itself waiting, and
// an LSTM of 512 units lost 4 % where it was to win 1.
type errands struct {
	ahead bool       // the next block is
	block stretch    // what is left of it
	part  int        // bytes of it for each tile
	soon  [4]stretch // what is left of that
	each  int        // bytes of it for each tile

	next  uintptr // where the first tile of the next call fetches
	share int     // bytes from there to where the second one does
}

// A stretch is memory to be fetched: a hint, that need not be right.
type stretch struct {
	at    uintptr
	bytes int
}

// cut takes some bytes off the front.
func (s *stretch) cut(bytes int) { s.at, s.bytes = s.at+uintptr(bytes), s.bytes-bytes }

// nearby is the most elements of weights that are taken to stay in the second-level cache: a megabyte.
const nearby = 1 << 18

// begin prepares for a product of so many rows by b.
func (e *errands) begin(soon *Soon, rows int, b *Packed) {
	e.next = address(b.data, 0)
	bytes := 0
	for i, s := range soon {
		e.soon[i] = stretch{address(s, 0), 4 * len(s)}
		bytes += 4 * len(s)
	}
	if e.ahead = bytes == 0 || len(b.data) > nearby; e.ahead || len(b.data) == 0 {
		return
	}
	lo, hi := b.columns(b.cut.panels - 1) // the narrowest
	blocks := b.cut.panels * ((b.k + blockK - 1) / blockK)
	tiles := tilesOf(rows, hi-lo)*blocks - len(soon) // the last one of a stretch may find less than its share
	e.each = (bytes/max(1, tiles) + cacheLine) &^ (cacheLine - 1)
}

// tilesOf returns how many tiles make rows of so many columns.
func tilesOf(rows, columns int) int {
	vectors := columns / vectorLanes()
	height, width := tileSize(rows, vectors)
	return (rows + height - 1) / height * ((vectors + width - 1) / width)
}

// newBlock tells of the block that follows the one to be computed now: steps along k of so many columns.
func (e *errands) newBlock(next uintptr, rows, k, columns int) {
	if e.ahead {
		e.block = stretch{next, 4 * k * columns}
		e.part = e.block.bytes/tilesOf(rows, columns) + 1
	}
}

// take gives the next tiles something to fetch and returns how many of them it is for.
func (e *errands) take(tiles int) int {
	if e.ahead {
		e.next, e.share = e.block.at, e.part
		e.block.cut(tiles * e.part)
		return tiles
	}
	for i := range e.soon {
		if s := &e.soon[i]; s.bytes > 0 {
			tiles = min(tiles, (s.bytes+e.each-1)/e.each)
			e.next, e.share = s.at, e.each
			s.cut(tiles * e.each)
			return tiles
		}
	}
	e.share = 0
	return tiles
}
