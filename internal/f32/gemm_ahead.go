package f32

// Soon is memory that is needed after a product.
type Soon [4][]float32

// Errands are what the tiles of a packed product fetch into the second-level cache while they compute, a line in every
// step along k. The first tiles of a block of b fetch the block after it, if b is so large that it may have left that cache
// since it was used last. All others fetch what is needed soon, in equal shares.
type errands struct {
	large bool       // b is
	tiles int        // left of this block that fetch the next one
	block stretch    // what is left of that
	part  int        // bytes of it for each tile
	soon  [4]stretch // what is left
	each  int        // bytes of it for each tile

	next  uintptr // where the first tile of the next call fetches
	share int     // bytes from there to where the second one does
}

// A stretch is memory to be fetched: hints, that need not be right.
type stretch struct {
	at    uintptr
	bytes int
}

// cut takes some bytes off the front.
func (s *stretch) cut(bytes int) { s.at, s.bytes = s.at+uintptr(bytes), s.bytes-bytes }

// nearby is the most elements of a packed matrix that is taken to stay in the second-level cache: half a megabyte.
const nearby = 1 << 17

// begin prepares for a product of so many rows by b.
func (e *errands) begin(soon *Soon, rows int, b *Packed) {
	e.large, e.next = len(b.data) > nearby, address(b.data, 0)
	bytes := 0
	for i, s := range soon {
		e.soon[i] = stretch{address(s, 0), 4 * len(s)}
		bytes += 4 * len(s)
	}
	if bytes == 0 || b.cut.panels == 0 {
		return
	}
	lo, hi := b.columns(b.cut.panels - 1) // the narrowest
	each := tilesOf(rows, hi-lo)
	if e.large {
		each -= most(each)
	}
	// The last tile of a stretch may find less than its share.
	tiles := each*b.cut.panels*((b.k+blockK-1)/blockK) - len(soon)
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
	if e.large {
		e.tiles = most(tilesOf(rows, columns))
		e.block = stretch{next, 4 * k * columns}
		e.part = e.block.bytes/e.tiles + 1
	}
}

// most returns how many of the tiles of a block fetch the next one. Three could, but the more requests are under way, the
// longer do the loads of the product itself wait.
func most(tiles int) int { return (3*tiles + 3) / 4 }

// take gives the next tiles something to fetch and returns how many of them it is for.
func (e *errands) take(tiles int) int {
	if e.tiles > 0 {
		tiles = min(tiles, e.tiles)
		e.tiles -= tiles
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
