package kernels

import (
	"slices"

	"github.com/seed-f4dd853e/elman/internal/f32/_asm/ir"
)

// A Tiling is how a target cuts products into tiles of C that stay in registers.
type Tiling struct {
	// Heights has the most rows of a tile that is 1, 2, ... vectors wide; 0 if there is none. The sums of a tile, a row of B and
	// an element of A share the registers. Few rows make up in width, as the sums must be enough to keep the multipliers
	// busy: two for each cycle, four cycles each.
	Heights []int
	// Unit is how many registers make a vector here, so that there are fewer sizes; 0 stands for 1.
	Unit int
	// Width is the vectors in a tile of many rows, Narrow those in another size of tile, for which package f32 has the rule;
	// 0 if there is none.
	Width, Narrow int
	// BlockK is the most steps along k at a time for many rows. A panel of B should stay in the second-level cache while the
	// tiles of all rows pass over it, or a strip of it in the first where tiles are low and need B often.
	BlockK int
	// Ahead is how many steps of k before it is used a line of a packed B is fetched into the first-level cache; 0 is never.
	Ahead int
	// Unroll is the most steps of k at a time.
	Unroll int
	// Left says that a tile wider than high keeps an element of A of each row in registers and loads every vector of B for its
	// few uses, not the other way round.
	Left bool
	// MaskedStores says that the last vector of a row is always stored by its mask, as that costs nothing. Loads by masks cost
	// 0.7 % of a product.
	MaskedStores bool
	// Panels says that one call computes panels of a packed B beside each other.
	Panels bool
	// Cached is the most elements of weights that are taken to stay in the second-level cache.
	Cached int
	// PackRows and PackStride are from how many rows of C and columns of B on the gradient of a matrix packs pieces of B.
	PackRows, PackStride int
}

// tilings has the table of each target.
var tilings = map[string]Tiling{
	// Reading B as it lies is faster in gradients, unless its rows are so long that they compete for few places of the caches.
	"AVX512": {Heights: []int{8, 8, 8, 3, 3, 3, 2, 2, 15: 1}, Width: 3, Unroll: 4, BlockK: 512, Ahead: 8, MaskedStores: true, Cached: 1 << 18, PackRows: 128, PackStride: 1024},
	// A strip of 256 rows and 16 columns of B takes half of 32 KB. Processors that have AVX2 alone mostly have second-level
	// caches of 256 or 512 KB, and pass over B more often than those with AVX-512.
	"AVX2": {Heights: []int{6, 6, 4, 2, 2, 1, 1, 1}, Width: 3, Narrow: 2, Unroll: 4, BlockK: 256, Cached: 1 << 16, PackRows: 64},
	"NEON": {Heights: []int{8, 3, 1, 1}, Unit: 2, Width: 1, Unroll: 4, BlockK: 256, Cached: 1 << 17, PackRows: 64},
	// An engine keeps 15 registers on amd64 and neither spills well nor reorders: of a peak of 58, in Chromium on Zen 4, 6 x 2
	// reached 54 GFLOP/s, 3 x 3 47 and 2 x 6 50, but 4 x 3 and 3 x 4 only 27, and so did 2 x 6 that held vectors of B. One row
	// waits for B: 25 with 4 or 6 vectors, 20 with 12.
	"SIMD": {Heights: []int{6, 6, 3, 2, 2, 2}, Width: 2, Unroll: 2, Left: true, Panels: true, BlockK: 256, Cached: 1 << 16, PackRows: 64},
}

// PlainGo is the table of the twins, whose tiles are a row of a panel, of vectors of one element.
var PlainGo = Tiling{Heights: slices.Repeat([]int{FewRows}, 16*panelVectors), Width: 16 * panelVectors, BlockK: 512, Cached: 1 << 18}

// Registers returns how many registers so many vectors take.
func (t Tiling) Registers(vectors int) int { return vectors * max(1, t.Unit) }

// Height returns the most rows of a tile that is so many vectors wide.
func (t Tiling) Height(vectors int) int { return t.Heights[vectors-1] }

// Round returns the steps of k in a round of the loop of tall tiles. amd64, the target with masks, starts enough instructions at
// once for one.
func (t Tiling) Round(target *ir.Target) int {
	if target.Masks {
		return 1
	}
	return t.Unroll
}

// Widest returns the vectors in the widest tile of so many rows.
func (t Tiling) Widest(rows int) int {
	for v := len(t.Heights); v > 1; v-- {
		if t.Height(v) >= rows {
			return v
		}
	}
	return 1
}

// Gapless returns the most vectors for which there is a tile of so many rows, and of all smaller widths too.
func (t Tiling) Gapless(rows int) int {
	v := 1
	for v < len(t.Heights) && t.Height(v+1) >= rows {
		v++
	}
	return v
}

// TilingOf returns the table of a target.
func TilingOf(t *ir.Target) Tiling {
	tiling, ok := tilings[t.Name]
	if !ok {
		panic("kernels: no tiling of " + t.Name)
	}
	return tiling
}
