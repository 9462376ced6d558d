package f32

// A Prefetch is memory that is needed soon after a product: a hint, that need not be right.
type Prefetch [4][]float32

// A prefetcher is what the tiles of a packed product prefetch into the second-level cache while they compute, a line in
// every step along k, in equal shares: while a block of weights is used the block after it, or beside small weights what
// is needed after the product, if there is any. Both at once were tried: requests under way keep the loads of the product
// itself waiting, and an LSTM of 512 units lost 4 % where it was to win 1.
type prefetcher struct {
	blocks     bool      // the next block of weights is prefetched
	block      memory    // what is left of it
	blockShare int       // bytes of it for each tile
	after      [4]memory // what is left of what is needed after the product
	afterShare int       // bytes of it for each tile

	next  uintptr // what the first tile of the next call prefetches
	share int     // bytes from there to what the second one does
}

// A memory is some bytes at an address.
type memory struct {
	at    uintptr
	bytes int
}

// skip takes some bytes off the front.
func (m *memory) skip(bytes int) { m.at, m.bytes = m.at+uintptr(bytes), m.bytes-bytes }

// begin prepares for a product of this many rows by b.
func (f *prefetcher) begin(after *Prefetch, rows int, b *Packed) {
	f.next = address(b.data, 0)
	bytes := 0
	for i, s := range after {
		f.after[i] = memory{address(s, 0), 4 * len(s)}
		bytes += 4 * len(s)
	}
	if f.blocks = bytes == 0 || len(b.data) > active.tiling().cached; f.blocks || len(b.data) == 0 {
		return
	}
	lo, hi := b.columns(b.panels.count - 1) // the narrowest
	step := active.tiling().steps(rows)
	tiles := tilesOf(rows, hi-lo, min(b.k, step))
	if rest := b.k % step; rest > 0 && b.k > step {
		tiles = min(tiles, tilesOf(rows, hi-lo, rest))
	}
	tiles *= b.panels.count * ((b.k + step - 1) / step)
	tiles -= len(after) // the last one of each memory may find less than its share
	f.afterShare = (bytes/max(1, tiles) + cacheLine) &^ (cacheLine - 1)
}

// tilesOf returns how many tiles make rows of this many columns.
func tilesOf(rows, columns, k int) int {
	t := active.tiling()
	vectors := columns / t.unit
	height, width := t.tile(rows, vectors, k)
	return (rows + height - 1) / height * ((vectors + width - 1) / width)
}

// newBlock tells of the block that follows the one to be computed now: steps along k of this many columns.
func (f *prefetcher) newBlock(next uintptr, rows, k, columns int) {
	if f.blocks {
		f.block = memory{next, 4 * k * columns}
		f.blockShare = f.block.bytes/tilesOf(rows, columns, k) + 1
	}
}

// covers says whether one take is enough for so many tiles.
func (f *prefetcher) covers(tiles int) bool {
	if !f.blocks {
		for _, m := range f.after {
			if m.bytes > 0 {
				return (m.bytes+f.afterShare-1)/f.afterShare >= tiles
			}
		}
	}
	return true
}

// take gives the next tiles something to prefetch and returns how many of them it is for.
func (f *prefetcher) take(tiles int) int {
	if f.blocks {
		f.next, f.share = f.block.at, f.blockShare
		f.block.skip(tiles * f.blockShare)
		return tiles
	}
	for i := range f.after {
		if m := &f.after[i]; m.bytes > 0 {
			tiles = min(tiles, (m.bytes+f.afterShare-1)/f.afterShare)
			f.next, f.share = m.at, f.afterShare
			m.skip(tiles * f.afterShare)
			return tiles
		}
	}
	f.share = 0
	return tiles
}
